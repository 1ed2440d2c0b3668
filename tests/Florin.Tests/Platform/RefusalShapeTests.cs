using System.Text.Json;

namespace Florin.Tests.Platform;

public sealed class RefusalShapeTests(Probes probes) : IClassFixture<Probes>
{
    private const string Price = """{"amount":"1.00","currency":"USD"}""";

    [Theory]
    [InlineData("GET /nowhere", 404, "not_found")]
    [InlineData("GET /v1/nowhere", 404, "not_found")]
    [InlineData("DELETE /v1/probe/ok", 405, "method_not_allowed")]
    [InlineData("GET /v1/probe/mine", 401, "not_signed_in")]
    [InlineData("GET /v1/probe/empty/400", 400, "invalid_request")]
    [InlineData("GET /v1/probe/empty/404", 404, "not_found")]
    [InlineData("GET /v1/probe/empty/415", 415, "unsupported_media_type")]
    [InlineData("GET /v1/probe/empty/503", 503, "unavailable")]
    [InlineData("GET /v1/probe/fault", 500, "internal_error")]
    [InlineData("GET /v1/probe/away", 503, "unavailable")]
    [InlineData("GET /v1/probe/number?wantedCount=x", 400, "invalid_request")]
    public async Task Every_refusal_is_a_problem_document_with_a_permanent_code(string request, int status, string code)
    {
        using var answer = await probes.App.SendAsync(request);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await BodyAsync(answer);
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Equal(answer.Headers.GetValues("X-Request-Id").Single(), problem.GetProperty("request_id").GetString());
    }

    [Fact]
    public async Task A_method_that_is_not_taken_says_which_are()
    {
        using var answer = await probes.App.SendAsync("DELETE /v1/probe/ok");
        Assert.Equal(["GET"], answer.Content.Headers.Allow);
    }

    [Fact]
    public async Task Nothing_internal_is_told_of_a_fault()
    {
        using var answer = await probes.App.SendAsync("GET /v1/probe/fault");
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain("inside", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_that_says_nothing_of_who_may_call_it_is_closed()
    {
        using var stranger = await probes.App.SendAsync("GET /v1/probe/forgotten");
        using var person = await probes.App.SendAsync("GET /v1/probe/forgotten", null, ("X-Person", Guid.NewGuid().ToString("N")));
        Assert.Equal((401, 403), ((int)stranger.StatusCode, (int)person.StatusCode));
    }

    [Fact]
    public async Task A_person_without_the_right_is_forbidden()
    {
        using var answer = await probes.App.SendAsync("GET /v1/probe/admin", null, ("X-Person", Guid.NewGuid().ToString("N")));
        Assert.Equal("forbidden", (await BodyAsync(answer)).GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("{", "body", "is not JSON: look at line 1, byte 2")]
    [InlineData("", "body", "is missing or empty")]
    [InlineData("null", "body", "is missing or empty")]
    [InlineData("[]", "body", "is missing or has the wrong type")]
    [InlineData("""{"short_name":"a"}""", "price", "is required")]
    [InlineData("""{"price":{"amount":"1.00","currency":"USD"}}""", "short_name", "is required")]
    [InlineData("""{"short_name":1,"price":{"amount":"1.00","currency":"USD"}}""", "short_name", "is missing or has the wrong type")]
    [InlineData("""{"short_name":null,"price":{"amount":"1.00","currency":"USD"}}""", "short_name", "is missing or has the wrong type")]
    [InlineData("""{"short_name":"a","price":{"amount":1,"currency":"USD"}}""", "price", "amount must be a decimal string, never a number")]
    [InlineData("""{"short_name":"a","price":{"amount":"1.00","currency":"USD"},"extra":1}""", "extra", "is not a field of this request")]
    [InlineData("""{"short_name":"a","short_name":"b","price":{"amount":"1.00","currency":"USD"}}""", "short_name", "stands there more than once")]
    [InlineData("""{"ShortName":"a","price":{"amount":"1.00","currency":"USD"}}""", "ShortName", "is not a field of this request")]
    [InlineData("""{"short_name":"a","price":{"amount":"1.00","currency":"USD"},"pieces":"1"}""", "pieces", "is missing or has the wrong type")]
    public async Task A_malformed_body_names_the_field(string body, string field, string message)
    {
        using var answer = await probes.App.SendAsync("POST /v1/probe/orders", body);
        var problem = await BodyAsync(answer);
        Assert.Equal((400, "invalid_request"), ((int)answer.StatusCode, problem.GetProperty("code").GetString()));
        Assert.Equal(message, Assert.Single(problem.GetProperty("errors").GetProperty(field).EnumerateArray()).GetString());
    }

    [Fact]
    public async Task A_failed_validation_has_the_same_shape_and_the_names_of_the_wire()
    {
        using var answer = await probes.App.SendAsync("POST /v1/probe/orders", $$"""{"short_name":"much too long","price":{{Price}},"pieces":10}""");
        var problem = await BodyAsync(answer);
        Assert.Equal((400, "invalid_request"), ((int)answer.StatusCode, problem.GetProperty("code").GetString()));
        var errors = problem.GetProperty("errors");
        Assert.Equal(["pieces", "short_name"], errors.EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal));
        Assert.Equal(
            "The field short_name must be a string with a maximum length of 10.",
            Assert.Single(errors.GetProperty("short_name").EnumerateArray()).GetString()
        );
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_parameter_that_cannot_be_read_is_named()
    {
        using var answer = await probes.App.SendAsync("GET /v1/probe/number?wantedCount=many");
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("\"wanted_count\":[\"is missing or malformed\"]", text, StringComparison.Ordinal);
        Assert.DoesNotContain("int", text.Replace("point", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_not_JSON_by_name_is_415()
    {
        using var content = new StringContent("a=b", System.Text.Encoding.UTF8, "application/x-www-form-urlencoded");
        using var answer = await probes.App.Http.PostAsync(new Uri("/v1/probe/orders", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Equal("unsupported_media_type", (await BodyAsync(answer)).GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("/v1/probe/small", 40, 200)]
    [InlineData("/v1/probe/small", 200, 413)]
    [InlineData("/v1/probe/orders", 1024 * 1024 + 1, 413)]
    [InlineData("/v1/probe/large", 1024 * 1024, 200)]
    [InlineData("/v1/probe/large", 1024 * 1024 + 1, 413)] // from nobody whom we know
    public async Task A_body_above_the_route_s_limit_is_413(string path, int length, int status)
    {
        // As curl does with a large body: it waits for a word before it sends, so that a refusal finds nobody in the middle of sending.
        using var answer = await probes.App.SendAsync("POST " + path, "[\"" + new string('x', length - 4) + "\"]", ("Expect", "100-continue"));
        Assert.Equal(status, (int)answer.StatusCode);
        if (status == 413)
        {
            Assert.Equal("too_large", (await BodyAsync(answer)).GetProperty("code").GetString());
        }
    }

    private static async Task<JsonElement> BodyAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return JsonDocument.Parse(text).RootElement;
    }
}
