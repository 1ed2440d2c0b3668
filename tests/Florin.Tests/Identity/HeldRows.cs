using Npgsql;

namespace Florin.Tests.Identity;

/// <summary>Locks that the test holds in a connection of its own, so that what the program does stops halfway until they are let go.</summary>
internal sealed class HeldRows : IAsyncDisposable
{
    private readonly TestDatabase database;
    private readonly NpgsqlConnection connection;
    private int waiting;

    private HeldRows(TestDatabase database, NpgsqlConnection connection)
    {
        this.database = database;
        this.connection = connection;
    }

    /// <param name="database">Where.</param>
    /// <param name="sql">What takes the locks, with <c>$1</c> for the id.</param>
    /// <param name="id">Whose.</param>
    public static async Task<HeldRows> HoldAsync(TestDatabase database, string sql, Guid id)
    {
        var opened = new NpgsqlConnection(database.SuperuserConnection);
        await opened.OpenAsync(TestContext.Current.CancellationToken);
        await RunAsync(opened, "begin");
        await using var hold = new NpgsqlCommand(sql, opened) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = id } } };
        await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return new HeldRows(database, opened);
    }

    /// <summary>The sessions of a person: what ends them all waits with its transaction open.</summary>
    public static Task<HeldRows> SessionsAsync(SignedIn who) =>
        HoldAsync(who.App.Database, "select id from identity.sessions where person_id = $1 for update", who.Id);

    /// <summary>Begins something, and comes back when it stands still at a lock.</summary>
    public async Task<Task<T>> BeginAsync<T>(Func<Task<T>> what)
    {
        var begun = what();
        waiting++;
        await database.WaitAsync(
            $"select count(*) >= {waiting} from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and pid <> pg_backend_pid()"
        );
        return begun;
    }

    /// <summary>Lets all go, and keeps what was written while it was taken.</summary>
    public async Task CommitAsync()
    {
        await RunAsync(connection, "commit");
        await DisposeAsync();
    }

    /// <summary>Lets all go.</summary>
    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private static async Task RunAsync(NpgsqlConnection on, string sql)
    {
        await using var command = new NpgsqlCommand(sql, on);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
