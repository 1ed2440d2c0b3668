using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Ledger;
using Florin.Platform;

namespace Florin.Identity;

/// <summary>
/// <c>POST /v1/users/{id}/verification</c>: sends somebody whose address nobody has proven yet the code again by which they choose a password, which
/// proves the address. Staff do not see the code.
/// </summary>
internal static class InviteUser
{
    private const string House = "Florin";

    /// <param name="Reason">3 to 200 characters; the person may read it in their activity.</param>
    public sealed record Request([property: Required, StringLength(StaffReason.Length, MinimumLength = StaffReason.Shortest)] string Reason);

    /// <param name="ExpiresAt">The code is not valid from then on.</param>
    public sealed record Response(DateTimeOffset ExpiresAt);

    internal static void Map(RouteGroupBuilder users) => users.MapPost("/{id}/verification", HandleAsync).RequireAuthorization(Policies.Support);

    private static async Task<Response> HandleAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        FlorinDb db,
        PasswordInvitations invitations,
        GeneralLedger ledger,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var person = await StaffReason.DemandAsync(db, caller, id, cancel);
        if (person.ProvenContact() is not null)
        {
            throw CredentialRefusals.AlreadyVerified.With();
        }

        var commit = new LedgerCommit();
        var invitation = await invitations.AddToAsync(commit, person, House, cancel);
        var details = new { reason = StaffReason.Read(request.Reason) };
        commit.Inserts.Add(ActivityLog.Row(activity.Entry(http, "identity.verification_resent", person.Id, details)));
        await ledger.CommitAsync(commit);
        return new Response(invitation.ExpiresAt);
    }
}
