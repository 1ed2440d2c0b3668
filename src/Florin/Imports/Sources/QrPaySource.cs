using Florin.Money;

namespace Florin.Imports.Sources;

/// <summary>The QR payments: people with a card, a plain-text password and a balance that may be a fraction of a cent, which is cut off.</summary>
internal static class QrPaySource
{
    public static void Read(SourceFile file, SourceData data, Currency currency)
    {
        var transactions = file.ReadIfAny("transactions", ["id", "merchant"]);
        var merchants = transactions.Select(row => row.Text("merchant")).ToHashSet(StringComparer.Ordinal);
        foreach (var row in file.Read("cards", ["id", "login", "password", "amaunt"], "pincode", "pin_limit"))
        {
            var (key, login) = (row.Required("id"), row.Required("login"));
            var pin = row.Text("pincode") is { Length: >= 4 and <= 6 } code && code.All(char.IsAsciiDigit) ? code : null;
            data.People.Add(
                new SourcePerson(key, login, Email: null, Phone: null)
                {
                    PlainPassword = row.Text("password"),
                    Pin = pin,
                    Merchant = merchants.Contains(login),
                }
            );
            var limit = row.Int("pin_limit", 10);
            data.Wallets.Add(
                new SourceWallet(key, key, currency, row.Minor("amaunt", currency, cut: true))
                {
                    // -1 was no limit; without a PIN nobody could pay above one.
                    ProofLimit = pin is null || limit < 0 ? null : limit * currency.MinorPerMajor,
                }
            );
        }

        Django.Leave(data, data.People.Count, "card numbers and session tokens: they were all that a stranger needed");
        Django.Leave(data, transactions.Count, "transactions: balances are opening balances here, and open ones are asked for anew");
    }
}
