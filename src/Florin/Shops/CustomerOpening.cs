using Florin.Activity;
using Florin.Identity;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Florin.Wallets;

namespace Florin.Shops;

/// <summary>What a shop knows of a customer whom it makes.</summary>
/// <param name="Username">A login.</param>
/// <param name="Password">Theirs until they change it; null to have them choose one.</param>
/// <param name="Email">A login.</param>
/// <param name="Phone">A login, E.164.</param>
/// <param name="FirstName">First name.</param>
/// <param name="LastName">Last name.</param>
internal sealed record CustomerDraft(string? Username, string? Password, string? Email, string? Phone, string? FirstName, string? LastName)
{
    /// <summary>Of their face, JPEG or PNG; none where they do not pay by face.</summary>
    public IReadOnlyList<byte[]> Pictures { get; init; } = [];

    /// <summary>Whether the shop says that they agreed to pay by face.</summary>
    public bool FaceAttested { get; init; }
}

/// <summary>Makes a person, their wallet in the shop's currency, and the shop's customer of them in one commit.</summary>
internal sealed class CustomerOpening(
    Passwords passwords,
    PasswordInvitations invitations,
    WalletOpening wallets,
    GeneralLedger ledger,
    ActivityLog activity,
    IEnumerable<CustomerEnrolment> enrolments,
    Settings settings,
    TimeProvider clock
)
{
    private const int NumbersToTry = 5;

    /// <summary>Makes a customer.</summary>
    /// <exception cref="Refusal">
    /// <c>username_taken</c>, <c>customer_exists_link_instead</c>, <c>invalid_request</c>, <c>rate_limited</c> where the address was sent too many codes
    /// </exception>
    public async Task<Answer> OpenAsync(Shop shop, CustomerDraft draft, HttpContext http, IdempotencyKey key, CancellationToken cancel)
    {
        var person = await DrawAsync(shop, draft, cancel);
        var face = await EnrolAsync(shop, person, draft, http, cancel);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return (await ledger.CommitAsync(await CommitAsync(shop, person, face, http, key, cancel))).Required;
            }
            catch (Refusal refusal) when (refusal.Reason == WalletsRefusals.NumberTaken && attempt < NumbersToTry)
            {
                // Another number, by the same way.
            }
        }
    }

    private async Task<Person> DrawAsync(Shop shop, CustomerDraft draft, CancellationToken cancel)
    {
        var (username, email, phone) = (Logins.Username(draft.Username), Logins.Email(draft.Email), Logins.Phone(draft.Phone));
        if (draft.Password is { } password)
        {
            Passwords.Require("password", password, staff: false, username, email, phone);
        }
        else if (email is null && phone is null)
        {
            throw PlatformRefusals.InvalidRequest.Field("password", "is needed where there is neither an e-mail address nor a phone number");
        }

        return People.Draw(
            new PersonDraft
            {
                Username = username,
                Email = email,
                Phone = phone,
                FirstName = Names.Clean(draft.FirstName ?? "", "first_name", Names.MostOfAName, lines: false),
                LastName = Names.Clean(draft.LastName ?? "", "last_name", Names.MostOfAName, lines: false),
                PasswordHash = draft.Password is null ? null : await passwords.HashAsync(draft.Password, cancel),
                CreatedByShop = shop.Id,
            },
            clock.GetUtcNow()
        );
    }

    private async Task<CustomerFace?> EnrolAsync(Shop shop, Person person, CustomerDraft draft, HttpContext http, CancellationToken cancel)
    {
        if (draft.Pictures.Count == 0)
        {
            return null;
        }

        var enrolment = enrolments.FirstOrDefault() ?? throw PlatformRefusals.InvalidRequest.Field("face", "nobody pays by face here");
        return await enrolment.EnrolAsync(new(person.Id, shop.Id, Caller.Of(http).Person, draft.FaceAttested, draft.Pictures), cancel);
    }

    private async Task<LedgerCommit> CommitAsync(Shop shop, Person person, CustomerFace? face, HttpContext http, IdempotencyKey key, CancellationToken cancel)
    {
        var customer = new ShopCustomer
        {
            Id = Ids.New(),
            ShopId = shop.Id,
            PersonId = person.Id,
            Since = person.CreatedAt,
        };
        var view = CustomerView.Of(customer, person) with { Face = face is null ? null : new CustomerFaceView(face.Active) };
        var details = new
        {
            shop = shop.PublicId,
            invited = person.PasswordHash is null,
            face = face?.Active,
        };
        var commit = new LedgerCommit
        {
            Key = key,
            AnswerHoldsSecret = settings.Sandbox && person.PasswordHash is null,
            Inserts =
            {
                People.Row(person),
                Outbox.Row(People.Event(person)),
                ShopCustomer.Shape.Row(customer),
                ActivityLog.Row(activity.Entry(http, "shops.customer_made", person.Id, details)),
            },
            Complete = _ => Answer.Json(201, view),
        };
        commit.Inserts.AddRange(face?.Rows ?? []);
        foreach (var (constraint, refusal) in People.Constraints)
        {
            // Which of the two is taken is not told.
            commit.Constraints[constraint] = refusal == IdentityRefusals.UsernameTaken ? refusal : ShopsRefusals.CustomerExists;
        }

        var currency = Currency.Of(shop.DefaultCurrency);
        if (settings.Currencies.Contains(currency))
        {
            wallets.AddTo(commit, wallets.Draw(person.Id, await ledger.NewAccountIdAsync(cancel), currency));
        }

        if (person.PasswordHash is null)
        {
            view = view with { Invitation = await invitations.AddToAsync(commit, person, shop.Name, cancel) };
        }

        return commit;
    }
}
