using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Identity;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>Takes money out of a wallet. It stands in payout clearing until it is paid out; the sandbox gateway pays at once.</summary>
internal static class WithdrawMoney
{
    /// <param name="Amount">In the wallet's currency, above zero.</param>
    /// <param name="Note">Up to 140 characters, shown on statements.</param>
    /// <param name="Pin">The owner's PIN; needed above the wallet's PIN limit.</param>
    public sealed record Request(
        Amount Amount,
        [property: StringLength(Notes.Length)] string? Note = null,
        [property: Secret] [property: StringLength(6)] string? Pin = null
    );

    public static void Map(RouteGroupBuilder routes) =>
        routes.MapPost("/{id}/withdrawals", HandleAsync).RequireAuthorization(WalletsModule.Write).LimitRate(RateLimit.Money).Produces<WithdrawalView>(201);

    private static async Task<IResult> HandleAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        WalletFacts facts,
        Pins pins,
        PayoutClearing clearing,
        GeneralLedger ledger,
        ActivityLog activity,
        Settings settings,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        var wallet = await facts.OwnAsync(caller.Person, id, cancel);
        wallet.Demand(request.Amount);
        var note = Notes.Clean(request.Note);
        if (request.Pin is not null)
        {
            await pins.VerifyAsync(caller.Person, request.Pin, cancel);
        }

        var row = NewRow(wallet, request.Amount, note, settings.Sandbox, clock.GetUtcNow());
        var view = WithdrawalView.Of(row);
        var commit = new LedgerCommit
        {
            Key = key,
            PayerProven = request.Pin is not null,
            Postings = { await clearing.AskedAsync("withdrawal", row.Id, view.Id, wallet.Account, request.Amount, Notes.Metadata(note), cancel) },
            Inserts =
            {
                Withdrawal.Shape.Row(row),
                WalletEvents.Row("wallets.withdrawn", wallet, view),
                ActivityLog.Row(
                    activity.Entry(
                        http,
                        "wallets.withdrawn",
                        details: new
                        {
                            wallet = wallet.PublicId,
                            request.Amount,
                            withdrawal = view.Id,
                        }
                    )
                ),
            },
            Complete = _ => Answer.Json(201, view),
        };
        if (settings.Sandbox)
        {
            commit.Postings.Add(await clearing.PaidAsync(view.Id, request.Amount, sandbox: true, cancel));
        }

        return (await ledger.CommitAsync(commit)).Required;
    }

    private static Withdrawal NewRow(WalletFact wallet, Amount amount, string? note, bool paid, DateTimeOffset now) =>
        new()
        {
            Id = Ids.New(),
            WalletId = wallet.Id,
            Amount = amount.Minor,
            Currency = wallet.Currency.Code,
            Note = note,
            State = paid ? Withdrawal.Paid : Withdrawal.Pending,
            RequestedAt = now,
            EndedAt = paid ? now : null,
        };
}
