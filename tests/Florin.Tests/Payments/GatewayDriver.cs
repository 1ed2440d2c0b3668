namespace Florin.Tests.Payments;

/// <summary>What a test does with a gateway.</summary>
public abstract class GatewayDriver : IAsyncDisposable
{
    public abstract string Name { get; }

    public FlorinApp App { get; set; } = null!;

    /// <summary>The body that pays by it.</summary>
    public virtual string Body => $$$"""{"method":"{{{Name}}}","contact":{"name":"Ada","email":"ada@example.org","phone":"+8801700000000"}}""";

    /// <summary>Whether it refunds by itself.</summary>
    public abstract bool PaysBack { get; }

    /// <summary>How many charges it knows.</summary>
    public abstract Task<long> CountChargesAsync();

    /// <summary>What it paid back.</summary>
    public abstract Task<decimal> SumRefundedAsync();

    /// <summary>What it disliked about our requests.</summary>
    public abstract IReadOnlyCollection<string> Faults { get; }

    /// <summary>Whether it will not confirm that a charge is called off.</summary>
    public virtual bool CannotCancel { get; set; }

    public abstract Task StartAsync(Dictionary<string, string> settings);

    /// <summary>The payer pays.</summary>
    public abstract Task SucceedAsync(Guid attempt);

    /// <summary>The payer pays another amount; false where the gateway cannot do that.</summary>
    public abstract Task<bool> SucceedWithAsync(Guid attempt, string amount);

    /// <summary>The card is declined.</summary>
    public abstract Task DeclineAsync(Guid attempt);

    /// <summary>The payer turns back, and the gateway tells us.</summary>
    public abstract Task TurnBackAsync(Guid attempt);

    /// <summary>The gateway calls us.</summary>
    public abstract Task CallBackAsync(Guid attempt, string? amount = null);

    /// <summary>Somebody else calls us.</summary>
    public abstract Task ForgeAsync(Guid attempt);

    /// <summary>The next call does what it asks for, and its answer is lost.</summary>
    public abstract void LoseNextAnswer();

    public abstract ValueTask DisposeAsync();
}
