using Florin.Payments;
using Florin.Platform;

namespace Florin.Shops;

/// <summary>Shops, sales, fee plans, cash, takings and payouts.</summary>
public static class ShopsModule
{
    /// <summary>Its services.</summary>
    public static void AddShops(this IServiceCollection services)
    {
        services.AddSingleton<ShopDesk>();
        services.AddScoped<PayoutDesk>();
        services.AddSingleton<IFulfilment, Sale>();
        services.AddSingleton<IPaymentMethod, CashMethod>();
        services.AddSingleton<IPersonalData, ShopsPersonalData>();
        services.AddSingleton<ShopOpening>();
        services.AddSingleton<ShopFront>();
    }

    /// <summary>Its routes.</summary>
    public static void MapShops(this RouteGroupBuilder v1)
    {
        var shops = v1.MapGroup("/shops").WithTags("shops");
        CreateShop.Map(shops);
        ShowShops.Map(shops);
        ListShopPayments.Map(shops);
        CreateSale.Map(shops);
        ShowShopBalance.Map(shops);
        ShowTakings.Map(shops);
        MapPayouts(v1, shops);
        SetPlan.Map(v1.MapGroup("/shop-plans").WithTags("shops"), shops);
    }

    private static void MapPayouts(RouteGroupBuilder v1, RouteGroupBuilder shops)
    {
        AddBankAccount.Map(shops);
        ListBankAccounts.Map(shops);
        CloseBankAccount.Map(shops);
        var payouts = v1.MapGroup("/payouts").WithTags("payouts");
        RequestPayout.Map(payouts);
        ListPayouts.Map(payouts);
        DecidePayout.Map(payouts);
        CancelPayout.Map(payouts);
        SettlePayout.Map(payouts);
        ExportPayouts.Map(v1);
    }
}

/// <summary>Opens shops within the commits of other modules, such as demo data.</summary>
public sealed class ShopOpening(TimeProvider clock)
{
    /// <summary>Makes a commit open a shop.</summary>
    /// <returns>Its id.</returns>
    public Guid AddTo(Ledger.LedgerCommit commit, Guid owner, string name)
    {
        var shop = Shop.Draw(owner, name, clock.GetUtcNow());
        commit.Inserts.Add(Shop.Shape.Row(shop));
        return shop.Id;
    }
}
