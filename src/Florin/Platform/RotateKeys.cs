using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Npgsql;

namespace Florin.Platform;

/// <summary>A column whose values <see cref="Secrets.Encrypt(ReadOnlySpan{byte}, string)"/> made. A module registers its own, so that they can be sealed anew.</summary>
/// <param name="Table">With its schema.</param>
/// <param name="Column">A <c>bytea</c>; null where there is nothing.</param>
/// <param name="Keys">The columns that the context is made of.</param>
/// <param name="Context">The context, from the values of <paramref name="Keys"/> as PostgreSQL writes them.</param>
public sealed record SealedColumn(string Table, string Column, IReadOnlyList<string> Keys, Func<IReadOnlyList<string>, string> Context);

/// <summary>
/// <c>./florin rotate-keys</c>: seals under the installation's secret of now what the former one sealed, value by value and safe to repeat, while servers that
/// know both go on.
/// </summary>
internal static class RotateKeys
{
    private const int MostPasses = 5;

    public static readonly Command Command = new("rotate-keys", "seal under FLORIN_SECRET_KEY what FLORIN_SECRET_KEY_FORMER sealed", RunAsync)
    {
        Options = [new("--check", "change nothing, and end with 1 where something is still sealed by the former secret")],
        More = """
              Set FLORIN_SECRET_KEY to the new secret and FLORIN_SECRET_KEY_FORMER to the old one, restart every server, run this, and only then
              take FLORIN_SECRET_KEY_FORMER away. docs/operations.md says what is sealed anew and what is not.
            """,
    };

    private static async Task<int> RunAsync(CommandCall call, CancellationToken cancel)
    {
        var settings = call.Get<Settings>();
        var secrets = call.Get<Secrets>();
        if (!secrets.HasFormer)
        {
            throw new CommandFailure("set FLORIN_SECRET_KEY_FORMER to the secret that is to go, and FLORIN_SECRET_KEY to the new one", Commands.Misused);
        }

        if (settings.DatabaseOwnerConnection.Length == 0)
        {
            throw new CommandFailure("set FLORIN_DATABASE_OWNER: the server's own role may not change sealed columns", Commands.Misused);
        }

        var check = call.Has("--check");
        await using var source = NpgsqlDataSource.Create(settings.DatabaseOwnerConnection);
        var (former, unreadable) = (0L, 0L);
        foreach (var column in call.Services.GetServices<SealedColumn>().OrderBy(one => one.Table + one.Column, StringComparer.Ordinal))
        {
            call.Say($"{column.Table}.{column.Column} …");
            var counts = await PassAsync(source, secrets, column, check, cancel);
            call.Print(
                $"{column.Table}.{column.Column}: {counts.Current} current, {counts.Former} {(check ? "former" : "sealed anew")}, {counts.Broken} unreadable"
            );
            unreadable += counts.Broken;
            former += counts.Former;
            var left = counts.Former;
            for (var pass = 1; !check && left > 0; pass++)
            {
                // A row that changed while it was sealed anew stays as it was, and has its turn again.
                left =
                    pass > MostPasses
                        ? throw new CommandFailure(
                            $"{column.Table}.{column.Column} is still being sealed by the former secret: restart every server with the new one"
                        )
                        : (await PassAsync(source, secrets, column, check, cancel)).Former;
            }
        }

        if (unreadable > 0)
        {
            throw new CommandFailure($"{unreadable} values were sealed by neither secret, and stay as they are");
        }

        call.Print(
            former == 0 ? "Nothing is sealed by the former secret: take FLORIN_SECRET_KEY_FORMER away."
            : check ? $"{former} values are sealed by the former secret: run ./florin rotate-keys."
            : $"{former} values were sealed anew: restart the servers without FLORIN_SECRET_KEY_FORMER."
        );
        return check && former > 0 ? Commands.Failed : Commands.Done;
    }

    [SuppressMessage("Security", "CA2100", Justification = "names that modules registered, no input")]
    private static async Task<(long Current, long Former, long Broken)> PassAsync(
        NpgsqlDataSource source,
        Secrets secrets,
        SealedColumn column,
        bool check,
        CancellationToken cancel
    )
    {
        var (current, former, broken) = (0L, 0L, 0L);
        await using var writing = await source.OpenConnectionAsync(cancel);
        await using var reading = await source.OpenConnectionAsync(cancel);
        await using var command = new NpgsqlCommand(
            $"select ctid::text, {column.Column}, {string.Join(", ", column.Keys.Select(key => key + "::text"))} from {column.Table} where {column.Column} is not null",
            reading
        )
        {
            CommandTimeout = 0,
        };
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var value = reader.GetFieldValue<byte[]>(1);
            var context = column.Context([.. Enumerable.Range(2, column.Keys.Count).Select(reader.GetString)]);
            byte[]? renewed;
            try
            {
                renewed = secrets.Reseal(value, context);
            }
            catch (CryptographicException)
            {
                broken++;
                continue;
            }

            current += renewed is null ? 1 : 0;
            former += renewed is null ? 0 : 1;
            if (renewed is null || check)
            {
                continue;
            }

            await using var update = new NpgsqlCommand(
                $"update {column.Table} set {column.Column} = $1 where ctid = $2::tid and {column.Column} = $3",
                writing
            );
            update.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = renewed });
            update.Parameters.Add(new NpgsqlParameter<string> { TypedValue = reader.GetString(0) });
            update.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = value });
            await update.ExecuteNonQueryAsync(cancel);
        }

        return (current, former, broken);
    }
}
