using Florin.Money;
using Florin.Vouchers;

namespace Florin.Imports.Sources;

/// <summary>The voucher app: users, voucher types, vouchers with what was paid for them. A voucher that nothing was paid for is worth nothing in the book.</summary>
internal static class VoucherAppSource
{
    public static void Read(SourceFile file, SourceData data, Currency currency)
    {
        string[] optional =
        [
            "first_name",
            "last_name",
            "is_active",
            "is_staff",
            "is_superuser",
            "phone_number",
            "date_of_birth",
            "student_id",
            "institution",
            "graduation_year",
        ];
        foreach (var row in file.Read("user", ["id", "username", "email", "password"], optional))
        {
            var year = row.Int("graduation_year", 0);
            data.People.Add(
                Django.Person(row) with
                {
                    ContactNumber = row.Text("phone_number"),
                    DateOfBirth = row.Date("date_of_birth"),
                    StudentId = row.Text("student_id"),
                    Institution = row.Text("institution"),
                    GraduationYear = year == 0 ? null : year,
                }
            );
        }

        foreach (var row in file.Read("vouchertype", ["id", "name", "type_code", "price", "is_active", "validity_days", "usage_limit"], "description"))
        {
            data.VoucherTypes[row.Required("id")] = new ImportedVoucherType(
                row.Required("type_code"),
                row.Required("name"),
                row.Text("description") ?? "",
                new Amount(row.Minor("price", currency), currency),
                row.Int("validity_days", 30),
                row.Int("usage_limit", 1),
                row.Flag("is_active", true)
            );
        }

        ReadVouchers(file, data, currency, PaidFor(file, currency));
        Django.Leave(data, file.ReadIfAny("voucherusage", ["id", "voucher_id"]).Count, "usages: how often a voucher was used is taken, by whom is not");
        Django.Leave(data, file.ReadIfAny("voucherdiscount", ["id", "code"]).Count, "discounts");
        Django.Leave(data, file.ReadIfAny("refund", ["id", "payment_id"]).Count, "refunds, none of which was ever carried out there");
    }

    // What each voucher of a completed payment was paid: equal parts of the whole.
    private static Dictionary<string, Queue<Amount>> PaidFor(SourceFile file, Currency otherwise)
    {
        var paid = new Dictionary<string, Queue<Amount>>(StringComparer.Ordinal);
        foreach (var row in file.ReadIfAny("payment", ["id", "amount", "quantity", "status", "currency"], "discount_amount"))
        {
            if (row.Text("status") is not "completed")
            {
                continue;
            }

            var currency = row.Text("currency") is { } code && Currency.TryParse(code.ToUpperInvariant(), out var known) ? known : otherwise;
            var quantity = Math.Clamp(row.Int("quantity", 1), 1, 10_000);
            var total = Math.Max(0, (row.Minor("amount", currency) * quantity) - row.Minor("discount_amount", currency));
            var parts = Rounding.Allocate(total, [.. Enumerable.Repeat(1L, quantity)]);
            paid[Plain(row.Required("id"))] = new Queue<Amount>(parts.Select(part => new Amount(part, currency)));
        }

        return paid;
    }

    private static void ReadVouchers(SourceFile file, SourceData data, Currency currency, Dictionary<string, Queue<Amount>> paid)
    {
        string[] required = ["id", "code", "voucher_type_id", "user_id", "status", "usage_count", "issued_at", "expires_at"];
        foreach (var row in file.Read("voucher", required, "last_used_at", "transaction_id"))
        {
            var (key, code, type) = (row.Required("id"), row.Required("code").ToUpperInvariant(), row.Required("voucher_type_id"));
            if (!data.VoucherTypes.TryGetValue(type, out var known))
            {
                data.Problems.Add($"voucher {key}: its type {type} is not there");
                continue;
            }

            var share =
                row.Text("transaction_id") is { } payment && paid.TryGetValue(Plain(payment), out var parts) && parts.TryDequeue(out var part)
                    ? part
                    : new Amount(0, currency);
            var price = share.Currency == known.Price.Currency ? known.Price : new Amount(Math.Max(1, share.Minor), share.Currency);
            var voucher = new ImportedVoucher(
                default,
                default,
                code,
                price,
                share.Minor,
                row.Int("usage_count", 0),
                row.Time("issued_at") ?? DateTimeOffset.UnixEpoch,
                row.Time("expires_at") ?? DateTimeOffset.UnixEpoch,
                row.Time("last_used_at"),
                row.Text("status") is "cancelled" or "expired"
            );
            data.Vouchers.Add(new SourceVoucher(key, row.Required("user_id"), type, voucher));
        }
    }

    // Django keeps UUIDs without dashes in SQLite; a text column has them with.
    private static string Plain(string id) => id.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
}
