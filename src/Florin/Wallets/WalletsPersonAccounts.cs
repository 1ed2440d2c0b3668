using Florin.Identity;

namespace Florin.Wallets;

/// <summary>A person's open wallets.</summary>
internal sealed class WalletsPersonAccounts(WalletFacts facts) : IPersonAccounts
{
    public async Task<IReadOnlyList<long>> OfAsync(Guid person, CancellationToken cancel) =>
        [.. (await facts.OfPersonAsync(person, cancel)).Select(wallet => wallet.Account)];
}
