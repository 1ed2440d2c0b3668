using System.Globalization;
using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Identity;

/// <summary>Asks a signed-in person to prove themselves again before something that a stolen session must not do.</summary>
public sealed class Proofs
{
    // A sign-in proves enough for this long.
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);

    private readonly FlorinDb db;
    private readonly Passwords passwords;
    private readonly SignInLocks locks;
    private readonly TimeProvider clock;
    private readonly ActivityLog activity;

    internal Proofs(FlorinDb db, Passwords passwords, SignInLocks locks, TimeProvider clock, ActivityLog activity)
    {
        this.db = db;
        this.passwords = passwords;
        this.locks = locks;
        this.clock = clock;
        this.activity = activity;
    }

    /// <summary>Passes for the account's password. Ten wrong ones within an hour stop it for a quarter of an hour, as sign-in.</summary>
    /// <exception cref="Refusal"><c>password_required</c> without one, <c>wrong_password</c>, <c>rate_limited</c></exception>
    public async Task RequirePasswordAsync(HttpContext http, Caller caller, string? password, CancellationToken cancel)
    {
        if (string.IsNullOrEmpty(password))
        {
            throw CredentialRefusals.PasswordRequired.With();
        }

        // Counted apart from sign-ins: who only knows the login cannot keep the person from changing the password.
        var source = SourceOf(caller);
        await RequireUnlockedAsync(source, cancel);
        var hash = await db.People.Where(p => p.Id == caller.Person).Select(p => p.PasswordHash).SingleAsync(cancel);
        if (await passwords.CompareAsync(hash, password, cancel) == PasswordMatch.Wrong)
        {
            await CountWrongAsync(http, caller, "identity.password_refused");
            throw IdentityRefusals.WrongPassword.With();
        }

        await RequireUnlockedAsync(source, cancel); // many guesses at once: the lock may have come meanwhile
    }

    /// <summary>Passes within ten minutes of the sign-in, else for the password.</summary>
    /// <exception cref="Refusal"><c>password_required</c>, <c>wrong_password</c>, <c>rate_limited</c></exception>
    public Task RequireFreshOrPasswordAsync(HttpContext http, Caller caller, string? password, CancellationToken cancel) =>
        password is null && IsFresh(caller) ? Task.CompletedTask : RequirePasswordAsync(http, caller, password, cancel);

    /// <summary>Counts something wrong, such as a one-time code, as a wrong password is counted.</summary>
    internal Task CountWrongAsync(HttpContext http, Caller caller, string action) =>
        locks.CountFailureAsync(Guid.Empty, SourceOf(caller), null, ActivityLog.Row(activity.Entry(http, action)), CancellationToken.None);

    private static string SourceOf(Caller caller) => $"proof/{caller.Person:N}";

    private async Task RequireUnlockedAsync(string source, CancellationToken cancel)
    {
        if (await locks.IsLockedAsync(Guid.Empty, source, null, cancel))
        {
            throw new Refusal(PlatformRefusals.RateLimited, "Too many wrong passwords.") { RetryAfterSeconds = (int)SignInLocks.LockedFor.TotalSeconds };
        }
    }

    private bool IsFresh(Caller caller) =>
        long.TryParse(caller.User.FindFirst(AccessTokens.FreshClaim)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var proven)
        && clock.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(proven) < Fresh;
}
