using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Identity;

/// <summary>What is known of a person who is to be made. At least one of username, e-mail address and phone number.</summary>
public sealed record PersonDraft
{
    /// <summary>As <see cref="Logins.Username"/> takes it.</summary>
    public string? Username { get; init; }

    /// <summary>As <see cref="Logins.Email"/> takes it.</summary>
    public string? Email { get; init; }

    /// <summary>Whether the person proved that the address is theirs.</summary>
    public bool EmailVerified { get; init; }

    /// <summary>As <see cref="Logins.Phone"/> takes it.</summary>
    public string? Phone { get; init; }

    /// <summary>Whether the person proved that the number is theirs.</summary>
    public bool PhoneVerified { get; init; }

    /// <summary>A number in any format, from an old client; no login.</summary>
    public string? ContactNumber { get; init; }

    /// <summary>As <see cref="Passwords.HashAsync"/> made it; null for people who cannot sign in by password yet.</summary>
    public string? PasswordHash { get; init; }

    /// <summary>The PIN, hashed in the same way; null for none.</summary>
    public string? PinHash { get; init; }

    /// <summary>Some of <see cref="Platform.Roles.All"/>.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [Platform.Roles.Customer];

    /// <summary>First name.</summary>
    public string FirstName { get; init; } = "";

    /// <summary>Last name.</summary>
    public string LastName { get; init; } = "";

    /// <summary>Date of birth.</summary>
    public DateOnly? DateOfBirth { get; init; }

    /// <summary>Id at the institution.</summary>
    public string? StudentId { get; init; }

    /// <summary>School or university.</summary>
    public string? Institution { get; init; }

    /// <summary>Year of graduation.</summary>
    public int? GraduationYear { get; init; }

    /// <summary>BCP 47 tag.</summary>
    public string? Locale { get; init; }

    /// <summary>Whether the account is closed from the beginning, as it was where the person comes from.</summary>
    public bool Deactivated { get; init; }

    /// <summary>The shop that makes this person and sets the password, which stands until the person changes it.</summary>
    public Guid? CreatedByShop { get; init; }
}

/// <summary>Finds people, and makes them from a draft.</summary>
public sealed class People(FlorinDb db, Database database, ActivityLog activity, TimeProvider clock)
{
    /// <summary>The topic of the event that a person was made; its aggregate is the person, its payload <c>{"person_id": "usr_…"}</c>.</summary>
    public const string Registered = "identity.person_registered";

    // Fewer last digits say nothing of whose they are.
    private const int LeastDigits = 4;

    private static readonly InsertShape<Person> Shape = new(
        "insert into identity.people (id, username, email, email_verified_at, phone, phone_verified_at, contact_number, first_name, last_name, password_hash, "
            + "roles, date_of_birth, student_id, institution, graduation_year, locale, created_by_shop, created_at, updated_at, pin_hash, deactivated_at) "
            + "select u.a, u.b, u.c, u.d, u.e, u.f, u.g, u.h, u.i, u.j, string_to_array(u.k, ','), u.l, u.m, u.n, u.o, u.p, u.q, u.r, u.r, u.s, u.t "
            + "from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) "
            + "u(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t)",
        Column.Of((Person p) => p.Id, NpgsqlDbType.Uuid),
        Column.Of((Person p) => p.Username, NpgsqlDbType.Text),
        Column.Of((Person p) => p.Email, NpgsqlDbType.Text),
        Column.Of((Person p) => p.EmailVerifiedAt?.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((Person p) => p.Phone, NpgsqlDbType.Text),
        Column.Of((Person p) => p.PhoneVerifiedAt?.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((Person p) => p.ContactNumber, NpgsqlDbType.Text),
        Column.Of((Person p) => p.FirstName, NpgsqlDbType.Text),
        Column.Of((Person p) => p.LastName, NpgsqlDbType.Text),
        Column.Of((Person p) => p.PasswordHash, NpgsqlDbType.Text),
        Column.Of((Person p) => string.Join(',', p.Roles), NpgsqlDbType.Text),
        Column.Of((Person p) => p.DateOfBirth, NpgsqlDbType.Date),
        Column.Of((Person p) => p.StudentId, NpgsqlDbType.Text),
        Column.Of((Person p) => p.Institution, NpgsqlDbType.Text),
        Column.Of((Person p) => p.GraduationYear, NpgsqlDbType.Integer),
        Column.Of((Person p) => p.Locale, NpgsqlDbType.Text),
        Column.Of((Person p) => p.CreatedByShop, NpgsqlDbType.Uuid),
        Column.Of((Person p) => p.CreatedAt.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((Person p) => p.PinHash, NpgsqlDbType.Text),
        Column.Of((Person p) => p.DeactivatedAt?.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    /// <summary>Which refusals its unique indexes stand for, for a ledger commit that carries <see cref="Row"/>.</summary>
    public static readonly IReadOnlyDictionary<string, RefusalCode> Constraints = new Dictionary<string, RefusalCode>(StringComparer.Ordinal)
    {
        ["people_username"] = IdentityRefusals.UsernameTaken,
        ["people_email"] = IdentityRefusals.EmailTaken,
        ["people_phone"] = IdentityRefusals.PhoneTaken,
    };

    /// <summary>A person as drafted, not stored yet.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c> where a login is malformed or there is none</exception>
    public static Person Draw(PersonDraft draft, DateTimeOffset now)
    {
        var person = new Person
        {
            Username = Logins.Username(draft.Username),
            Email = Logins.Email(draft.Email),
            EmailVerifiedAt = draft.EmailVerified && draft.Email is not null ? now : null,
            Phone = Logins.Phone(draft.Phone),
            PhoneVerifiedAt = draft.PhoneVerified && draft.Phone is not null ? now : null,
            ContactNumber = draft.ContactNumber,
            FirstName = draft.FirstName,
            LastName = draft.LastName,
            PasswordHash = draft.PasswordHash,
            PinHash = draft.PinHash,
            Roles = [.. draft.Roles],
            DateOfBirth = draft.DateOfBirth,
            StudentId = draft.StudentId,
            Institution = draft.Institution,
            GraduationYear = draft.GraduationYear,
            Locale = draft.Locale,
            CreatedByShop = draft.CreatedByShop,
            DeactivatedAt = draft.Deactivated ? now : null,
            CreatedAt = now,
            UpdatedAt = now,
        };
        return person.Username is null && person.Email is null && person.Phone is null
            ? throw PlatformRefusals.InvalidRequest.Field("username", "give a username, an e-mail address or a phone number")
            : person;
    }

    /// <summary>The person as a row of a ledger commit, with <see cref="Constraints"/> and <see cref="Event"/>.</summary>
    public static RowInsert Row(Person person) => Shape.Row(person);

    /// <summary>The event that a person was made.</summary>
    public static OutboxEvent Event(Person person) => new(Registered, person.Id, $$"""{"person_id":"{{person.PublicId}}"}""", [person.Id]);

    /// <summary>Makes a person, for demo data and the like. People who sign up themselves prove an address first.</summary>
    /// <exception cref="Refusal"><c>username_taken</c>, <c>email_taken</c>, <c>phone_taken</c>, <c>invalid_request</c></exception>
    public async Task<Person> CreateAsync(PersonDraft draft, CancellationToken cancel)
    {
        var person = Draw(draft, clock.GetUtcNow());
        var entry = activity.Entry("identity.person_created", person.Id, new { person.Roles });
        return await database.TransactionAsync(
            async connection =>
            {
                await InsertAsync(connection, person, entry, cancel);
                return person;
            },
            cancel
        );
    }

    /// <summary>Inserts a person with event and activity in the caller's transaction.</summary>
    internal static async Task InsertAsync(NpgsqlConnection connection, Person person, ActivityEntry entry, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Row(person).Command());
        batch.BatchCommands.Add(Outbox.Row(Event(person)).Command());
        batch.BatchCommands.Add(ActivityLog.Row(entry).Command());
        try
        {
            await batch.ExecuteNonQueryAsync(cancel);
        }
        catch (PostgresException e) when (e.ConstraintName is { } name && Constraints.TryGetValue(name, out var refusal))
        {
            throw refusal.With();
        }
    }

    /// <summary>A person by id; null where there is none. Deleted ones are found, and have no name.</summary>
    public Task<Person?> FindAsync(Guid id, CancellationToken cancel) => db.People.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, cancel);

    /// <summary>A person by the old clients' small id.</summary>
    public Task<Person?> FindByNumberAsync(long number, CancellationToken cancel) =>
        db.People.AsNoTracking().SingleOrDefaultAsync(p => p.Number == number, cancel);

    /// <summary>
    /// The person whose login this is. Usernames may look like addresses, as they might in the old systems, so an address or number that is
    /// somebody's goes before a username.
    /// </summary>
    /// <param name="login">As typed.</param>
    /// <param name="kinds">Which kinds are taken.</param>
    /// <param name="cancel">Stops looking.</param>
    public async Task<Person?> FindByLoginAsync(string login, LoginKinds kinds, CancellationToken cancel)
    {
        var typed = login.Trim();
        if (typed.Length is 0 or > 254 || typed.Contains('\0', StringComparison.Ordinal))
        {
            typed = " "; // nobody's
        }

        var email = kinds.HasFlag(LoginKinds.Email) ? typed : "";
        var phone = kinds.HasFlag(LoginKinds.Phone) ? Logins.TryPhone(typed) ?? "" : "";
        var username = kinds.HasFlag(LoginKinds.Username) ? typed : "";
        return await db
            .People.FromSql(
                $"""
                select * from identity.people p
                where lower(p.email) = lower({email}) or p.phone = {phone} or lower(p.username) = lower({username})
                order by lower(p.email) = lower({email}) desc nulls last, p.phone = {phone} desc nulls last limit 1
                """
            )
            .AsNoTracking()
            .SingleOrDefaultAsync(cancel);
    }

    /// <summary>Everybody who has one of these as username, e-mail address or phone number, without regard to case.</summary>
    public async Task<IReadOnlyList<Person>> HoldersAsync(IReadOnlyCollection<string> logins, CancellationToken cancel)
    {
        var lower = logins.Select(login => login.ToLowerInvariant()).ToArray();
        return await db
            .People.FromSql(
                $"select * from identity.people p where lower(p.username) = any({lower}) or lower(p.email) = any({lower}) or p.phone = any({lower})"
            )
            .AsNoTracking()
            .ToListAsync(cancel);
    }

    /// <summary>
    /// People by what they say of themselves: an id, the beginning of a username, e-mail address or name, or the last four digits or more of a phone
    /// number. Newest first; anonymised people are left out.
    /// </summary>
    /// <param name="text">As typed, 2 to 100 characters.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="cancel">Stops looking.</param>
    public async Task<IReadOnlyList<Person>> SearchAsync(string text, int most, CancellationToken cancel)
    {
        Guid? id = Ids.TryRead(Person.Prefix, text, out var read) ? read : null;
        var begins = Like.Prefix(text.ToLowerInvariant());
        var digits = new string([.. text.Where(char.IsAsciiDigit)]);
        var isNumber = digits.Length >= LeastDigits && text.All(c => char.IsAsciiDigit(c) || c is '+' or ' ' or '-' or '(' or ')');
        var ends = isNumber ? new string([.. digits.Reverse()]) + "%" : null;
        var (first, last) = text.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [var one, var two]
            ? (Like.Whole(one.ToLowerInvariant()), Like.Prefix(two.ToLowerInvariant()))
            : (null, null);
        // Each way by its own index, each bounded.
        return await db
            .People.FromSql(
                $"""
                select p.* from identity.people p where p.deleted_at is null and p.id in (
                    select {id}::uuid
                    union (select id from identity.people where lower(username) like {begins} limit {most})
                    union (select id from identity.people where lower(email) like {begins} limit {most})
                    union (select id from identity.people where lower(first_name) like {begins} limit {most})
                    union (select id from identity.people where lower(last_name) like {begins} limit {most})
                    union (select id from identity.people where lower(first_name) like {first} and lower(last_name) like {last} limit {most})
                    union (select id from identity.people where reverse(phone) like {ends} limit {most})
                )
                """
            )
            .AsNoTracking()
            .OrderByDescending(p => p.Id)
            .Take(most)
            .ToListAsync(cancel);
    }

    /// <summary>Which of these people staff have frozen: nothing is paid out to them.</summary>
    public async Task<IReadOnlySet<Guid>> FrozenAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancel) =>
        await db.People.Where(p => ids.Contains(p.Id) && p.DeactivatedAt != null && p.DeletedAt == null).Select(p => p.Id).ToHashSetAsync(cancel);

    /// <summary>What others see of each person, by id.</summary>
    public async Task<IReadOnlyDictionary<Guid, string>> DisplayNamesAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancel) =>
        await db.People.AsNoTracking().Where(p => ids.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.DisplayName, cancel);
}
