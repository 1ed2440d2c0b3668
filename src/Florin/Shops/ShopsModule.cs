using Florin.Identity;
using Florin.Ledger;
using Florin.Payments;
using Florin.Platform;
using Florin.Shops.Pages;

namespace Florin.Shops;

/// <summary>Shops, who works in them, their customers and bills, sales, fee plans, cash, takings and payouts.</summary>
public static class ShopsModule
{
    /// <summary>Its services.</summary>
    public static void AddShops(this IServiceCollection services)
    {
        services.AddSingleton(BankAccount.SealedNumbers);
        services.AddSingleton<ShopDesk>();
        services.AddScoped<PayoutDesk>();
        services.AddSingleton<IFulfilment, Sale>();
        services.AddSingleton<IPaymentMethod, CashMethod>();
        services.AddSingleton<IPersonalData, ShopsPersonalData>();
        services.AddSingleton<IPersonAccounts, ShopsPersonAccounts>();
        services.AddSingleton<ShopOpening>();
        services.AddSingleton(provider => new ShopImport(
            provider.GetRequiredService<ShopDesk>(),
            provider.GetRequiredService<Checkout>(),
            provider.GetRequiredService<GeneralLedger>(),
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton<ShopFront>();
        services.AddSingleton<CustomerOpening>();
        services.AddScoped<DecideApplication.Decision>();
        services.AddScoped<Invitations>();
        services.AddScoped<Bills>();
        services.AddScoped(provider => new ShopSearch(provider.GetRequiredService<FlorinDb>()));
        services.AddSingleton(TidyInvitations.Job);
        services.AddShopPages();
    }

    /// <summary>Its routes and pages.</summary>
    public static void MapShops(this IEndpointRouteBuilder app, RouteGroupBuilder v1)
    {
        v1.MapShopsRoutes();
        app.MapShopPages();
    }

    /// <summary>Its routes.</summary>
    private static void MapShopsRoutes(this RouteGroupBuilder v1)
    {
        var shops = v1.MapGroup("/shops").WithTags("shops");
        CreateShop.Map(shops);
        ShowShops.Map(shops);
        ListDeskShops.Map(shops);
        ShowDeskShop.Map(shops);
        ChangeShop.Map(shops);
        CloseShop.Map(shops);
        SetShopPicture.Map(shops);
        ShowShopSign.Map(shops);
        ListShopPayments.Map(shops);
        CreateSale.Map(shops);
        ShowShopBalance.Map(shops);
        ShowTakings.Map(shops);
        MapPayouts(v1, shops);
        var plans = v1.MapGroup("/shop-plans").WithTags("shops");
        SetPlan.Map(plans, shops);
        PreviewPlan.Map(plans, shops);

        var applications = v1.MapGroup("/shop-applications").WithTags("shops");
        ListApplications.Map(applications);
        DecideApplication.Map(applications);

        InviteMember.Map(shops);
        ListInvitations.Map(shops);
        ListMembers.Map(shops);
        RemoveMember.Map(shops);
        AcceptInvitation.Map(v1.MapGroup("/shop-invitations").WithTags("shops"));

        CreateCustomer.Map(shops);
        ListCustomers.Map(shops);
        ShowCustomer.Map(shops);

        var bills = v1.MapGroup("/bills").WithTags("bills");
        CreateBill.Map(bills);
        ListBills.Map(bills);
        ShowBill.Map(bills);
        PrintBill.Map(bills);
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
public sealed class ShopOpening(Settings settings, TimeProvider clock)
{
    /// <summary>Makes a commit open a shop.</summary>
    /// <returns>Its id.</returns>
    public Guid AddTo(Ledger.LedgerCommit commit, Guid owner, string name)
    {
        var shop = Shop.Draw(owner, name, settings.DefaultCurrency, clock.GetUtcNow());
        commit.Inserts.Add(Shop.Shape.Row(shop));
        return shop.Id;
    }
}
