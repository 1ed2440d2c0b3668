using System.Text;
using Florin.Platform;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Florin.Identity;

/// <summary>How a password compared.</summary>
public enum PasswordMatch
{
    /// <summary>Another password, or none is set.</summary>
    Wrong,

    /// <summary>The right one.</summary>
    Right,

    /// <summary>The right one, stored with fewer rounds than are used today: store <see cref="Passwords.HashAsync"/> of it.</summary>
    RightButOld,
}

/// <summary>
/// Rules and hashes of passwords: PBKDF2-HMAC-SHA-512 with a salt and the count of rounds in each hash (OWASP's count, 210,000, by default).
/// Hashing is dear on purpose, so at most all cores but one hash at a time, and a flood of sign-ins cannot starve payments.
/// </summary>
public sealed class Passwords : IDisposable
{
    /// <summary>Fewest characters.</summary>
    public const int ShortestPassword = 8;

    /// <summary>Fewest characters for staff.</summary>
    public const int ShortestStaffPassword = 12;

    /// <summary>Most characters.</summary>
    public const int LongestPassword = 128;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly object NoUser = new();

    private readonly PasswordHasher<object> hasher;
    private readonly SemaphoreSlim turns = new(Math.Max(1, Environment.ProcessorCount - 1));
    private readonly Lazy<string> nobody;

    /// <summary>Hashes with the configured count of rounds.</summary>
    public Passwords(Settings settings)
    {
        hasher = new PasswordHasher<object>(Options.Create(new PasswordHasherOptions { IterationCount = settings.PasswordIterations }));
        nobody = new Lazy<string>(() => hasher.HashPassword(NoUser, Guid.NewGuid().ToString()));
    }

    /// <summary>Refuses a new password that is too short, too long, common, all digits, or the person's own name (A1).</summary>
    /// <param name="field">The request's field, for the refusal.</param>
    /// <param name="password">As given.</param>
    /// <param name="staff">Whether the person is staff, for whom it must be longer.</param>
    /// <param name="logins">The person's username, e-mail address and phone number.</param>
    /// <exception cref="Refusal"><c>invalid_request</c> on the field</exception>
    public static void Require(string field, string password, bool staff, params ReadOnlySpan<string?> logins)
    {
        var normal = Normalise(password);
        var length = normal.EnumerateRunes().Count();
        var least = staff ? ShortestStaffPassword : ShortestPassword;
        if (length < least || length > LongestPassword)
        {
            throw PlatformRefusals.InvalidRequest.Field(field, $"must have {least} to {LongestPassword} characters");
        }

        if (normal.All(char.IsDigit))
        {
            throw PlatformRefusals.InvalidRequest.Field(field, "must not be all digits");
        }

        if (CommonPasswords.Contains(normal))
        {
            throw PlatformRefusals.InvalidRequest.Field(field, "is among the first that anybody would guess");
        }

        foreach (var login in logins)
        {
            if (login is not null && (Same(normal, login) || Same(normal, login.Split('@')[0])))
            {
                throw PlatformRefusals.InvalidRequest.Field(field, "must not be your own username, e-mail address or phone number");
            }
        }
    }

    /// <summary>The hash to store. Waits for a turn.</summary>
    /// <exception cref="Refusal"><c>unavailable</c> where too many are hashed at once</exception>
    public Task<string> HashAsync(string password, CancellationToken cancel) => InTurnAsync(() => hasher.HashPassword(NoUser, Normalise(password)), cancel);

    /// <summary>The hashes of many, in order, on all processors at once: for commands, besides which nobody waits for a turn.</summary>
    public string[] HashMany(IReadOnlyList<string> passwords) =>
        [.. passwords.AsParallel().AsOrdered().Select(password => hasher.HashPassword(NoUser, Normalise(password)))];

    /// <summary>Compares in the same time whether or not there is a hash, by hashing for nobody.</summary>
    /// <exception cref="Refusal"><c>unavailable</c> where too many are hashed at once</exception>
    public async Task<PasswordMatch> CompareAsync(string? hash, string password, CancellationToken cancel)
    {
        // Longer ones are nobody's, and would be work for nothing.
        if (DjangoPasswords.IsHash(hash))
        {
            return await InTurnAsync(() => DjangoPasswords.Matches(hash, password), cancel) ? PasswordMatch.RightButOld : PasswordMatch.Wrong;
        }

        var given = password.Length > LongestPassword * 2 ? "" : Normalise(password);
        var verified = await InTurnAsync(() => hasher.VerifyHashedPassword(NoUser, hash ?? nobody.Value, given), cancel);
        return hash is null
            ? PasswordMatch.Wrong
            : verified switch
            {
                PasswordVerificationResult.Success => PasswordMatch.Right,
                PasswordVerificationResult.SuccessRehashNeeded => PasswordMatch.RightButOld,
                _ => PasswordMatch.Wrong,
            };
    }

    /// <inheritdoc/>
    public void Dispose() => turns.Dispose();

    // Off the request's thread, and a few at a time.
    private async Task<T> InTurnAsync<T>(Func<T> work, CancellationToken cancel)
    {
        if (!await turns.WaitAsync(Patience, cancel))
        {
            throw PlatformRefusals.Unavailable.With("Too many are signing in at once; nothing was done.");
        }

        try
        {
            return await Task.Run(work, CancellationToken.None);
        }
        finally
        {
            turns.Release();
        }
    }

    // Compatibility forms of one character are one password (RFC 8265 §4.2 has NFC; NFKC also joins full-width letters of Asian keyboards).
    private static string Normalise(string password)
    {
        try
        {
            return password.Normalize(NormalizationForm.FormKC);
        }
        catch (ArgumentException)
        {
            throw PlatformRefusals.InvalidRequest.Field("password", "is not valid Unicode");
        }
    }

    private static bool Same(string password, string login) => string.Equals(password, login, StringComparison.OrdinalIgnoreCase);
}
