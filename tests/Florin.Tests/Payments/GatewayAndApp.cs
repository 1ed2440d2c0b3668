namespace Florin.Tests.Payments;

/// <summary>A gateway and the program that collects by it, for all tests of a class.</summary>
public sealed class GatewayAndApp<TDriver> : IAsyncLifetime
    where TDriver : GatewayDriver, new()
{
    public TDriver Gateway { get; } = new();

    public FlorinApp App { get; } = new();

    public async ValueTask InitializeAsync()
    {
        await Gateway.StartAsync(App.Settings);
        await App.InitializeAsync();
        Gateway.App = App;
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Gateway.DisposeAsync();
    }
}
