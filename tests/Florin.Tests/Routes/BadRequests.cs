using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Florin.Tests.Routes;

/// <summary>Makes bad requests to a described route: each has at least one thing wrong, or odd.</summary>
/// <param name="route">To which.</param>
/// <param name="money">Whether money could move there. Such a request is certainly wrong, or to what does not exist.</param>
/// <param name="there">The address of an object of the caller's.</param>
/// <param name="missing">The same of one that does not exist.</param>
/// <param name="body">A body that gets far.</param>
/// <param name="token">The caller's.</param>
/// <param name="random">Decides.</param>
internal sealed class BadRequests(DescribedRoute route, bool money, string there, string missing, JsonNode? body, string token, Seeded random)
{
    private const string Here = "\"@here@\"";

    /// <summary>U+0000, which JSON may hold and PostgreSQL may not, in each parameter and member by itself.</summary>
    public IEnumerable<RawRequest> Nul()
    {
        string[] headers = ["Host: localhost", "Authorization: Bearer " + token, "Idempotency-Key: nul"];
        foreach (var name in route.Query)
        {
            yield return new RawRequest(route.Method, $"{missing.Split('?')[0]}?{name}=a%00b", headers, null);
        }

        foreach (var member in (body as JsonObject)?.Select(one => one.Key).ToList() ?? [])
        {
            var copy = body!.DeepClone();
            copy[member] = "@here@";
            var bytes = Bytes(copy.ToJsonString().Replace(Here, "\"a\\u0000b\"", StringComparison.Ordinal));
            var length = "Content-Length: " + bytes.Length.ToString(CultureInfo.InvariantCulture);
            yield return new RawRequest(route.Method, money ? missing : there, [.. headers, "Content-Type: " + route.ContentType, length], bytes);
        }
    }

    public RawRequest Next()
    {
        var path = money || random.OnceIn(4) ? missing : there;
        var bytes = body is null ? null : Encoding.UTF8.GetBytes(body.ToJsonString());
        var type = route.ContentType;
        var headers = new List<string>();
        var wrong = random.Below(route.ContentType is null ? 4 : 12);
        var certainly = false;
        var mustFail = false;
        switch (wrong)
        {
            case 0:
                path = WithHostilePart(path);
                break;
            case 1:
                path = WithQuery(path);
                break;
            case 2:
                headers.Add(random.Of(HostileValues.Headers));
                break;
            case 3:
                headers.Add("Authorization: " + random.Of(HostileValues.Tokens));
                break;
            case 4:
                type = random.Of(HostileValues.ContentTypes);
                break;
            case 5 or 6 or 7 when body is not null:
                (bytes, mustFail) = Spoiled(body);
                certainly = mustFail;
                break;
            default:
                bytes = random.Of(HostileValues.Bodies);
                certainly = true;
                break;
        }

        if (money && certainly && !random.OnceIn(4))
        {
            path = there;
        }

        headers.Insert(0, "Host: localhost");
        AddUnless("Authorization", "Bearer " + token);
        AddUnless("Idempotency-Key", "bad-" + random.Below(int.MaxValue).ToString(CultureInfo.InvariantCulture));
        if (type is not null && bytes is not null)
        {
            headers.Add("Content-Type: " + type);
        }

        if (bytes is not null)
        {
            headers.Add("Content-Length: " + bytes.Length.ToString(CultureInfo.InvariantCulture));
        }

        return new RawRequest(route.Method, path, headers, bytes) { MustFail = mustFail };

        void AddUnless(string name, string value)
        {
            if (!headers.Exists(line => line.StartsWith(name + ":", StringComparison.Ordinal)))
            {
                headers.Add($"{name}: {value}");
            }
        }
    }

    // One of the object's ids, or any other part below /v1.
    private string WithHostilePart(string path)
    {
        var (address, query) = path.Split('?') is [var before, var after] ? (before, "?" + after) : (path, "");
        var parts = address.Split('/');
        var ids = Enumerable.Range(0, parts.Length).Where(i => route.Path.Split('/') is var names && i < names.Length && names[i].StartsWith('{')).ToList();
        parts[ids.Count > 0 ? random.Of(ids) : parts.Length - 1] = random.Of(HostileValues.InAddresses);
        return string.Join('/', parts) + query;
    }

    private string WithQuery(string path)
    {
        var names = route.Query.Count == 0 ? ["limit", "cursor", "x"] : route.Query;
        var some = Enumerable.Range(0, 1 + random.Below(3)).Select(_ => $"{random.Of(names)}={random.Of(HostileValues.InAddresses)}");
        return $"{path.Split('?')[0]}?{string.Join('&', some)}{(random.OnceIn(8) ? "&%00=%FF&=&&&?" : "")}";
    }

    private (byte[] Body, bool Certainly) Spoiled(JsonNode whole)
    {
        var copy = whole.DeepClone();
        if (copy is not JsonObject top || top.Count == 0)
        {
            return (random.Of(HostileValues.Bodies), true);
        }

        var member = random.Of(top.Select(one => one.Key).ToList());
        switch (random.Below(5))
        {
            case 0 when route.Required.Contains(member, StringComparer.Ordinal):
                top.Remove(member);
                return (Bytes(top.ToJsonString()), true);
            case 1:
                top["member_of_nothing"] = 1;
                return (Bytes(top.ToJsonString()), true);
            case 2:
                var again = $"{{\"{member}\":{random.Of(HostileValues.Json)},";
                return (Bytes(again + top.ToJsonString()[1..]), true);
            case 3 when Amounts(top) is { Count: > 0 } amounts:
                random.Of(amounts)["amount"] = "@here@";
                return (Bytes(top.ToJsonString().Replace(Here, random.Of(HostileValues.Amounts), StringComparison.Ordinal)), true);
            default:
                Put(top, member);
                return (Bytes(top.ToJsonString().Replace(Here, random.Of(HostileValues.Json), StringComparison.Ordinal)), false);
        }
    }

    // Somewhere at or below this member.
    private void Put(JsonObject at, string member)
    {
        if (at[member] is JsonObject { Count: > 0 } inner && !random.OnceIn(3))
        {
            Put(inner, random.Of(inner.Select(one => one.Key).ToList()));
        }
        else if (at[member] is JsonArray { Count: > 0 } list && !random.OnceIn(3))
        {
            list[random.Below(list.Count)] = "@here@";
        }
        else
        {
            at[member] = "@here@";
        }
    }

    private static List<JsonObject> Amounts(JsonObject at) =>
        [
            .. at.Select(one => one.Value)
                .OfType<JsonObject>()
                .SelectMany(inner => inner.ContainsKey("amount") && inner.ContainsKey("currency") ? [inner] : Amounts(inner)),
        ];

    private static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);
}
