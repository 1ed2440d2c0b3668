using Florin.Identity;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>Finds the payer whom a cashier names.</summary>
public sealed class NamedPayers(WalletFacts facts, IServiceScopeFactory scopes)
{
    /// <summary>The person, who may sign in.</summary>
    /// <param name="payer">Username, e-mail address, phone number or wallet number.</param>
    /// <param name="cancel">Stops looking.</param>
    /// <exception cref="Refusal"><c>payer_unknown</c></exception>
    public async Task<Person> FindAsync(string payer, CancellationToken cancel)
    {
        var wallet = payer.Length == 10 && payer.All(char.IsAsciiDigit) ? await facts.ByNumberAsync(payer, cancel) : null;
        await using var scope = scopes.CreateAsyncScope();
        var people = scope.ServiceProvider.GetRequiredService<People>();
        var found = wallet is null ? await people.FindByLoginAsync(payer, LoginKinds.Any, cancel) : await people.FindAsync(wallet.Person, cancel);
        return found is { Active: true } ? found : throw PaymentsRefusals.PayerUnknown.With();
    }
}
