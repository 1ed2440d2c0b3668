using Florin.Bench;

namespace Florin.Tests.Gateways;

/// <summary>An app that collects by the small Stripe.</summary>
public sealed class StripeApp : IAsyncLifetime
{
    public FlorinApp App { get; } = new();

    public StripeServer Stripe { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Stripe = await StripeServer.StartAsync();
        Stripe.Settings(App.Settings);
        App.Settings["FLORIN_CURRENCIES"] = "KZT,EUR,USD,BDT,UGX,ISK,JPY,MGA,KWD";
        App.Settings["FLORIN_GATEWAY_TIMEOUT_SECONDS"] = "2";
        await App.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Stripe.DisposeAsync();
    }
}

/// <summary>An app that collects by the small aamarPay.</summary>
public sealed class AamarPayApp : IAsyncLifetime
{
    public FlorinApp App { get; } = new();

    public AamarPayServer AamarPay { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        AamarPay = await AamarPayServer.StartAsync();
        AamarPay.Settings(App.Settings);
        App.Settings["FLORIN_PUBLIC_URL"] = "https://pay.example.org";
        App.Settings["FLORIN_GATEWAY_TIMEOUT_SECONDS"] = "2";
        await App.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await AamarPay.DisposeAsync();
    }
}
