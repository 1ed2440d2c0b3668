using System.Globalization;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;

namespace Florin.Tests.Ledger;

/// <summary>Short words for tests of the ledger itself.</summary>
internal sealed class Book(FlorinApp app)
{
    public static readonly Currency Usd = Currency.Of("USD");
    public static readonly Currency Kzt = Currency.Of("KZT");
    private readonly Guid owner = Guid.NewGuid();

    public GeneralLedger Ledger => app.Get<GeneralLedger>();

    public async Task<long> OpenAsync(long balance = 0, Currency? currency = null, long floor = 0, long? proofLimit = null)
    {
        var id = await Ledger.NewAccountIdAsync(CancellationToken.None);
        var commit = new LedgerCommit();
        commit.Opens.Add(new AccountDraft(id, currency ?? Usd, "wallet") { Floor = floor, ProofLimit = proofLimit });
        if (balance > 0)
        {
            commit.Postings.Add(new PostingDraft("deposit", new Move(await WorldAsync(currency), id, balance)));
        }

        await Ledger.CommitAsync(commit);
        return id;
    }

    public ValueTask<long> WorldAsync(Currency? currency = null) => app.Get<HouseAccounts>().GatewayAsync("sandbox", currency ?? Usd, CancellationToken.None);

    public IdempotencyKey Key(string key, byte body = 1) => new(owner, key, [body]);

    public static LedgerCommit Transfer(long from, long to, long amount, IdempotencyKey? key = null) =>
        new()
        {
            Key = key,
            Postings = { new PostingDraft("transfer", new Move(from, to, amount)) },
            Complete = outcome => Answer.Json(201, new { left = outcome[from].Balance.ToString(CultureInfo.InvariantCulture) }),
        };

    public async Task<AccountView> AccountAsync(long id) => (await app.Get<LedgerReads>().AccountsAsync([id], CancellationToken.None))[id];

    public async Task<RefusalCode?> TryAsync(LedgerCommit commit)
    {
        try
        {
            await Ledger.CommitAsync(commit);
            return null;
        }
        catch (Refusal refusal)
        {
            return refusal.Reason;
        }
    }

    public static async Task CheckCleanAsync(FlorinApp app)
    {
        await foreach (var check in app.Get<LedgerVerification>().RunAsync(CancellationToken.None))
        {
            Assert.True(check.FirstBroken is null, $"{check.Invariant}: {check.FirstBroken}");
        }
    }
}
