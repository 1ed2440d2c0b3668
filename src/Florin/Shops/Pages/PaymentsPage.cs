using Florin.Payments;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Shops.Pages;

/// <summary><c>/portal/payments</c>: what the shop was paid and is to be paid, as it happens.</summary>
public static class PaymentsPage
{
    /// <summary>The list.</summary>
    /// <param name="Payments">A page of it.</param>
    /// <param name="State">Only this state; null for all.</param>
    public sealed record Shown(Page<PaymentView> Payments, string? State);

    internal static readonly IReadOnlyList<string> States = PaymentStates.All;

    internal static void Map(RouteGroupBuilder portal) => portal.MapGet("/payments", ShowAsync);

    private static async Task<IResult> ShowAsync(string? state, string? cursor, PortalShop portal, PageApi api)
    {
        var only = States.Contains(state) ? state : null;
        var query = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["limit"] = "30",
            ["state"] = only,
            ["cursor"] = cursor,
        };
        return PageAnswers.Page<PaymentList>(
            new Shown(
                await api.GetAsync<Page<PaymentView>>(Microsoft.AspNetCore.WebUtilities.QueryHelpers.AddQueryString($"/v1/shops/{portal.Id}/payments", query)),
                only
            )
        );
    }
}
