using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Florin.Activity;
using Florin.Identity;
using Florin.Ledger;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Admin;

/// <summary>
/// <c>POST /v1/adjustments/{id}/approve</c>: another one of finance than who proposed it moves the money, in the commit that takes the decision;
/// <c>…/reject</c>: any of finance turns it down, or takes it back. What a wallet or shop has not got it cannot lose: the ledger refuses.
/// </summary>
internal static class DecideAdjustment
{
    private const string PostingKind = "adjustment";

    /// <param name="Password">Needed where the sign-in is older than ten minutes.</param>
    public sealed record ApproveRequest([property: Secret] [property: StringLength(1024)] string? Password = null);

    /// <param name="Note">Why, 3 to 200 characters.</param>
    public sealed record RejectRequest([property: Required, StringLength(200, MinimumLength = 3)] string Note);

    public static void Map(RouteGroupBuilder adjustments)
    {
        adjustments.MapPost("/{id}/approve", ApproveAsync).RequireAuthorization(Policies.Finance).LimitRate(RateLimit.Money).Produces<AdjustmentView>();
        adjustments.MapPost("/{id}/reject", RejectAsync).RequireAuthorization(Policies.Finance).LimitRate(RateLimit.Money).Produces<AdjustmentView>();
    }

    private static async Task<IResult> ApproveAsync(
        string id,
        ApproveRequest? request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        AdjustmentRules rules,
        Proofs proofs,
        FlorinDb db,
        GeneralLedger ledger,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, id);
        await proofs.RequireFreshOrPasswordAsync(http, caller, request?.Password, cancel);
        var proposal = await FindAsync(db, id, cancel);
        if (proposal.ProposedBy == caller.Person)
        {
            throw AdminRefusals.OwnAdjustment.With();
        }

        await rules.DemandAsync(caller, proposal.FromAccount, proposal.ToAccount, proposal.Money, cancel);
        var posting = new PostingDraft(PostingKind, new Move(proposal.FromAccount, proposal.ToAccount, proposal.Amount))
        {
            Reference = proposal.PublicId,
            Metadata = JsonSerializer.Serialize(
                new { proposed_by = Ids.Show("usr", proposal.ProposedBy), approved_by = Ids.Show("usr", caller.Person) },
                Wire.Json
            ),
        };
        var approved = proposal with { State = Adjustment.Approved, DecidedBy = caller.Person, DecidedAt = clock.GetUtcNow(), Posting = posting.Id };
        // Both stood before the book for it, so that no proof of the payer is asked.
        var commit = Decision(approved, key, activity.Entry(http, "admin.adjustment_approved", details: Details(approved)), payerProven: true);
        commit.Postings.Add(posting);
        return (await ledger.CommitAsync(commit)).Required;
    }

    private static async Task<IResult> RejectAsync(
        string id,
        RejectRequest request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        FlorinDb db,
        GeneralLedger ledger,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        var rejected = (await FindAsync(db, id, cancel)) with
        {
            State = Adjustment.Rejected,
            DecidedBy = caller.Person,
            DecidedAt = clock.GetUtcNow(),
            Note = Names.Clean(request.Note, "note", 200, lines: false),
        };
        var commit = Decision(rejected, key, activity.Entry(http, "admin.adjustment_rejected", details: Details(rejected)), payerProven: false);
        return (await ledger.CommitAsync(commit)).Required;
    }

    private static LedgerCommit Decision(Adjustment decided, IdempotencyKey key, ActivityEntry entry, bool payerProven) =>
        new()
        {
            Key = key,
            PayerProven = payerProven,
            Rows = { Adjustment.Decide(decided) },
            Inserts = { ActivityLog.Row(entry) },
            Complete = _ => Answer.Json(200, AdjustmentView.Of(decided)),
        };

    private static async Task<Adjustment> FindAsync(FlorinDb db, string id, CancellationToken cancel)
    {
        var key = Ids.Read(Adjustment.Prefix, id);
        return await db.Adjustments.AsNoTracking().SingleOrDefaultAsync(one => one.Id == key, cancel) ?? throw PlatformRefusals.NotFound.With();
    }

    private static object Details(Adjustment decided)
    {
        var view = AdjustmentView.Of(decided);
        return new
        {
            adjustment = view.Id,
            view.From,
            view.To,
            view.Amount,
            view.ProposedBy,
            view.Posting,
            view.Note,
        };
    }
}
