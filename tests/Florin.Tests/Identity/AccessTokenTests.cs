using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Florin.Identity;
using Florin.Platform;

namespace Florin.Tests.Identity;

public sealed class AccessTokenTests
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);
    private readonly WindableClock clock = new();
    private readonly AccessTokens tokens;
    private readonly Guid person = Ids.New();
    private readonly Guid session = Ids.New();

    public AccessTokenTests() => tokens = new AccessTokens(Key, clock);

    // RFC 7515 appendix A.1, which is also RFC 7519 §3.1.
    private const string RfcToken =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
        + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    private static readonly byte[] RfcKey = Base64Url.DecodeFromChars("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");

    [Fact]
    public void The_signature_is_that_of_RFC_7515_A_1()
    {
        Assert.Equal("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", Base64Url.EncodeToString(AccessTokens.Sign(RfcKey, RfcToken[..RfcToken.LastIndexOf('.')])));
        Assert.True(AccessTokens.IsSigned(RfcKey, RfcToken));
        Assert.False(AccessTokens.IsSigned(Key, RfcToken));
    }

    [Fact]
    public void A_token_of_another_issuer_is_refused_even_with_our_key()
    {
        Assert.Null(new AccessTokens(RfcKey, clock).Check(RfcToken));
    }

    [Fact]
    public void A_token_says_who_and_with_which_roles()
    {
        var said = tokens.Check(Issue());
        Assert.NotNull(said);
        Assert.Equal(session, said.Session);
        var caller = Caller.TryGet(said.Principal)!;
        Assert.Equal((person, session), (caller.Person, caller.Session));
        Assert.True(caller.Is(Roles.Customer));
        Assert.True(caller.Is(Roles.Merchant));
        Assert.False(caller.IsStaff);
    }

    [Fact]
    public void A_token_has_the_header_and_claims_that_any_JWT_library_reads()
    {
        var parts = Issue().Split('.');
        Assert.Equal(3, parts.Length);
        var header = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0])).RootElement;
        Assert.Equal("HS256", header.GetProperty("alg").GetString());
        Assert.Equal("JWT", header.GetProperty("typ").GetString());
        Assert.NotEmpty(header.GetProperty("kid").GetString()!);
        var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1])).RootElement;
        Assert.Equal(person.ToString("N"), claims.GetProperty("sub").GetString());
        Assert.Equal(session.ToString("N"), claims.GetProperty("sid").GetString());
        Assert.Equal("florin", claims.GetProperty("iss").GetString());
        Assert.Equal("florin/v1", claims.GetProperty("aud").GetString());
        Assert.Equal(claims.GetProperty("iat").GetInt64(), claims.GetProperty("nbf").GetInt64());
        Assert.Equal(3600, claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64());
    }

    [Fact]
    public void A_token_is_refused_from_its_expiry_on_though_it_was_remembered()
    {
        var token = Issue();
        Assert.NotNull(tokens.Check(token));
        clock.Wind(AccessTokens.Lifetime - TimeSpan.FromSeconds(5));
        Assert.NotNull(tokens.Check(token));
        clock.Wind(TimeSpan.FromSeconds(5));
        Assert.Null(tokens.Check(token));
    }

    [Fact]
    public void A_token_is_refused_before_its_time()
    {
        clock.Wind(TimeSpan.FromMinutes(5));
        var token = Issue();
        clock.Wind(TimeSpan.FromMinutes(-5));
        Assert.Null(tokens.Check(token));
    }

    [Fact]
    public void A_token_without_signature_is_refused_whatever_its_header_says()
    {
        var parts = Issue().Split('.');
        foreach (var alg in new[] { "none", "None", "NONE", "nOnE" })
        {
            var header = Segment($$"""{"alg":"{{alg}}","typ":"JWT"}""");
            Assert.Null(tokens.Check($"{header}.{parts[1]}."));
            Assert.Null(tokens.Check($"{header}.{parts[1]}.{parts[2]}"));
            Assert.Null(tokens.Check($"{header}.{parts[1]}"));
        }

        Assert.Null(tokens.Check($"{parts[0]}.{parts[1]}."));
    }

    [Fact]
    public void A_token_of_another_algorithm_is_refused_though_signed_with_our_key()
    {
        var parts = Issue().Split('.');
        var signed = Segment("""{"alg":"HS512","typ":"JWT"}""") + "." + parts[1];
        Assert.Null(tokens.Check(signed + "." + Base64Url.EncodeToString(HMACSHA512.HashData(Key, Encoding.ASCII.GetBytes(signed)))));
        Assert.Null(tokens.Check(signed + "." + Base64Url.EncodeToString(AccessTokens.Sign(Key, signed))));
    }

    [Fact]
    public void A_token_of_another_key_is_refused()
    {
        var other = new AccessTokens(RandomNumberGenerator.GetBytes(32), clock);
        Assert.Null(tokens.Check(other.Issue(person, session, [Roles.Admin], clock.GetUtcNow())));

        // Also where the forger copies our header.
        var parts = other.Issue(person, session, [Roles.Admin], clock.GetUtcNow()).Split('.');
        Assert.Null(tokens.Check($"{Issue().Split('.')[0]}.{parts[1]}.{parts[2]}"));
    }

    [Theory]
    [InlineData("aud", "somebody-else")]
    [InlineData("iss", "somebody-else")]
    [InlineData("exp", 4_000_000_000)]
    [InlineData("exp", "soon")]
    [InlineData("sub", null)]
    [InlineData("role", null)]
    public void A_token_with_another_claim_is_refused_though_signed_with_our_key(string name, object? value)
    {
        Assert.NotNull(tokens.Check(Resigned(_ => { })));
        Assert.Null(tokens.Check(Resigned(claims => claims[name] = JsonSerializer.SerializeToNode(value))));
        Assert.Null(tokens.Check(Resigned(claims => claims.Remove(name))));
    }

    [Fact]
    public void A_token_with_any_character_changed_is_refused()
    {
        var token = Issue();
        for (var i = 0; i < token.Length; i++)
        {
            Assert.Null(tokens.Check(token[..i] + (token[i] == 'A' ? 'B' : 'A') + token[(i + 1)..]));
        }

        // 32 bytes leave two bits of the last character unused: one that differs in these alone is not ours either (RFC 4648 §3.5).
        const string Base64UrlAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        Assert.All(Base64UrlAlphabet.Where(last => last != token[^1]), last => Assert.Null(tokens.Check(token[..^1] + last)));
    }

    [Fact]
    public void A_token_cut_anywhere_is_refused()
    {
        var token = Issue();
        for (var length = 0; length < token.Length; length++)
        {
            Assert.Null(tokens.Check(token[..length]));
        }

        Assert.Null(tokens.Check(token + ".x"));
        Assert.Null(tokens.Check(token + "A"));
        Assert.Null(tokens.Check(new string('a', 100_000)));
        Assert.Null(tokens.Check("ü.ü.ü"));
    }

    private string Issue() => tokens.Issue(person, session, [Roles.Customer, Roles.Merchant], clock.GetUtcNow());

    private string Resigned(Action<JsonObject> change)
    {
        var parts = Issue().Split('.');
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!.AsObject();
        change(claims);
        var signed = $"{parts[0]}.{Segment(claims.ToJsonString())}";
        return $"{signed}.{Base64Url.EncodeToString(AccessTokens.Sign(Key, signed))}";
    }

    private static string Segment(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
