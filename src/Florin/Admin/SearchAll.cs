using Florin.Activity;
using Florin.Identity;
using Florin.Payments;
using Florin.Platform;
using Florin.Shops;
using Florin.Wallets;

namespace Florin.Admin;

/// <summary>
/// <c>GET /v1/search?q=</c>: what staff find by anything that a caller would say: a name, phone number, e-mail address, wallet number or its last digits,
/// the code of a payment or receipt (or its address), an amount, any id. At most ten of each; who was found is noted.
/// </summary>
internal static class SearchAll
{
    private const int Most = 10;
    private const int Shortest = 2;
    private const int Longest = 200;

    /// <param name="Id"><c>usr_…</c></param>
    /// <param name="Name">As others see them.</param>
    /// <param name="Username">A login.</param>
    /// <param name="Email">A login.</param>
    /// <param name="Phone">A login.</param>
    /// <param name="Roles">As in the table of roles.</param>
    /// <param name="Frozen">Whether staff froze the account.</param>
    public sealed record FoundPerson(string Id, string Name, string? Username, string? Email, string? Phone, IReadOnlyList<string> Roles, bool Frozen);

    /// <param name="People">Newest first.</param>
    /// <param name="Wallets">Newest first.</param>
    /// <param name="Shops">Newest first.</param>
    /// <param name="Payments">Newest first.</param>
    public sealed record Response(
        IReadOnlyList<FoundPerson> People,
        IReadOnlyList<DeskWallet> Wallets,
        IReadOnlyList<FoundShop> Shops,
        IReadOnlyList<PaymentView> Payments
    )
    {
        /// <summary>Whether nothing was found.</summary>
        internal bool Empty => People.Count + Wallets.Count + Shops.Count + Payments.Count == 0;
    }

    public static void Map(RouteGroupBuilder v1) =>
        v1.MapGet("/search", HandleAsync).RequireAuthorization(Policies.Staff).LimitRate(RateLimit.Costly).WithTags("search");

    private static async Task<Response> HandleAsync(
        string q,
        HttpContext http,
        People people,
        WalletDesk wallets,
        ShopSearch shops,
        PaymentSearch payments,
        FlorinDb db,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var text = Read(q);
        var found = new Response(
            [.. (await people.SearchAsync(text, Most, cancel)).Select(Show)],
            await wallets.SearchAsync(text, Most, cancel),
            await shops.FindAsync(text, Most, cancel),
            await payments.FindAsync(text, Most, cancel)
        );
        // What was typed may name somebody and stays out of the book of activity; whom it led to does not.
        var persons = found.People.Select(person => person.Id).Concat(found.Wallets.Select(wallet => wallet.Owner)).Distinct(StringComparer.Ordinal);
        db.Add(activity.Entry(http, "admin.searched", details: new { people = persons, payments = found.Payments.Count }));
        await db.SaveChangesAsync(cancel);
        return found;
    }

    // An address of ours that was copied whole stands for its last part.
    private static string Read(string q)
    {
        var text = q.Trim();
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
        {
            text = address.AbsolutePath.TrimEnd('/').Split('/')[^1];
        }

        return text.Length is >= Shortest and <= Longest && !text.Contains('\0', StringComparison.Ordinal)
            ? text
            : throw PlatformRefusals.InvalidRequest.Field("q", $"must have {Shortest} to {Longest} characters");
    }

    private static FoundPerson Show(Person person) =>
        new(person.PublicId, person.DisplayName, person.Username, person.Email, person.Phone, person.Roles, person.DeactivatedAt is not null);
}
