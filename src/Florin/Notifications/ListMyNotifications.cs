using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Notifications;

/// <summary>How a person is told of what, and what they are always told.</summary>
internal static class ListMyNotifications
{
    /// <param name="Receipts">Receipts of what they paid.</param>
    /// <param name="Refunds">Money that went back, or could not.</param>
    /// <param name="Fees">Fees, and wallets that are blocked until one is paid.</param>
    /// <param name="MoneyReceived">Money that somebody sent.</param>
    /// <param name="Sales">What their shops were paid.</param>
    /// <param name="Vouchers">Vouchers that were given to them, end soon, or were refunded.</param>
    /// <param name="AlwaysSent">What is about the safety of the account, and no choice: <c>new_device</c>, <c>password_changed</c> …</param>
    public sealed record Response(
        NoticeChannel Receipts,
        NoticeChannel Refunds,
        NoticeChannel Fees,
        NoticeChannel MoneyReceived,
        NoticeChannel Sales,
        NoticeChannel Vouchers,
        IReadOnlyList<string> AlwaysSent
    );

    internal static void Map(RouteGroupBuilder me) => me.MapGet("/notifications", HandleAsync);

    /// <summary>What holds for a person: their choices, and the usual where they made none.</summary>
    internal static async Task<Response> ShowAsync(FlorinDb db, Guid person, CancellationToken cancel)
    {
        var chosen = await db
            .NoticeChoices.AsNoTracking()
            .Where(choice => choice.Person == person)
            .ToDictionaryAsync(choice => choice.Kind, choice => choice.Channel, cancel);
        NoticeChannel Of(string kind) => chosen.TryGetValue(kind, out var channel) ? channel : NoticeKinds.Usual[kind];
        return new Response(
            Of(NoticeKinds.Receipts),
            Of(NoticeKinds.Refunds),
            Of(NoticeKinds.Fees),
            Of(NoticeKinds.MoneyReceived),
            Of(NoticeKinds.Sales),
            Of(NoticeKinds.Vouchers),
            MessageTemplates.AlwaysSent
        );
    }

    private static Task<Response> HandleAsync(Caller caller, FlorinDb db, CancellationToken cancel) => ShowAsync(db, caller.Person, cancel);
}
