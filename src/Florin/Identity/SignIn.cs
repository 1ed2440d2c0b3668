using Florin.Activity;
using Florin.Platform;
using Npgsql;

namespace Florin.Identity;

/// <summary>What somebody shows to sign in.</summary>
/// <param name="Login">Username, e-mail address or phone number.</param>
/// <param name="Password">As typed.</param>
public sealed record SignInAttempt(string Login, string Password)
{
    /// <summary>Which kinds of login are taken; the old systems take one each.</summary>
    public LoginKinds Kinds { get; init; } = LoginKinds.Any;

    /// <summary>How the refresh token is to behave.</summary>
    public SessionKind Kind { get; init; }

    /// <summary>A code of the authenticator app, or a recovery code.</summary>
    public string? SecondFactor { get; init; }

    /// <summary>The device's own secret id, by which a lock lets it pass once it has signed in.</summary>
    public string? Device { get; init; }
}

/// <summary>A sign-in that succeeded.</summary>
/// <param name="Tokens">For the client.</param>
/// <param name="Person">Who.</param>
public sealed record SignedIn(SessionTokens Tokens, Person Person);

/// <summary>Signs people in by password. Unknown login, wrong password, locked and closed are answered alike, in the same time (A3).</summary>
public sealed class SignIn
{
    // Password or second factor may change while they are compared; then what is true now is compared.
    private const int Tries = 3;

    private readonly People people;
    private readonly Passwords passwords;
    private readonly TotpCheck totp;
    private readonly SignInLocks locks;
    private readonly Sessions sessions;
    private readonly SecurityNotices notices;
    private readonly Database database;
    private readonly ActivityLog activity;

    internal SignIn(
        People people,
        Passwords passwords,
        TotpCheck totp,
        SignInLocks locks,
        Sessions sessions,
        SecurityNotices notices,
        Database database,
        ActivityLog activity
    )
    {
        this.people = people;
        this.passwords = passwords;
        this.totp = totp;
        this.locks = locks;
        this.sessions = sessions;
        this.notices = notices;
        this.database = database;
        this.activity = activity;
    }

    /// <summary>Checks password and second factor and starts a session.</summary>
    /// <exception cref="Refusal"><c>sign_in_failed</c>, <c>second_factor_required</c>, <c>unavailable</c></exception>
    public async Task<SignedIn> ByPasswordAsync(HttpContext http, SignInAttempt attempt, CancellationToken cancel)
    {
        var source = SignInLocks.SourceOf(http);
        var device = locks.HashOf(attempt.Device);
        var person = await people.FindByLoginAsync(attempt.Login, attempt.Kinds, cancel);
        var id = person?.Id ?? Guid.Empty;
        var locked = await locks.IsLockedAsync(id, source, device, cancel);
        DateTimeOffset? codesSince = null; // of which one was taken
        for (var tries = 0; tries < Tries; tries++)
        {
            var match = await passwords.CompareAsync(person?.PasswordHash, attempt.Password, cancel);
            if (person is null || locked || match == PasswordMatch.Wrong)
            {
                break;
            }

            if (person is { TotpEnabledAt: { } since, Active: true } && since != codesSince)
            {
                if (attempt.SecondFactor is null)
                {
                    throw IdentityRefusals.SecondFactorRequired.With();
                }

                if (await totp.TakeAsync(id, attempt.SecondFactor, cancel) == TotpMatch.Wrong)
                {
                    break;
                }

                codesSince = since;
            }

            if (
                await StartAsync(
                    http,
                    person,
                    attempt,
                    device,
                    codesSince is null ? null : SecondFactor.Totp,
                    await RehashedAsync(match, attempt.Password, cancel),
                    cancel
                ) is
                { } signedIn
            )
            {
                return signedIn;
            }

            var compared = person;
            person = await people.FindAsync(id, cancel);
            if (person?.TotpEnabledAt == compared.TotpEnabledAt && string.Equals(person?.PasswordHash, compared.PasswordHash, StringComparison.Ordinal))
            {
                break;
            }
        }

        var entry = activity.Entry(http, "identity.sign_in_failed", person?.Id);
        await locks.CountFailureAsync(id, source, device, ActivityLog.Row(entry), CancellationToken.None);
        throw IdentityRefusals.SignInFailed.With();
    }

    /// <summary>Starts a session of somebody whose passkey was just checked: two factors in one.</summary>
    /// <exception cref="Refusal"><c>sign_in_failed</c> where the account was closed meanwhile</exception>
    internal async Task<SignedIn> ProvenAsync(HttpContext http, Person person, string? device, CancellationToken cancel) =>
        await StartAsync(http, person, new SignInAttempt("", ""), locks.HashOf(device), SecondFactor.Passkey, null, cancel)
        ?? throw IdentityRefusals.SignInFailed.With();

    // Null where the account was locked, closed or given another password or second factor while this one was compared.
    private Task<SignedIn?> StartAsync(
        HttpContext http,
        Person person,
        SignInAttempt attempt,
        byte[]? device,
        string? secondFactor,
        string? rehashed,
        CancellationToken cancel
    )
    {
        var entry = activity.Entry(http, "identity.signed_in", by: person.Id);
        return database.TransactionAsync(
            async connection =>
            {
                var news = await notices.NewDeviceAsync(connection, http, person, device, cancel);
                // Who changes rights or password writes the person before they end the sessions. So either their change is seen here, or
                // they wait for this lock and find the session that is begun under it.
                if (await locks.ClearAsync(connection, person, device, cancel) is not { } roles)
                {
                    return null;
                }

                person.Roles = roles;
                var tokens = await sessions.StartAsync(connection, http, person.Id, roles, attempt.Kind, secondFactor, cancel);
                await using var batch = new NpgsqlBatch(connection);
                foreach (var row in (RowInsert[])[ActivityLog.Row(entry), .. news])
                {
                    batch.BatchCommands.Add(row.Command());
                }

                if (rehashed is not null)
                {
                    var store = new NpgsqlBatchCommand("update identity.people set password_hash = $3 where id = $1 and password_hash = $2");
                    store.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person.Id });
                    store.Parameters.Add(new NpgsqlParameter<string> { TypedValue = person.PasswordHash! });
                    store.Parameters.Add(new NpgsqlParameter<string> { TypedValue = rehashed });
                    batch.BatchCommands.Add(store);
                }

                await batch.ExecuteNonQueryAsync(cancel);
                return new SignedIn(tokens, person);
            },
            cancel
        );
    }

    private async Task<string?> RehashedAsync(PasswordMatch match, string password, CancellationToken cancel) =>
        match == PasswordMatch.RightButOld ? await passwords.HashAsync(password, cancel) : null;
}
