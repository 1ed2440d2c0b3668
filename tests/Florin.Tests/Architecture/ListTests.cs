using System.Net.Http.Json;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Florin.Platform;
using Florin.Platform.Pages;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;

namespace Florin.Tests.Architecture;

/// <summary>The lists in the repository say what the program is: its routes, its refusals, its settings.</summary>
public sealed partial class ListTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public void Every_route_stands_in_endpoints_txt_with_who_may_call_it_and_how_often()
    {
        var lines = app.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().SelectMany(Lines).Order(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(lines);
        KnownOffenders.None(lines.GroupBy(line => line, StringComparer.Ordinal).Where(line => line.Count() > 1).Select(line => "twice: " + line.Key));
        CheckedIn.Matches("endpoints.txt", string.Concat(lines.Select(line => line + "\n")));
    }

    [Fact]
    public void Every_route_says_who_may_call_it()
    {
        // The fallback denies, so that a route which says nothing is closed; it is a mistake all the same.
        var silent = app.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(route => PolicyOf(route).Length == 0);
        KnownOffenders.None(silent.Select(route => route.RoutePattern.RawText!));
    }

    [Fact]
    public async Task Every_route_of_v1_stands_in_the_description_of_the_API()
    {
        var described = (await app.Http.GetFromJsonAsync<JsonElement>("/openapi/v1.json", TestContext.Current.CancellationToken)).GetProperty("paths");
        var missing =
            from route in app.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            let pattern = "/" + Constraint().Replace(route.RoutePattern.RawText!, "}").Trim('/')
            where pattern.StartsWith("/v1/", StringComparison.Ordinal) && route.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null
            from method in route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
            where !described.TryGetProperty(pattern, out var path) || !path.TryGetProperty(method.ToLowerInvariant(), out _)
            select $"{method} {pattern}";
        KnownOffenders.None(missing);
    }

    [Fact]
    public void Every_refusal_stands_in_docs_refusals_md_and_no_code_is_used_twice()
    {
        var codes = Refusals().OrderBy(refusal => refusal.Code.Code, StringComparer.Ordinal).ToList();
        Assert.True(codes.Count > 15, $"only {codes.Count} refusals were seen");
        KnownOffenders.None(
            codes.GroupBy(refusal => refusal.Code.Code, StringComparer.Ordinal).Where(code => code.Count() > 1).Select(code => "twice: " + code.Key)
        );
        KnownOffenders.None(
            codes.Where(refusal => refusal.Code.Status is < 400 or > 599).Select(refusal => $"{refusal.Code.Code} has status {refusal.Code.Status}")
        );
        var text = new StringBuilder();
        text.Append("# Refusals\n\n");
        text.Append("What Florin understands and declines is answered with a problem document (RFC 9457) whose `code` is one of these. ");
        text.Append("A code keeps its meaning for ever; titles may be worded better. This list is written by a test (see CONTRIBUTING.md).\n\n");
        text.Append("| code | status | title | module |\n|---|---|---|---|\n");
        foreach (var (module, code) in codes)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"| `{code.Code}` | {code.Status} | {Cell(code.Title)} | {module} |\n");
        }

        CheckedIn.Matches("docs/refusals.md", text.ToString());
    }

    [Fact]
    public void Every_setting_stands_in_docs_settings_md()
    {
        const string file = "docs/settings.md";
        var kept = File.Exists(Path.Combine(Sources.Root, file)) ? Sources.Read(file).ReplaceLineEndings("\n") : "";
        var meanings = kept.Split('\n')
            .Where(line => line.StartsWith("| `FLORIN_", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .ToDictionary(cells => cells[1].Trim('`'), cells => cells[3], StringComparer.Ordinal);
        var rows = new StringBuilder();
        foreach (var (name, value) in Defaults())
        {
            var aliases = Settings.Aliases.Where(alias => string.Equals(alias.Value, name, StringComparison.Ordinal)).Select(alias => $"`{alias.Key}`");
            var meaning = meanings.GetValueOrDefault(name, "(say what it means)");
            rows.Append(
                System.Globalization.CultureInfo.InvariantCulture,
                $"| `{name}` | {(value.Length == 0 ? "" : $"`{value}`")} | {meaning} | {string.Join(", ", aliases)} |\n"
            );
        }

        var head = kept.IndexOf("| `FLORIN_", StringComparison.Ordinal);
        var tail = kept.LastIndexOf("| `FLORIN_", StringComparison.Ordinal);
        Assert.True(head > 0 && tail >= head, $"{file} holds no table");
        CheckedIn.Matches(file, kept[..head] + rows + kept[(kept.IndexOf('\n', tail) + 1)..]);
        Assert.DoesNotContain("(say what it means)", Sources.Read(file), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_alias_means_a_setting_that_exists() => Assert.All(Settings.Aliases.Values, name => Assert.Contains(name, Defaults().Keys));

    // What nobody has set, and what modules asked for besides.
    private SortedDictionary<string, string> Defaults()
    {
        var defaults = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in app.Get<Settings>().Defaults.Concat(new Settings(new ConfigurationBuilder().Build()).Defaults))
        {
            defaults[name] = value;
        }

        return defaults;
    }

    private static IEnumerable<string> Lines(RouteEndpoint route)
    {
        var methods = route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["*"];
        var limit = (route.Metadata.GetMetadata<RateLimit>() ?? RateLimit.Default).Name;
        var pattern = route.RoutePattern.RawText!;
        return methods.Select(method => $"{method} {(pattern.StartsWith('/') ? "" : "/")}{pattern} {PolicyOf(route)} {limit}");
    }

    private static string PolicyOf(RouteEndpoint route)
    {
        var policies = route.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(data => data.Policy ?? data.Roles ?? "signed-in");
        var anonymous = route.Metadata.GetMetadata<IAllowAnonymous>() is null ? [] : new[] { "anonymous" };
        var page = route.Metadata.GetMetadata<PageRoute>() is null ? "" : "page:"; // signed in by cookie, and refused in HTML
        return string.Join(',', policies.Concat(anonymous).Distinct(StringComparer.Ordinal).Select(policy => page + policy));
    }

    internal static IEnumerable<(string Module, RefusalCode Code)> Refusals() =>
        from type in typeof(RefusalCode).Assembly.GetTypes()
        from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        where field.FieldType == typeof(RefusalCode) && !type.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute))
        select (type.Namespace!.Split('.')[1], (RefusalCode)field.GetValue(null)!);

    [GeneratedRegex(":[^}]*}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Constraint();

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
