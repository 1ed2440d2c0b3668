using Florin.Platform;

namespace Florin.Identity;

/// <summary>A person: customer, merchant, cashier or staff. Never deleted, only anonymised, so that money keeps its owner.</summary>
public sealed class Person
{
    /// <summary>The prefix of public ids.</summary>
    public const string Prefix = "usr";

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; } = Ids.New();

    /// <summary>The small integer id that the old clients know; given by the database.</summary>
    public long Number { get; private set; }

    /// <summary>A login, as typed; unique without regard to case.</summary>
    public string? Username { get; set; }

    /// <summary>A login; unique without regard to case.</summary>
    public string? Email { get; set; }

    /// <summary>When the person proved that the address is theirs.</summary>
    public DateTimeOffset? EmailVerifiedAt { get; set; }

    /// <summary>A login: E.164 with <c>+</c>; unique.</summary>
    public string? Phone { get; set; }

    /// <summary>When the person proved that the number is theirs.</summary>
    public DateTimeOffset? PhoneVerifiedAt { get; set; }

    /// <summary>A number as an old client gave it, in any format; no login.</summary>
    public string? ContactNumber { get; set; }

    /// <summary>Empty where not given.</summary>
    public string FirstName { get; set; } = "";

    /// <summary>Empty where not given.</summary>
    public string LastName { get; set; } = "";

    /// <summary>As <see cref="Passwords"/> made it; null for people who cannot sign in by password.</summary>
    public string? PasswordHash { get; set; }

    /// <summary>Some of <see cref="Platform.Roles.All"/>.</summary>
    public string[] Roles { get; set; } = [];

    /// <summary>Date of birth.</summary>
    public DateOnly? DateOfBirth { get; set; }

    /// <summary>Id at the institution.</summary>
    public string? StudentId { get; set; }

    /// <summary>School or university.</summary>
    public string? Institution { get; set; }

    /// <summary>Four digits.</summary>
    public int? GraduationYear { get; set; }

    /// <summary>At most 500 characters.</summary>
    public string? Bio { get; set; }

    /// <summary>At most 100 characters.</summary>
    public string? Location { get; set; }

    /// <summary>An http or https address.</summary>
    public string? Website { get; set; }

    /// <summary>Postal address.</summary>
    public string? Address { get; set; }

    /// <summary>A JSON object of the client's making.</summary>
    public string NotificationPreferences { get; set; } = "{}";

    /// <summary>A JSON object of the client's making.</summary>
    public string PrivacySettings { get; set; } = "{}";

    /// <summary>BCP 47 tag of the language for messages.</summary>
    public string? Locale { get; set; }

    /// <summary>The picture's file name, one of ours.</summary>
    public string? Picture { get; set; }

    /// <summary>The picture's content type.</summary>
    public string? PictureType { get; set; }

    /// <summary>Whether staff checked who this is.</summary>
    public bool IsVerified { get; set; }

    /// <summary>Null where no PIN is set.</summary>
    public string? PinHash { get; set; }

    /// <summary>Wrong PINs in a row.</summary>
    public int PinFailures { get; set; }

    /// <summary>When too many wrong PINs locked it.</summary>
    public DateTimeOffset? PinLockedAt { get; set; }

    /// <summary>The TOTP secret, encrypted; set up but not on until <see cref="TotpEnabledAt"/>.</summary>
    public byte[]? TotpSecret { get; set; }

    /// <summary>Since when sign-in asks for a TOTP.</summary>
    public DateTimeOffset? TotpEnabledAt { get; set; }

    /// <summary>The time step of the last TOTP taken; no step is taken twice.</summary>
    public long? TotpLastStep { get; set; }

    /// <summary>Hashes of recovery codes not used yet.</summary>
    public string[] RecoveryCodeHashes { get; set; } = [];

    /// <summary>The shop that made this person and set the password; such a password is a claim credential until changed.</summary>
    public Guid? CreatedByShop { get; set; }

    /// <summary>When a person made by a shop took the account over by changing the password.</summary>
    public DateTimeOffset? ClaimedAt { get; set; }

    /// <summary>Whether the account is the person's own: not one that a shop made and whose first password was never replaced.</summary>
    public bool Claimed => CreatedByShop is null || ClaimedAt is not null;

    /// <summary>Passes for accounts that are their person's own: nothing that a shop sets up goes on to open an account after it was claimed.</summary>
    /// <exception cref="Refusal"><c>claim_first</c></exception>
    public void DemandClaimed()
    {
        if (!Claimed)
        {
            throw CredentialRefusals.ClaimFirst.With();
        }
    }

    /// <summary>Wrong sign-ins in a row.</summary>
    public int SignInFailures { get; set; }

    /// <summary>Until when sign-in is locked, but for known devices.</summary>
    public DateTimeOffset? LockedUntil { get; set; }

    /// <summary>The last sign-in.</summary>
    public DateTimeOffset? LastSignedInAt { get; set; }

    /// <summary>When staff closed the account; nobody signs in to it.</summary>
    public DateTimeOffset? DeactivatedAt { get; set; }

    /// <summary>When it was anonymised.</summary>
    public DateTimeOffset? DeletedAt { get; set; }

    /// <summary>Made at.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Last change of what the person or staff may set.</summary>
    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Whether the person may sign in at all.</summary>
    public bool Active => DeactivatedAt is null && DeletedAt is null;

    /// <summary>Where the person is told things: a proven address or number, of this channel where there is one; null where nothing is proven.</summary>
    public (MessageChannel Channel, string To)? ProvenContact(MessageChannel preferred = MessageChannel.Email)
    {
        (MessageChannel, string)? email = Email is not null && EmailVerifiedAt is not null ? (MessageChannel.Email, Email) : null;
        (MessageChannel, string)? phone = Phone is not null && PhoneVerifiedAt is not null ? (MessageChannel.Sms, Phone) : null;
        return preferred == MessageChannel.Email ? email ?? phone : phone ?? email;
    }

    /// <summary>Whether any role is a staff role.</summary>
    public bool IsStaff => Roles.Any(Platform.Roles.Staff.Contains);

    /// <summary>The public id, <c>usr_…</c>.</summary>
    public string PublicId => Ids.Show(Prefix, Id);

    /// <summary>What others see: first and last name, else the username, else nothing that names the person.</summary>
    public string DisplayName => $"{FirstName} {LastName}".Trim() is { Length: > 0 } name ? name : Username ?? "Customer " + Number;
}

/// <summary>Who may ask for what with an API key of a merchant. The key itself is shown once and kept as a hash.</summary>
public sealed class ApiKey
{
    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; } = Ids.New();

    /// <summary>Whose.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>What the owner calls it.</summary>
    public required string Name { get; set; }

    /// <summary>The first characters, to recognise it by.</summary>
    public required string Prefix { get; init; }

    /// <summary>SHA-256 of the key.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>What it may do, such as <c>wallets:read</c>.</summary>
    public required string[] Scopes { get; init; }

    /// <summary>Made at.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Last used, to about a minute.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    /// <summary>Not valid from then on; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Ended by its owner.</summary>
    public DateTimeOffset? RevokedAt { get; set; }
}
