using System.Globalization;
using Florin.Money;
using Florin.Platform;

namespace Florin.Compat.WalletApi;

/// <summary>A wallet as seed 5 showed it.</summary>
internal sealed record UserWallet(
    long Id,
    string WalletNumber,
    string Name,
    string Amount,
    string AmountCurrency,
    bool IsActive,
    string CreatedAt,
    string UpdatedAt,
    Guid User
)
{
    /// <summary>The kind of its small integer ids.</summary>
    public const string Kind = "wallet_api.wallet";

    private sealed record Entry(DateTimeOffset PostedAt);

    /// <summary>The caller's.</summary>
    public static async Task<IReadOnlyList<UserWallet>> ListAsync(EdgeApi api, CompatIds ids, Guid owner, CancellationToken cancel)
    {
        var wallets = (await api.GetAsync<Page<OwnWallet>>("/v1/wallets")).Data;
        var numbers = await ids.NumbersAsync(Kind, [.. wallets.Select(wallet => wallet.Uuid)], cancel);
        var shown = new List<UserWallet>();
        foreach (var wallet in wallets)
        {
            shown.Add(await OfAsync(wallet, numbers[wallet.Uuid], owner, api));
        }

        return shown;
    }

    /// <summary>One of them.</summary>
    public static async Task<UserWallet> OfAsync(OwnWallet wallet, long number, Guid owner, EdgeApi api)
    {
        var last = await api.GetAsync<Page<Entry>>($"/v1/wallets/{wallet.Id}/entries?limit=1");
        return new UserWallet(
            number,
            wallet.Number,
            wallet.Name,
            EdgeFormats.Decimal(wallet.Balance),
            wallet.Currency.Code,
            !wallet.Blocked,
            EdgeFormats.Time(wallet.CreatedAt),
            EdgeFormats.Time(last.Data.Count > 0 ? last.Data[0].PostedAt : wallet.CreatedAt),
            owner
        );
    }

    /// <summary>The caller's wallet of a small id; another's is not found.</summary>
    /// <exception cref="Refusal"><c>not_found</c></exception>
    public static async Task<OwnWallet> FindAsync(string id, EdgeApi api, CompatIds ids, CancellationToken cancel)
    {
        var known = long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? await ids.FindAsync(Kind, number, cancel) : null;
        return await api.GetAsync<OwnWallet>("/v1/wallets/" + Ids.Show("wal", known ?? throw PlatformRefusals.NotFound.With()));
    }
}

/// <summary>A wallet of the caller, as <c>/v1</c> shows it.</summary>
internal sealed record OwnWallet(string Id, string Number, string Name, Currency Currency, Amount Balance, bool Blocked, DateTimeOffset CreatedAt)
{
    /// <summary>The UUID in its id.</summary>
    public Guid Uuid => Ids.Read("wal", Id);
}
