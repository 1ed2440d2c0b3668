using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Florin.Tests.Platform;

public sealed class EdgeTests(Probes probes) : IClassFixture<Probes>
{
    [Theory]
    [InlineData("a")]
    [InlineData("Order.2026_01-31")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public async Task The_caller_s_request_id_comes_back(string id)
    {
        using var answer = await probes.App.SendAsync("GET /v1/probe/ok", null, ("X-Request-Id", id));
        Assert.Equal([id], answer.Headers.GetValues("X-Request-Id"));
    }

    [Theory]
    [InlineData("with blank")]
    [InlineData("line;drop")]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234")]
    public async Task A_request_id_of_another_form_is_replaced(string id)
    {
        using var answer = await probes.App.SendAsync("GET /v1/probe/ok", null, ("X-Request-Id", id));
        Assert.Matches("^[a-z0-9]{10}-[a-z0-9]{8}$", Assert.Single(answer.Headers.GetValues("X-Request-Id")));
    }

    [Fact]
    public async Task Every_request_has_its_own_id()
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 100; i++)
        {
            using var answer = await probes.App.SendAsync("GET /v1/probe/ok");
            Assert.True(ids.Add(answer.Headers.GetValues("X-Request-Id").Single()));
        }
    }

    [Theory]
    [InlineData("GET /v1/probe/ok", 200)]
    [InlineData("GET /v1/probe/fault", 500)]
    [InlineData("GET /v1/probe/refused", 404)]
    [InlineData("GET /v1/probe/mine", 401)]
    [InlineData("GET /nowhere", 404)]
    [InlineData("DELETE /v1/probe/ok", 405)]
    [InlineData("GET /health/live", 200)]
    [InlineData("GET /openapi/v1.json", 200)]
    public async Task Every_answer_carries_the_security_headers(string request, int status)
    {
        using var answer = await probes.App.SendAsync(request);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
        Assert.Equal("same-origin", Header(answer, "Referrer-Policy"));
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", Header(answer, "Content-Security-Policy"));
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.False(answer.Headers.Contains("Server"));
        Assert.False(answer.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task A_page_may_load_our_own_files_and_nothing_inline()
    {
        using var answer = await probes.App.SendAsync("GET /v1/probe/page");
        var policy = Header(answer, "Content-Security-Policy");
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", 200)]
    [InlineData("pay.example.org", 200)]
    [InlineData("PAY.example.org:8000", 200)]
    [InlineData("one.shops.example.org", 200)]
    [InlineData("bank.example.org", 200)]
    [InlineData("www.bank.example.org", 200)]
    [InlineData("shops.example.org", 421)]
    [InlineData("pay.example.org.evil.example", 421)]
    [InlineData("evil.example", 421)]
    public async Task Only_our_own_host_names_are_answered(string host, int status)
    {
        using var answer = await probes.App.SendAsync("GET /v1/probe/ok", null, ("Host", host));
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Probes_may_ask_by_any_host_name()
    {
        using var answer = await probes.App.SendAsync("GET /health/live", null, ("Host", "10.1.2.3:8000"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("https://front.example.org", true)]
    [InlineData("https://evil.example.org", false)]
    [InlineData("http://front.example.org", false)]
    [InlineData("null", false)]
    public async Task Only_listed_origins_may_call_from_a_page(string origin, bool allowed)
    {
        using var asked = await probes.App.SendAsync(
            "OPTIONS /v1/probe/orders",
            null,
            ("Origin", origin),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "idempotency-key,content-type,authorization")
        );
        using var called = await probes.App.SendAsync("GET /v1/probe/refused", null, ("Origin", origin));
        Assert.Equal(allowed, asked.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Equal(allowed, called.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.False(called.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task Forwarded_addresses_of_strangers_are_not_believed()
    {
        using var answer = await probes.App.SendAsync("GET /v1/probe/address", null, ("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "https"));
        Assert.Equal("""{"address":"127.0.0.1","scheme":"http"}""", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Forwarded_addresses_of_known_proxies_are_believed_as_far_as_the_chain_is_known()
    {
        await using var behind = await ProbeApp.StartAsync(probes.Database, Probes.Map, null, ("FLORIN_KNOWN_PROXIES", "127.0.0.1,10.0.0.0/8"));
        using var answer = await behind.SendAsync(
            "GET /v1/probe/address",
            null,
            ("X-Forwarded-For", "198.51.100.1, 203.0.113.9, 10.2.3.4"),
            ("X-Forwarded-Proto", "https, https, https")
        );
        Assert.Equal("""{"address":"203.0.113.9","scheme":"https"}""", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("max-age=31536000", Header(answer, "Strict-Transport-Security"));
    }

    [Theory]
    [InlineData("FLORIN_KNOWN_PROXIES", "10.0.0.0/99")]
    [InlineData("FLORIN_CORS_ORIGINS", "*")]
    [InlineData("FLORIN_CORS_ORIGINS", "https://front.example.org/path")]
    [InlineData("FLORIN_LOG_FORMAT", "xml")]
    [InlineData("FLORIN_MAX_CONNECTIONS", "0")]
    public async Task A_malformed_setting_stops_the_start_and_is_named(string name, string value)
    {
        var fault = await Assert.ThrowsAsync<FormatException>(async () =>
        {
            await using var never = await ProbeApp.StartAsync(probes.Database, Probes.Map, null, (name, value));
        });
        Assert.Contains(name, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_connections_than_allowed_are_closed()
    {
        await using var small = await ProbeApp.StartAsync(probes.Database, Probes.Map, null, ("FLORIN_MAX_CONNECTIONS", "1"));
        using var first = await TalkAsync(small.Http.BaseAddress!);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(first), StringComparison.Ordinal);
        using var second = await TalkAsync(small.Http.BaseAddress!);
        Assert.Equal("", await AskAsync(second));
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(first), StringComparison.Ordinal);
    }

    private static async Task<TcpClient> TalkAsync(Uri address)
    {
        var connection = new TcpClient();
        await connection.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        return connection;
    }

    private static async Task<string> AskAsync(TcpClient connection)
    {
        var buffer = new byte[4096];
        try
        {
            await connection.GetStream().WriteAsync("GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            var count = await connection.GetStream().ReadAsync(buffer, TestContext.Current.CancellationToken);
            return Encoding.ASCII.GetString(buffer, 0, count);
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static string Header(HttpResponseMessage answer, string name) => Assert.Single(answer.Headers.GetValues(name));
}
