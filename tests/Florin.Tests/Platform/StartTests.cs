using System.Net;
using Florin.Gateways;
using Florin.Platform;
using Microsoft.Extensions.Configuration;

namespace Florin.Tests.Platform;

public sealed class StartTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task An_unknown_address_is_404_with_a_code()
    {
        var answer = await app.Http.GetAsync(new Uri("/v1/nothing", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    // A container's platform says by PORT where it expects us; FLORIN_URL wins over it. A sandbox is opened to other machines by nobody's accident.
    [Theory]
    [InlineData("PORT", "10000", "live", "http://0.0.0.0:10000", "http://localhost:10000")]
    [InlineData("PORT", "10000", "sandbox", "http://127.0.0.1:10000", "http://localhost:10000")]
    [InlineData("PORT", "10000", "open", "http://0.0.0.0:10000", "http://localhost:10000")]
    [InlineData("FLORIN_URL", "8080", "live", "http://0.0.0.0:8080", "http://localhost:8080")]
    [InlineData("FLORIN_URL", "8080", "sandbox", "http://127.0.0.1:8080", "http://localhost:8080")]
    [InlineData("FLORIN_URL", "http://0.0.0.0:9000", "sandbox", "http://0.0.0.0:9000", "http://localhost:9000")]
    [InlineData("FLORIN_URL", "http://127.0.0.1:9000", "live", "http://127.0.0.1:9000", "http://localhost:9000")]
    [InlineData("OTHER", "1", "live", "http://127.0.0.1:8000", "http://localhost:8000")]
    public void It_listens_where_PORT_or_FLORIN_URL_say(string name, string value, string mode, string listens, string linked)
    {
        (string, string)[] how = mode is "open" ? [("FLORIN_SANDBOX_OPEN", "true")] : [("FLORIN_MODE", mode)];
        var settings = With([(name, value), .. how]);
        Assert.Equal((listens, linked), (settings.Url, settings.PublicUrl));
        Assert.Equal("http://127.0.0.1:1", With([("PORT", value), ("FLORIN_URL", "http://127.0.0.1:1"), .. how]).Url);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("99999999999999999999")]
    public void A_port_that_is_none_stops_the_start(string port) =>
        Assert.Contains("FLORIN_URL", Assert.Throws<FormatException>(() => With(("PORT", port))).Message, StringComparison.Ordinal);

    [Fact]
    public void Old_names_that_others_use_too_count_only_where_they_mean_us()
    {
        Assert.Equal("", With(("DATABASE_URL", "sqlite:///db.sqlite3")).DatabaseConnection); // seed 2's for development
        Assert.Contains("Host=db", With(("DATABASE_URL", "postgres://a:b@db/florin")).DatabaseConnection, StringComparison.Ordinal);
        Assert.Equal(new Uri("https://pay.example.com/"), Gateways("https://pay.example.com/jsonpost.php").AamarPayUrl); // seed 3's
        Assert.Equal(new Uri("https://sandbox.aamarpay.com/"), Gateways("https://site.example.com").AamarPayUrl);

        static GatewaySettings Gateways(string url) => new(With(("URL", url)));
    }

    private static Settings With(params (string Name, string Value)[] set) =>
        new(new ConfigurationBuilder().AddInMemoryCollection(set.Select(one => KeyValuePair.Create(one.Name, (string?)one.Value))).Build());
}
