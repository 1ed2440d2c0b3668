using Florin.Activity;
using Florin.Identity;
using Florin.Identity.Pages;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Florin.Shops;
using Florin.Wallets;

namespace Florin.Demo;

/// <summary>
/// The demo people: each with wallets and money, a merchant with a shop too, is one commit under a key of its own, so that neither a second start nor a second server makes
/// anybody, or any money, twice.
/// </summary>
internal sealed class DemoPeople(
    Settings settings,
    Idempotency idempotency,
    Passwords passwords,
    GeneralLedger ledger,
    HouseAccounts house,
    WalletOpening opening,
    ShopOpening shops,
    ActivityLog activity,
    TimeProvider clock
)
{
    /// <summary>Everybody's password.</summary>
    public const string Password = "florin-demo-pass";

    /// <summary>Everybody's PIN.</summary>
    public const string Pin = "1234";

    private const string Gateway = "sandbox";
    private const int WalletsEach = 3;

    private static readonly Guid Owner = new("f10214de-0000-7000-8000-000000000001");
    private static readonly byte[] OnlyRequest = new byte[16];

    private static readonly Draft[] All =
    [
        new("alice", "Alice", "Aitken", "+15550100001", [Roles.Customer]),
        new("bob", "Bob", "Baker", "+15550100002", [Roles.Customer]),
        new("corner-shop", "Corner", "Shop", "+15550100003", [Roles.Merchant]),
        new("staff", "Sam", "Staff", "+15550100004", [Roles.Support, Roles.Finance]),
        new("staff2", "Sol", "Staff", "+15550100005", [Roles.Support, Roles.Finance]),
        new("admin", "Ada", "Admin", "+15550100006", [Roles.Admin]),
    ];

    /// <summary>Whom a visitor may sign in as.</summary>
    public static readonly IReadOnlyList<DemoPerson> ToTry =
    [
        new("alice", Password, "a customer", Icon: "user"),
        new("bob", Password, "another customer", Icon: "user"),
        new("corner-shop", Password, "a merchant at the till", Icon: "building-store"),
        new("staff", Password, "staff, finance", Icon: "headset"),
        new("staff2", Password, "the second person", Icon: "users"),
        new("admin", Password, "administration", Icon: "settings"),
    ];

    /// <summary>Makes those who are missing.</summary>
    /// <returns>How many were made.</returns>
    public async Task<int> SeedAsync(CancellationToken cancel)
    {
        var missing = new List<Draft>();
        foreach (var draft in All)
        {
            if (await idempotency.FindAsync(KeyOf(draft), cancel) is null)
            {
                missing.Add(draft);
            }
        }

        if (missing.Count == 0)
        {
            return 0;
        }

        // Hashing is slow on purpose: once for all of them.
        var passwordHash = await passwords.HashAsync(Password, cancel);
        var pinHash = await passwords.HashAsync(Pin, cancel);
        var made = await Task.WhenAll(missing.Select(draft => MakeAsync(draft, passwordHash, pinHash, cancel)));
        return made.Count(done => done);
    }

    private static IdempotencyKey KeyOf(Draft draft) => new(Owner, "demo:" + draft.Username, OnlyRequest);

    private static long StartingMoney(Currency currency) =>
        (string.Equals(currency.Code, "KZT", StringComparison.Ordinal) ? 500_000 : 1_000) * currency.MinorPerMajor;

    private async Task<bool> MakeAsync(Draft draft, string passwordHash, string pinHash, CancellationToken cancel)
    {
        var person = People.Draw(
            new PersonDraft
            {
                Username = draft.Username,
                Email = draft.Username + "@example.com",
                EmailVerified = true,
                Phone = draft.Phone,
                PhoneVerified = true,
                FirstName = draft.FirstName,
                LastName = draft.LastName,
                PasswordHash = passwordHash,
                PinHash = pinHash,
                Roles = draft.Roles,
            },
            clock.GetUtcNow()
        );
        var commit = new LedgerCommit
        {
            Key = KeyOf(draft),
            Inserts =
            {
                People.Row(person),
                Outbox.Row(People.Event(person)),
                ActivityLog.Row(activity.Entry("identity.person_created", person.Id, new { person.Roles })),
            },
        };
        foreach (var (constraint, refusal) in People.Constraints)
        {
            commit.Constraints[constraint] = refusal;
        }

        foreach (var currency in settings.Currencies.Take(Math.Min(WalletsEach, settings.WalletsPerPerson)))
        {
            var account = await ledger.NewAccountIdAsync(cancel);
            opening.AddTo(commit, opening.Draw(person.Id, account, currency));
            var gateway = await house.GatewayAsync(Gateway, currency, cancel);
            commit.Postings.Add(new PostingDraft("deposit", new Move(gateway, account, StartingMoney(currency))));
        }

        if (draft.Roles.Contains(Roles.Merchant))
        {
            shops.AddTo(commit, person.Id, $"{draft.FirstName} {draft.LastName}");
        }

        try
        {
            await ledger.CommitAsync(commit);
            return true;
        }
        catch (Refusal refusal) when (People.Constraints.Values.Contains(refusal.Reason))
        {
            return false; // made so long ago that the key is forgotten, or the name is somebody's
        }
    }

    private sealed record Draft(string Username, string FirstName, string LastName, string Phone, string[] Roles);
}
