using Florin.Money;
using Florin.Platform;

namespace Florin.Compat;

/// <summary>A wallet of the caller, as <c>GET /v1/wallets</c> shows it.</summary>
internal sealed record EdgeWallet(string Id, string Number, string Name, Currency Currency, Amount Balance, DateTimeOffset CreatedAt);

/// <summary>What the old systems' routes do with wallets.</summary>
internal static class EdgeWallets
{
    private sealed record Deposited(string State, string? PayUrl);

    /// <summary>The caller's wallet in a currency. Where the old systems made one with the account, it is opened when it is first asked for.</summary>
    /// <exception cref="Florin.Platform.Pages.PageRefusal">Those of <c>POST /v1/wallets</c></exception>
    public static async Task<EdgeWallet> OpenAsync(EdgeApi api, Currency currency)
    {
        var wallets = await api.GetAsync<Page<EdgeWallet>>("/v1/wallets");
        return wallets.Data.FirstOrDefault(wallet => wallet.Currency == currency)
            ?? await api.SendAsync<EdgeWallet>("POST", "/v1/wallets", new { currency }, step: "open wallet");
    }

    /// <summary>Puts money in: in sandbox mode at once; in live mode it has to be paid, which is refused with the address to do so.</summary>
    /// <param name="api">The way to <c>/v1</c>.</param>
    /// <param name="wallet"><c>wal_…</c></param>
    /// <param name="amount">In its currency.</param>
    /// <exception cref="Refusal"><c>pay_first</c></exception>
    public static async Task DepositAsync(EdgeApi api, string wallet, Amount amount)
    {
        var deposited = await api.SendAsync<Deposited>("POST", $"/v1/wallets/{wallet}/deposits", new { amount });
        if (deposited is { State: not "completed", PayUrl: { } url })
        {
            throw CompatRefusals.PayAt(url);
        }
    }
}
