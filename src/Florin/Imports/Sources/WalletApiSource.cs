using Florin.Money;

namespace Florin.Imports.Sources;

/// <summary>WalletAPI: users by phone number, wallets with their numbers, and when each next owes its monthly fee.</summary>
internal static class WalletApiSource
{
    public static void Read(SourceFile file, SourceData data)
    {
        foreach (var row in file.Read("user", ["id", "email", "phone_number", "password"], "first_name", "last_name", "is_active", "is_staff", "is_superuser"))
        {
            data.People.Add(Django.Person(row) with { Username = null, Phone = row.Text("phone_number") });
        }

        var due = file.ReadIfAny("walletmonthlyfee", ["id", "wallet_id", "next_charge_date"])
            .ToDictionary(row => row.Required("wallet_id"), StringComparer.Ordinal);
        foreach (var row in file.Read("wallet", ["id", "wallet_number", "user_id", "amount", "amount_currency"], "name", "is_active"))
        {
            var code = row.Required("amount_currency");
            if (!Currency.TryParse(code, out var currency))
            {
                data.Problems.Add($"wallet {row.Required("id")}: there is no currency '{code}'");
                continue;
            }

            data.Wallets.Add(
                new SourceWallet(row.Required("id"), row.Required("user_id"), currency, row.Minor("amount", currency))
                {
                    Name = row.Text("name"),
                    Number = row.Required("wallet_number"),
                    Blocked = !row.Flag("is_active", true),
                    FeeDue = due.GetValueOrDefault(row.Required("id"))?.Time("next_charge_date"),
                }
            );
        }

        Django.Leave(data, file.ReadIfAny("wallettransaction", ["id", "operation_type"]).Count, "transactions: balances are opening balances here");
    }
}
