using System.Security.Cryptography;
using Florin.Platform;
using Npgsql;

namespace Florin.Admin.Backups;

/// <summary>A database for proving an archive: made, filled, verified, compared and dropped.</summary>
internal static class Scratch
{
    /// <summary>Proves before the work begins that there is a role that may make databases.</summary>
    /// <exception cref="CommandFailure">There is none.</exception>
    public static void Demand(Settings settings)
    {
        if (settings.DatabaseSuperuserConnection.Length == 0)
        {
            throw new CommandFailure("set FLORIN_DATABASE_SUPERUSER to a role that may make databases, for the scratch database", Commands.Misused);
        }
    }

    /// <summary>Restores an archive, verifies and compares it.</summary>
    /// <exception cref="CommandFailure">It is not what it should be.</exception>
    public static async Task ProveAsync(CommandCall call, string path, Manifest manifest, CancellationToken cancel)
    {
        var settings = call.Get<Settings>();
        var owner = new NpgsqlConnectionStringBuilder(settings.DatabaseOwnerConnection);
        var name = "florin_scratch_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
        await Archive.CheckAsync(path, cancel);
        call.Say($"restoring it into the scratch database {name} …");
        await using var connection = new NpgsqlConnection(BackUp.Unpooled(settings.DatabaseSuperuserConnection));
        await connection.OpenAsync(cancel);
        await TableFacts.ExecuteAsync(connection, $"create database {name} owner {TableFacts.Quote(owner.Username!)} template template0", cancel);
        try
        {
            await TableFacts.ExecuteAsync(connection, $"revoke all on database {name} from public", cancel);
            owner.Database = name;
            await Restore.LoadAsync(path, owner.ConnectionString, [], cancel);
            await Restore.CompareAsync(call, owner.ConnectionString, manifest, cancel);
        }
        finally
        {
            await TableFacts.ExecuteAsync(connection, $"drop database {name} with (force)", CancellationToken.None);
        }

        call.Print("proved: the scratch database's book is clean, and every table is as it was");
    }
}
