using System.Diagnostics.CodeAnalysis;
using Florin.Money;
using Florin.Platform;
using Npgsql;

namespace Florin.Wallets;

/// <summary>
/// Finds wallets by id, number or account. Only facts that never change are kept in memory, so that no server can hold a stale one; a payment
/// of a known wallet reads nothing from the database.
/// </summary>
/// <param name="database">Where they are read on a miss.</param>
public sealed class WalletFacts(Database database)
{
    /// <summary>How many wallets are kept at most, about 60 MB.</summary>
    private const int Limit = 200_000;

    private const string Columns = "select id, person_id, account_id, currency, number from wallets.wallets where ";

    private readonly RecentMemory<Guid, WalletFact> byId = new(Limit);
    private readonly RecentMemory<string, WalletFact> byNumber = new(Limit, StringComparer.Ordinal);
    private int misses;

    /// <summary>How many reads of the database there were; a test holds that a payment makes none.</summary>
    internal int Misses => Volatile.Read(ref misses);

    /// <summary>The person's own wallet by its public id; another's and a missing one are alike.</summary>
    /// <exception cref="Refusal"><c>not_found</c></exception>
    public async ValueTask<WalletFact> OwnAsync(Guid person, string publicId, CancellationToken cancel)
    {
        var id = Ids.Read(Wallet.Prefix, publicId);
        if (!byId.TryGet(id, out var fact))
        {
            fact = await ReadOneAsync(Columns + "id = $1", id, cancel);
        }

        return fact is not null && fact.Person == person ? fact : throw PlatformRefusals.NotFound.With();
    }

    /// <summary>Anybody's wallet by its number; null where no wallet has it.</summary>
    public async ValueTask<WalletFact?> ByNumberAsync(string number, CancellationToken cancel) =>
        byNumber.TryGet(number, out var fact) ? fact : await ReadOneAsync(Columns + "number = $1", number, cancel);

    /// <summary>Those of these numbers that are wallets' already.</summary>
    public async Task<IReadOnlySet<string>> TakenAsync(IReadOnlyCollection<string> numbers, CancellationToken cancel) =>
        (await ReadAsync(Columns + "number = any($1)", numbers.ToArray(), cancel)).Select(fact => fact.Number).ToHashSet(StringComparer.Ordinal);

    /// <summary>The open wallets of a person, oldest first.</summary>
    public async Task<IReadOnlyList<WalletFact>> OfPersonAsync(Guid person, CancellationToken cancel) =>
        await ReadAsync(Columns + "person_id = $1 and closed_at is null order by id", person, cancel);

    /// <summary>The wallets among these ledger accounts; accounts that are no wallet's are left out.</summary>
    public async Task<IReadOnlyDictionary<long, WalletFact>> ByAccountsAsync(IReadOnlyCollection<long> accounts, CancellationToken cancel) =>
        accounts.Count == 0
            ? new Dictionary<long, WalletFact>()
            : (await ReadAsync(Columns + "account_id = any($1)", accounts.ToArray(), cancel)).ToDictionary(fact => fact.Account);

    /// <summary>Keeps a wallet that was read or made.</summary>
    internal void Keep(WalletFact fact)
    {
        byId.Keep(fact.Id, fact);
        byNumber.Keep(fact.Number, fact);
    }

    [SuppressMessage("Security", "CA2100", Justification = "constants of this file")]
    private async Task<WalletFact?> ReadOneAsync<T>(string sql, T parameter, CancellationToken cancel) =>
        (await ReadAsync(sql, parameter, cancel)) is [var fact] ? fact : null;

    private async Task<List<WalletFact>> ReadAsync<T>(string sql, T parameter, CancellationToken cancel)
    {
        Interlocked.Increment(ref misses);
        await using var command = database.Source.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = parameter });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var facts = new List<WalletFact>();
        while (await reader.ReadAsync(cancel))
        {
            var currency = Currency.Of(reader.GetString(3));
            var fact = new WalletFact(reader.GetGuid(0), reader.GetGuid(1), reader.GetInt64(2), currency, reader.GetString(4));
            Keep(fact);
            facts.Add(fact);
        }

        return facts;
    }
}
