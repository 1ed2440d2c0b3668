using Florin.Activity;
using Florin.Identity;
using Florin.Ledger;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Shops;

/// <summary>
/// Invites people to a shop. Whether an e-mail address or phone number is anybody's is not told: the code goes there, and whoever gets it signs in or
/// signs up and accepts.
/// </summary>
internal sealed class Invitations(
    FlorinDb db,
    People people,
    Idempotency idempotency,
    GeneralLedger ledger,
    ActivityLog activity,
    Secrets secrets,
    Settings settings,
    TimeProvider clock
)
{
    // One address or number gets no more invitations than this within the hour, whoever asks.
    private const int PerDestination = 10;
    private static readonly TimeSpan DestinationWindow = TimeSpan.FromHours(1);

    /// <summary>Invites somebody.</summary>
    /// <param name="shop">The caller may invite to it.</param>
    /// <param name="kind">Cashier or customer.</param>
    /// <param name="request">Whom.</param>
    /// <param name="caller">Who invites.</param>
    /// <param name="http">The request.</param>
    /// <param name="cancel">Stops looking.</param>
    /// <exception cref="Refusal"><c>nobody_to_invite</c> for a username, <c>own_shop</c>, <c>rate_limited</c></exception>
    public async Task<IResult> InviteAsync(Shop shop, string kind, InviteMember.Request request, Caller caller, HttpContext http, CancellationToken cancel)
    {
        var key = idempotency.Require(http, caller.Person, request);
        var (person, channel, to) = await FindAsync(request.Login.Trim(), cancel);
        if (person == shop.Owner)
        {
            throw ShopsRefusals.OwnShop.With();
        }

        var now = clock.GetUtcNow();
        var destination = ShopInvitation.HashOfDestination(secrets, to);
        var since = now - DestinationWindow;
        if (await db.ShopInvitations.CountAsync(one => one.DestinationHash == destination && one.CreatedAt > since, cancel) >= PerDestination)
        {
            throw new Refusal(PlatformRefusals.RateLimited) { RetryAfterSeconds = (int)DestinationWindow.TotalSeconds };
        }

        var code = ShopInvitation.NewCode();
        var invitation = new ShopInvitation
        {
            Id = Ids.New(),
            ShopId = shop.Id,
            Kind = kind,
            Invited = request.Login.Trim(),
            PersonId = person,
            DestinationHash = destination,
            CodeHash = ShopInvitation.HashOf(secrets, code),
            InvitedBy = caller.Person,
            CreatedAt = now,
            ExpiresAt = now + ShopInvitation.Life,
        };
        var values = new Dictionary<string, string>(StringComparer.Ordinal) { ["shop"] = shop.Name, ["code"] = code };
        var message = new MessageRequest(channel, to, kind + "_invitation_code", values);
        var details = new
        {
            shop = shop.PublicId,
            invitation = invitation.PublicId,
            kind,
        };
        var view = InvitationView.Of(invitation) with { SandboxCode = settings.Sandbox ? code : null };
        var commit = new LedgerCommit
        {
            Key = key,
            AnswerHoldsSecret = settings.Sandbox,
            Inserts =
            {
                ShopInvitation.Shape.Row(invitation),
                Outbox.Row(message.Event(secrets, invitation.Id)),
                ActivityLog.Row(activity.Entry(http, "shops.invited", details: details)),
            },
            Complete = _ => Answer.Json(201, view),
        };
        return (await ledger.CommitAsync(commit)).Required;
    }

    // An address or number is written to whoever's it is; a username stands for one person.
    private async Task<(Guid? Person, MessageChannel Channel, string To)> FindAsync(string login, CancellationToken cancel)
    {
        if (Logins.TryPhone(login) is { } phone)
        {
            return (null, MessageChannel.Sms, phone);
        }

        var person = await people.FindByLoginAsync(login, LoginKinds.Username, cancel);
        if (person is null && login.Contains('@', StringComparison.Ordinal))
        {
            return (null, MessageChannel.Email, Logins.Email(login)!);
        }

        return person is { Active: true } && person.ProvenContact() is var (channel, to) ? (person.Id, channel, to) : throw ShopsRefusals.NobodyToInvite.With();
    }
}
