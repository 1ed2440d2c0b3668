using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Florin.Platform;

namespace Florin.Identity;

/// <summary>What a valid access token says.</summary>
/// <param name="Principal">Its claims, as in <see cref="Caller"/>. Shared between requests: do not change it.</param>
/// <param name="Session">The session that it belongs to.</param>
/// <param name="NotBefore">Not valid earlier.</param>
/// <param name="ExpiresAt">Not valid from then on.</param>
internal sealed record AccessToken(ClaimsPrincipal Principal, Guid Session, DateTimeOffset NotBefore, DateTimeOffset ExpiresAt);

/// <summary>
/// Issues and checks access tokens: JWT (RFC 7519) signed with HMAC-SHA-256 (RFC 7515, HS256), one algorithm and one header for ever,
/// so that nothing in a token decides how it is checked. Whether the session was revoked is for the caller to ask.
/// </summary>
internal sealed class AccessTokens
{
    /// <summary>How long a token is valid (T1).</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(60);

    /// <summary>The <c>iss</c> of every token.</summary>
    public const string Issuer = "florin";

    /// <summary>The <c>aud</c> of every token.</summary>
    public const string Audience = "florin/v1";

    /// <summary>The time of the last proof of the password or second factor, seconds since 1970 (OpenID Connect).</summary>
    public const string FreshClaim = "auth_time";

    /// <summary>That a second factor was proven too (RFC 8176), in the claim <c>amr</c>.</summary>
    private const string ManyFactors = "mfa";

    /// <summary>The authentication type of a principal that a session stands behind.</summary>
    public const string SessionType = "session";

    // A newer server of the same installation may add claims.
    private static readonly JsonSerializerOptions ClaimsJson = new(Wire.Json) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip };

    private const int LongestToken = 4096;
    private const int RememberedAtMost = 40_000;

    // Clocks of two servers may differ by this much.
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private readonly byte[] key;
    private readonly string header;
    private readonly TimeProvider clock;
    private readonly bool staffNeedSecondFactor;
    private readonly RecentMemory<string, AccessToken> verified = new(RememberedAtMost, StringComparer.Ordinal);

    /// <summary>Uses the installation's key for access tokens. Where real money moves, roles of staff are worth something with a second factor only.</summary>
    public AccessTokens(Secrets secrets, Settings settings, TimeProvider clock)
        : this(secrets.Key("access-token"), clock, staffNeedSecondFactor: !settings.Sandbox) { }

    internal AccessTokens(byte[] key, TimeProvider clock, bool staffNeedSecondFactor = false)
    {
        this.key = key;
        this.clock = clock;
        this.staffNeedSecondFactor = staffNeedSecondFactor;
        var kid = Convert.ToHexStringLower(SHA256.HashData(key))[..8];
        header = Encode($$"""{"alg":"HS256","kid":"{{kid}}","typ":"JWT"}""");
    }

    /// <summary>A token for a session.</summary>
    /// <param name="person">The <c>sub</c>.</param>
    /// <param name="session">The <c>sid</c>.</param>
    /// <param name="roles">One <c>role</c> each.</param>
    /// <param name="freshAt">When the password or second factor was last proven.</param>
    /// <param name="secondFactor">Whether the session was proven with a second factor too.</param>
    public string Issue(Guid person, Guid session, IReadOnlyList<string> roles, DateTimeOffset freshAt, bool secondFactor = false)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var claims = JsonSerializer.Serialize(
            new Claims
            {
                Iss = Issuer,
                Aud = Audience,
                Sub = person.ToString("N"),
                Sid = session.ToString("N"),
                Jti = Ids.New().ToString("N"),
                Iat = now,
                Nbf = now,
                Exp = now + (long)Lifetime.TotalSeconds,
                AuthTime = freshAt.ToUnixTimeSeconds(),
                Role = roles,
                Amr = secondFactor ? [ManyFactors] : null,
            },
            ClaimsJson
        );
        var signed = $"{header}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(Sign(key, signed))}";
    }

    /// <summary>What the token says, or null where it is not one of ours, not valid yet or expired.</summary>
    public AccessToken? Check(string token)
    {
        var now = clock.GetUtcNow();
        if (!verified.TryGet(token, out var said))
        {
            said = Open(token);
            if (said is null)
            {
                return null;
            }

            verified.Keep(token, said);
        }

        return now < said.ExpiresAt && now >= said.NotBefore - Skew ? said : null;
    }

    /// <summary>The HS256 signature of the first two segments with their dot (RFC 7515 §5.1).</summary>
    internal static byte[] Sign(byte[] key, string signed) => HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed));

    /// <summary>Whether the last segment signs the others (RFC 7515 §5.2).</summary>
    internal static bool IsSigned(byte[] key, string token)
    {
        var end = token.LastIndexOf('.');
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        return end > 0
            && Ascii.IsValid(token)
            && Base64Url.IsValid(token.AsSpan(end + 1), out var length)
            && length == given.Length
            && Base64Url.TryDecodeFromChars(token.AsSpan(end + 1), given, out _)
            && CryptographicOperations.FixedTimeEquals(given, Sign(key, token[..end]));
    }

    // The signature first: nothing of an unsigned token is parsed. The header must be ours to the letter.
    private AccessToken? Open(string token)
    {
        if (
            token.Length > LongestToken
            || !token.StartsWith(header, StringComparison.Ordinal)
            || token.AsSpan().Count('.') != 2
            || token[header.Length] != '.'
            || !IsSigned(key, token)
        )
        {
            return null;
        }

        var claims = Read(token.AsSpan(header.Length + 1, token.LastIndexOf('.') - header.Length - 1));
        if (claims is not { Iss: Issuer, Aud: Audience } || claims.Exp - claims.Iat > (long)Lifetime.TotalSeconds)
        {
            return null;
        }

        var identity = new ClaimsIdentity(SessionType, Caller.PersonClaim, Caller.RoleClaim);
        identity.AddClaim(new Claim(Caller.PersonClaim, claims.Sub));
        identity.AddClaim(new Claim(Caller.SessionClaim, claims.Sid));
        identity.AddClaim(new Claim(FreshClaim, claims.AuthTime.ToString(System.Globalization.CultureInfo.InvariantCulture), ClaimValueTypes.Integer64));
        identity.AddClaim(new Claim(Caller.ExpiresClaim, claims.Exp.ToString(System.Globalization.CultureInfo.InvariantCulture), ClaimValueTypes.Integer64));
        foreach (var role in claims.Role)
        {
            // Withheld here, where every right begins: no route and no handler can forget to ask.
            var withheld = staffNeedSecondFactor && claims.Amr?.Contains(ManyFactors, StringComparer.Ordinal) != true && Roles.Staff.Contains(role);
            identity.AddClaim(new Claim(withheld ? Caller.WithheldRoleClaim : Caller.RoleClaim, role));
        }

        return new AccessToken(
            new ClaimsPrincipal(identity),
            Guid.ParseExact(claims.Sid, "N"),
            DateTimeOffset.FromUnixTimeSeconds(claims.Nbf),
            DateTimeOffset.FromUnixTimeSeconds(claims.Exp)
        );
    }

    private static Claims? Read(ReadOnlySpan<char> segment)
    {
        try
        {
            return JsonSerializer.Deserialize<Claims>(Base64Url.DecodeFromChars(segment), ClaimsJson);
        }
        catch (JsonException)
        {
            return null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private sealed record Claims
    {
        public required string Iss { get; init; }
        public required string Aud { get; init; }
        public required string Sub { get; init; }
        public required string Sid { get; init; }
        public required string Jti { get; init; }
        public required long Iat { get; init; }
        public required long Nbf { get; init; }
        public required long Exp { get; init; }
        public required long AuthTime { get; init; }
        public required IReadOnlyList<string> Role { get; init; }
        public IReadOnlyList<string>? Amr { get; init; }
    }
}
