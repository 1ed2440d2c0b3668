using System.ComponentModel.DataAnnotations;
using Florin.Identity;
using Florin.Money;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>
/// <c>POST /v1/recipients</c>: which wallet a number, phone, e-mail address or username leads to, and enough of its owner's name to notice a slip before
/// money is sent. Counted as guessing, and a body, so that nobody's address stands in a log.
/// </summary>
internal static class FindRecipient
{
    /// <param name="To">A wallet number, or a proven phone number or e-mail address, or a username.</param>
    /// <param name="Currency">Of a person: the wallet in this currency where they have one, else their oldest.</param>
    public sealed record Request([property: StringLength(254, MinimumLength = 1)] string To, Currency? Currency = null);

    /// <param name="Number">The wallet's number, for <c>POST /v1/wallets/{id}/transfers</c>.</param>
    /// <param name="Currency">The wallet's currency.</param>
    /// <param name="Name">The first name and the initial of the last, such as <c>Bob B.</c>.</param>
    /// <param name="Own">Whether it is the caller's own.</param>
    public sealed record Response(string Number, Currency Currency, string Name, bool Own);

    public static void Map(RouteGroupBuilder v1) =>
        v1.MapPost("/recipients", HandleAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Guessing).WithTags("wallets");

    private static async Task<Response> HandleAsync(Request request, Caller caller, WalletFacts facts, People people, CancellationToken cancel)
    {
        var to = request.To.Trim();
        var wallet = to.Length == 10 && to.All(char.IsAsciiDigit) ? await facts.ByNumberAsync(to, cancel) : null;
        var person = wallet is null ? await people.FindByLoginAsync(to, LoginKinds.Any, cancel) : await people.FindAsync(wallet.Person, cancel);
        if (wallet is null && person is not null && IsProven(person, to))
        {
            var wallets = await facts.OfPersonAsync(person.Id, cancel);
            wallet = wallets.FirstOrDefault(one => one.Currency == request.Currency) ?? (wallets.Count > 0 ? wallets[0] : null);
        }

        return wallet is not null && person is { DeletedAt: null }
            ? new Response(wallet.Number, wallet.Currency, Masked(person), person.Id == caller.Person)
            : throw WalletsRefusals.RecipientNotFound.With();
    }

    // Whoever wrote somebody else's address into their own account does not get what is meant for that address.
    private static bool IsProven(Person person, string to) =>
        string.Equals(person.Email, to, StringComparison.OrdinalIgnoreCase) ? person.EmailVerifiedAt is not null
        : Logins.TryPhone(to) is { } phone && string.Equals(person.Phone, phone, StringComparison.Ordinal) ? person.PhoneVerifiedAt is not null
        : true;

    private static string Masked(Person person) =>
        (person.FirstName.Length, person.LastName.Length) switch
        {
            (> 0, > 0) => $"{person.FirstName} {Initial(person.LastName)}.",
            (> 0, 0) => person.FirstName,
            (0, > 0) => $"{Initial(person.LastName)}.",
            _ => $"{Initial(person.DisplayName)}***{person.DisplayName[^1]}",
        };

    private static string Initial(string name) => System.Globalization.StringInfo.GetNextTextElement(name);
}
