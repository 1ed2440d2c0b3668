using Florin.Payments;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Compat.PaymentFiles;

/// <summary>Seed 3's <c>GET /api/transactions/</c> for staff: what was asked for uploads, newest first.</summary>
internal static class ListGatewayPayments
{
    /// <summary>What the gateway said.</summary>
    internal sealed record Answer(string? PgTxnid, string PayStatus, string Amount, string CusName);

    /// <summary>A payment.</summary>
    internal sealed record Response(Guid PaymentId, long? User, string Amount, string Status, string TransactionId, Answer? GatewayResponse, string Timestamp);

    /// <summary>The newest. The caller is staff.</summary>
    public static async Task<List<Response>> ReadAsync(EdgeApi api, PaymentReferences references, FlorinDb db, CancellationToken cancel)
    {
        var payments = await api.NewestAsync<PaymentView>("/v1/payments?all=true&purpose=file_credit");
        var attempts = await references.OfAsync([.. payments.Select(FilePayments.IdOf)], cancel);
        var ids = attempts.Values.Select(one => one.Payee).Distinct().ToList();
        var people = await db
            .People.AsNoTracking()
            .Where(one => ids.Contains(one.Id))
            .Select(one => new
            {
                one.Id,
                one.Number,
                one.Username,
            })
            .ToDictionaryAsync(one => one.Id, cancel);
        return payments.ConvertAll(one =>
        {
            var tried = attempts[FilePayments.IdOf(one)];
            var person = people.GetValueOrDefault(tried.Payee);
            var (status, amount) = (FilePayments.StatusOf(one.State), EdgeFormats.Decimal(one.Amount));
            return new Response(
                FilePayments.IdOf(one),
                person?.Number,
                amount,
                status,
                FilePayments.NumberOf(FilePayments.IdOf(one)),
                tried.Attempt is null ? null : new Answer(tried.Gateway, status is "Paid" ? "Successful" : status, amount, person?.Username ?? ""),
                EdgeFormats.Time(one.CreatedAt)
            );
        });
    }
}
