namespace Florin.Tests.Payments;

/// <summary>A gateway and the program that collects by it, for all tests of a class.</summary>
public sealed class GatewayAndApp<TDriver> : IAsyncLifetime
    where TDriver : GatewayDriver, new()
{
    public const string Currency = "BDT"; // what all gateways take

    public TDriver Gateway { get; } = new();

    public FlorinApp App { get; } = new();

    public async ValueTask InitializeAsync()
    {
        await Gateway.StartAsync(App.Settings);
        await App.InitializeAsync();
        Gateway.App = App;
    }

    /// <summary>What the gateway owes the house, in minor units.</summary>
    public Task<long> HeldAsync() =>
        App.Database.ScalarAsync<long>("select coalesce(sum(balance), 0)::bigint from ledger.accounts where code = $1", $"gateway:{Gateway.Name}:{Currency}");

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Gateway.DisposeAsync();
    }
}
