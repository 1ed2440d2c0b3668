using System.Globalization;
using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Identity;

/// <summary>Asks a signed-in person to prove themselves again before something that a stolen session must not do.</summary>
internal sealed class Proofs(FlorinDb db, Passwords passwords, TimeProvider clock, ActivityLog activity)
{
    // A sign-in proves enough for this long.
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);

    /// <summary>Passes for the account's password.</summary>
    /// <exception cref="Refusal"><c>password_required</c> without one, <c>wrong_password</c></exception>
    public async Task RequirePasswordAsync(HttpContext http, Caller caller, string? password, CancellationToken cancel)
    {
        if (string.IsNullOrEmpty(password))
        {
            throw CredentialRefusals.PasswordRequired.With();
        }

        var hash = await db.People.Where(p => p.Id == caller.Person).Select(p => p.PasswordHash).SingleAsync(cancel);
        if (await passwords.CompareAsync(hash, password, cancel) == PasswordMatch.Wrong)
        {
            db.Add(activity.Entry(http, "identity.password_refused"));
            await db.SaveChangesAsync(CancellationToken.None);
            throw IdentityRefusals.WrongPassword.With();
        }
    }

    /// <summary>Passes within ten minutes of the sign-in, else for the password.</summary>
    /// <exception cref="Refusal"><c>password_required</c> or <c>wrong_password</c></exception>
    public Task RequireFreshOrPasswordAsync(HttpContext http, Caller caller, string? password, CancellationToken cancel) =>
        password is null && IsFresh(caller) ? Task.CompletedTask : RequirePasswordAsync(http, caller, password, cancel);

    private bool IsFresh(Caller caller) =>
        long.TryParse(caller.User.FindFirst(AccessTokens.FreshClaim)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var proven)
        && clock.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(proven) < Fresh;
}
