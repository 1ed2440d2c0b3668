using Florin.Money;

namespace Florin.Imports.Sources;

/// <summary>VeinPay: users with a role, a wallet each, bills. Top-ups left no rows there, so that a balance is all that there is to take.</summary>
internal static class VeinPaySource
{
    public static void Read(SourceFile file, SourceData data, Currency currency)
    {
        foreach (
            var row in file.Read("user", ["id", "username", "password", "role"], "email", "first_name", "last_name", "is_active", "is_staff", "is_superuser")
        )
        {
            data.People.Add(Django.Person(row) with { Merchant = row.Text("role") is "SHOP_OWNER" });
        }

        foreach (var row in file.Read("wallet", ["id", "owner_id", "balance"]))
        {
            data.Wallets.Add(new SourceWallet(row.Required("id"), row.Required("owner_id"), currency, row.Minor("balance", currency)));
        }

        var ended = 0;
        foreach (var row in file.Read("bill", ["id", "initiating_shop_id", "customer_id", "amount", "status"]))
        {
            var amount = new Amount(row.Minor("amount", currency), currency);
            if (row.Text("status") is not "PENDING" || amount.Minor < 1)
            {
                ended++; // paid and cancelled ones are history, and one of nothing or less is no bill
                continue;
            }

            data.Bills.Add(new SourceBill(row.Required("id"), row.Required("initiating_shop_id"), row.Required("customer_id"), amount));
        }

        Django.Leave(data, ended, "bills that are paid, cancelled, or of nothing or less");
        Django.Leave(data, file.ReadIfAny("transaction", ["id", "bill_id"]).Count, "transactions: balances are opening balances here");
        Django.Leave(data, file.ReadIfAny("biometricdata", ["id", "owner_id"]).Count, "face pictures: people enrol anew, with their consent");
    }
}
