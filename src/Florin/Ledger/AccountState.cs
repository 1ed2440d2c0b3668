using Florin.Money;

namespace Florin.Ledger;

/// <summary>An account row under the writer's lock, as the accepted commits of the batch leave it.</summary>
internal sealed class AccountState
{
    public required AccountView Now { get; set; }

    public AccountView View() => Now;
}
