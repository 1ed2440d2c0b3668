using Florin.Ledger;
using Florin.Money;
using Florin.Platform;

namespace Florin.Files;

/// <summary>Credits that were bought in another system, within an import's commit.</summary>
public sealed class CreditImport(HouseAccounts house, TimeProvider clock)
{
    /// <summary>Gives a person free credits for counting words, which stand in the file credit liability from then on.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="person">Whose credits.</param>
    /// <param name="credits">How many.</param>
    /// <param name="price">What each was paid.</param>
    /// <param name="cancel">Stops looking; not the commit.</param>
    /// <returns>What the liability grows by; the caller posts it to there.</returns>
    public async Task<(long Account, long Minor)> AddToAsync(LedgerCommit commit, Guid person, int credits, Amount price, CancellationToken cancel)
    {
        for (var left = credits; left > 0; left -= CreditLot.Most)
        {
            var count = Math.Min(left, CreditLot.Most);
            var lot = new CreditLot
            {
                PaymentId = Ids.New(), // paid elsewhere: nothing here can be paid back
                PersonId = person,
                Service = WordCount.WorkName,
                Price = price.Minor,
                Currency = price.Currency.Code,
                Bought = count,
                Available = count,
                BoughtAt = clock.GetUtcNow(),
            };
            commit.Inserts.Add(CreditLot.Shape.Row(lot));
        }

        return (await house.IdAsync(HouseAccount.FileCreditLiability, price.Currency, cancel), checked(credits * price.Minor));
    }
}
