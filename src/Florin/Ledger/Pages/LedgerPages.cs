using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Ledger.Pages;

/// <summary><c>/admin/ledger</c>: the book, from any number to the entries that make it, at any time.</summary>
public static class LedgerPages
{
    /// <summary>Accounts, by kind and currency.</summary>
    public sealed record Accounts(Page<BookAccount> Found, string? Kind, string? Currency);

    /// <summary>One account, and the entries that make its balance.</summary>
    public sealed record OneAccount(BookAccount Account, DateTimeOffset? AsOf, Money.Amount? Occurred, Page<BookEntry> Entries);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("", ListAsync);
        pages.MapGet("/find", Find);
        pages.MapGet("/accounts/{id}", AccountAsync);
        pages.MapGet("/postings", CausedAsync);
        pages.MapGet("/postings/{id}", PostingAsync);
    }

    private static async Task<IResult> ListAsync(string? kind, string? currency, string? cursor, PageApi api)
    {
        var path = StaffForms.Query("/v1/ledger/accounts", ("limit", "50"), ("kind", kind), ("currency", currency), ("cursor", cursor));
        return PageAnswers.Page<AccountList>(new Accounts(await api.GetAsync<Page<BookAccount>>(path), kind, currency));
    }

    // One field for whatever number somebody has: of an account, of a posting, or of what caused one.
    private static IResult Find(string? number) =>
        PageAnswers.Go(
            number?.Trim() switch
            {
                null or "" => "/admin/ledger",
                var account when account.All(char.IsAsciiDigit) => "/admin/ledger/accounts/" + account,
                var posting when Ids.TryRead(LedgerExplorer.Prefix, posting, out _) => "/admin/ledger/postings/" + posting,
                var reference => StaffForms.Query("/admin/ledger/postings", ("reference", reference)),
            }
        );

    private static async Task<IResult> AccountAsync(string id, string? as_of, string? cursor, PageApi api)
    {
        var path = "/v1/ledger/accounts/" + StaffForms.Part(id);
        // The field of a form gives minutes without a zone: they are UTC, as the page says.
        var at = as_of is { Length: 16 } minutes && minutes.Contains('T', StringComparison.Ordinal) ? minutes + ":00Z" : as_of;
        var shown = await api.GetAsync<ShowAccount.Response>(StaffForms.Query(path, ("as_of", at)));
        var entries = await api.GetAsync<Page<BookEntry>>(StaffForms.Query(path + "/entries", ("limit", "50"), ("as_of", at), ("cursor", cursor)));
        return PageAnswers.Page<AccountDetail>(new OneAccount(shown.Account, shown.AsOf, shown.Occurred, entries));
    }

    private static async Task<IResult> PostingAsync(string id, PageApi api) =>
        PageAnswers.Page<PostingList>(new Page<BookPosting>([await api.GetAsync<BookPosting>("/v1/ledger/postings/" + StaffForms.Part(id))], NextCursor: null));

    private static async Task<IResult> CausedAsync(string? reference, PageApi api) =>
        PageAnswers.Page<PostingList>(await api.GetAsync<Page<BookPosting>>(StaffForms.Query("/v1/ledger/postings", ("reference", reference ?? "-"))));
}
