using Florin.Money;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Qr.Pages;

/// <summary><c>/wallet/receive</c>: the code by which others send money to a wallet of the reader.</summary>
public static class ReceivePage
{
    /// <summary>What the page shows.</summary>
    public sealed record Form
    {
        internal IReadOnlyList<Purse> Wallets { get; init; } = [];

        internal Purse? Chosen { get; init; }

        internal string Payload { get; init; } = "";
    }

    /// <summary>What of a wallet is shown.</summary>
    internal sealed record Purse(string Id, string Number, string Name, Currency Currency);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("", ShowAsync);
        pages.MapGet("/{id}/qr", (string id, string? format, PageApi api) => ImageAsync(id, format, api));
    }

    private static async Task<IResult> ShowAsync(string? wallet, PageApi api, Settings settings)
    {
        var wallets = (await api.GetAsync<Page<Purse>>("/v1/wallets")).Data;
        var chosen = wallets.FirstOrDefault(one => string.Equals(one.Id, wallet, StringComparison.Ordinal)) ?? (wallets.Count > 0 ? wallets[0] : null);
        var payload = chosen is null ? "" : ShowWalletQr.PayloadOf(chosen.Number, settings);
        return PageAnswers.Page<Receive>(
            new Form
            {
                Wallets = wallets,
                Chosen = chosen,
                Payload = payload,
            }
        );
    }

    private static Task<IResult> ImageAsync(string id, string? format, PageApi api) =>
        api.PassAsync($"/v1/wallets/{Uri.EscapeDataString(id)}/qr?format={(format is "png" ? "png&size=1000" : "svg")}");
}
