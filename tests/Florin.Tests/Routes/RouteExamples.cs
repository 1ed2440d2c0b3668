using System.Text.Json;
using Florin.Tests.Identity;

namespace Florin.Tests.Routes;

/// <summary>Whose the object is that a route's address names.</summary>
internal enum Whose
{
    /// <summary>Its owner's: for everybody else it is not there.</summary>
    Owners,

    /// <summary>Anybody's who may call the route at all: staff see all.</summary>
    Callers,

    /// <summary>Whoever's who brings the secret that goes with the id; without it nobody learns whether there is such an id.</summary>
    Knowers,
}

/// <summary>How a test that knows nothing of a module comes by an object of it.</summary>
/// <param name="Route">As <c>POST /v1/wallets/{id}/transfers</c>.</param>
/// <param name="Path">Makes an object of this person's and gives the route's address with its id (or ids, or query).</param>
/// <param name="Body">A body that gets as far as the object; null for none.</param>
internal sealed record RouteExample(string Route, Func<SignedIn, Task<string>> Path, object? Body = null)
{
    /// <summary>Whose the object is.</summary>
    public Whose Whose { get; init; }

    /// <summary>The roles of owner and stranger.</summary>
    public string[] Roles { get; init; } = [];
}

/// <summary>
/// One line for each route that names an object in its address. A module adds a file <c>RouteExamples.Shops.cs</c> with
/// <c>private static IEnumerable&lt;RouteExample&gt; Shops() => […]</c>; every such method is found by itself.
/// </summary>
internal static partial class RouteExamples
{
    /// <summary>All lines, by route.</summary>
    public static IReadOnlyDictionary<string, RouteExample> All { get; } =
        typeof(RouteExamples)
            .GetMethods(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)
            .Where(method => method.ReturnType == typeof(IEnumerable<RouteExample>) && method.GetParameters().Length == 0)
            .SelectMany(method => (IEnumerable<RouteExample>)method.Invoke(null, null)!)
            .ToDictionary(example => example.Route, StringComparer.Ordinal);

    // Makes something by a POST and gives its id in the place of {0}.
    private static Func<SignedIn, Task<string>> After(string post, object body, string address, string id = "id") =>
        async who =>
        {
            var made = await SignedIn.Json(await who.SendAsync("POST", post, body));
            return string.Format(System.Globalization.CultureInfo.InvariantCulture, address, made.GetProperty(id).GetString());
        };
}
