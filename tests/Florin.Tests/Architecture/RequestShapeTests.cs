using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Text;
using Florin.Platform;
using Florin.Tests.Identity;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Validation;

namespace Florin.Tests.Architecture;

/// <summary>No request type slips past validation or takes fields that it does not know.</summary>
public sealed class RequestShapeTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public void Routes_with_a_body_are_seen() => Assert.True(Bodies().Count > 10, $"only {Bodies().Count} were seen");

    [Fact]
    public void Every_request_type_is_public() => KnownOffenders.None(Bodies().Where(body => !IsShown(body.Type)).Select(body => $"{body.Route}: {body.Type}"));

    [Fact]
    public void Every_request_type_with_rules_is_seen_by_validation()
    {
        var options = app.Get<IOptions<ValidationOptions>>().Value;
#pragma warning disable ASP0029 // the only way to ask; a test may follow its changes
        KnownOffenders.None(
            Bodies().Where(body => HasRules(body.Type) && !options.TryGetValidatableTypeInfo(body.Type, out _)).Select(body => $"{body.Route}: {body.Type}")
        );
#pragma warning restore ASP0029
    }

    [Fact]
    public async Task Every_route_with_a_body_refuses_an_unknown_field()
    {
        var everyRole = await SignedIn.AsAsync(app, [.. Roles.All]);
        var wrong = new List<string>();
        foreach (var (route, method, _) in Bodies())
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), PathOf(route));
            request.Content = new StringContent("""{"unknown_field":1}""", Encoding.UTF8, "application/json");
            request.Headers.Add("Idempotency-Key", "unknown-field");
            using var answer = await everyRole.Http.SendAsync(request, TestContext.Current.CancellationToken);
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (answer.StatusCode != HttpStatusCode.BadRequest || !text.Contains("unknown_field", StringComparison.Ordinal))
            {
                wrong.Add($"{method} {route}: {(int)answer.StatusCode} {text}");
            }
        }

        KnownOffenders.None(wrong);
    }

    private List<(string Route, string Method, Type Type)> Bodies() =>
        [
            .. from route in app.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            let accepts = route.Metadata.GetMetadata<IAcceptsMetadata>()
            where accepts?.RequestType is not null && accepts.ContentTypes.Any(type => type.Contains("json", StringComparison.Ordinal))
            from method in route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
            select (route.RoutePattern.RawText!, method, accepts.RequestType),
        ];

    // A nested type counts by itself: the use case around it is internal.
    private static bool IsShown(Type type) => type.IsPublic || type.IsNestedPublic;

    private static bool HasRules(Type type) =>
        type.GetProperties().Any(property => property.IsDefined(typeof(ValidationAttribute), inherit: true))
        || type.GetConstructors()
            .SelectMany(constructor => constructor.GetParameters())
            .Any(parameter => parameter.IsDefined(typeof(ValidationAttribute), inherit: true))
        || typeof(IValidatableObject).IsAssignableFrom(type);

    private static string PathOf(string route)
    {
        var path = new StringBuilder();
        foreach (var part in route.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            path.Append('/').Append(part.StartsWith('{') ? Guid.Empty.ToString("N") : part);
        }

        return path.ToString();
    }
}
