using Florin.Money;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Payments;

/// <summary>Finds anybody's payments, for staff.</summary>
public sealed class PaymentSearch
{
    // What has no index of its own is looked for among the newest only; the list of payments finds older ones by their days.
    private const int Newest = 50_000;

    private readonly FlorinDb db;
    private readonly PaymentViews views;
    private readonly Settings settings;

    internal PaymentSearch(FlorinDb db, PaymentViews views, Settings settings)
    {
        this.db = db;
        this.views = views;
        this.settings = settings;
    }

    /// <summary>
    /// Payments by id, by the code of page and receipt, by an attempt or the gateway's number of it, or, of the newest 50,000, by the payee's reference or
    /// by amount (<c>12.50</c>, <c>12.50 USD</c>). Newest first.
    /// </summary>
    /// <param name="text">As typed.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="cancel">Stops looking.</param>
    public async Task<IReadOnlyList<PaymentView>> FindAsync(string text, int most, CancellationToken cancel)
    {
        Guid? payment = Ids.TryRead(PaymentFact.Prefix, text, out var id) ? id : null;
        Guid? attempt = Ids.TryRead("att", text, out var tried) ? tried : null;
        var (currencies, amounts) = AmountsOf(text);
        var rows = await db
            .Payments.FromSql(
                $"""
                select p.* from payments.payments p where p.id in (
                    select {payment}::uuid
                    union select id from payments.payments where code = {text}
                    union select payment_id from payments.attempts where id = {attempt}::uuid
                    union (select payment_id from payments.attempts where gateway_reference = {text} limit {most})
                    union (
                        select id from (select id, amount, currency, reference from payments.payments order by id desc limit {Newest}) newest
                        where newest.reference = {text}
                            or (newest.currency, newest.amount) in (select * from unnest({currencies}::text[], {amounts}::bigint[]))
                        order by id desc limit {most}
                    )
                )
                """
            )
            .AsNoTracking()
            .OrderByDescending(one => one.Id)
            .Take(most)
            .ToListAsync(cancel);
        return rows.ConvertAll(one => views.Of(one.Fact, one.Status, payee: true));
    }

    /// <summary>What an amount as typed may mean: in the currency that stands with it, or in each of the house's.</summary>
    internal (string[] Currencies, long[] Minor) AmountsOf(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var named = words.Where(word => word.Length == 3 && word.All(char.IsAsciiLetter)).ToList();
        var number = string.Concat(words.Where(word => !named.Contains(word, StringComparer.Ordinal)));
        if (named.Count > 1 || number.Length is 0 or > 20 || !char.IsAsciiDigit(number[0]))
        {
            return ([], []);
        }

        var meant = settings
            .Currencies.Where(currency => named.Count == 0 || string.Equals(currency.Code, named[0], StringComparison.OrdinalIgnoreCase))
            .Select(currency => Platform.Pages.TypedAmount.Read(number, currency).Parse())
            .OfType<Amount>()
            .Where(amount => amount.Minor > 0)
            .ToList();
        return ([.. meant.Select(amount => amount.Currency.Code)], [.. meant.Select(amount => amount.Minor)]);
    }
}
