using Florin.Activity;
using Florin.Ledger;
using Florin.Payments;
using Florin.Platform;
using Florin.Platform.Pages;
using Florin.Vouchers.Pages;

namespace Florin.Vouchers;

/// <summary>Vouchers: types, discounts, sale, gifts, redemption, expiry and refund. What is sold and not used is a liability in the ledger.</summary>
public static class VouchersModule
{
    /// <summary>The policy of routes that look.</summary>
    internal static readonly string Read = Policies.Scope("vouchers:read");

    /// <summary>The policy of routes that change.</summary>
    internal static readonly string Write = Policies.Scope("vouchers:write");

    /// <summary>Its services.</summary>
    public static void AddVouchers(this IServiceCollection services, Settings settings)
    {
        services.AddSingleton(new StaffPlace("Vouchers", "/admin/vouchers", Icon: "ticket", Order: 70));
        services.AddSingleton(new VoucherSettings(settings));
        services.AddSingleton<VoucherRefunds>();
        services.AddSingleton<VoucherFigures>();
        services.AddSingleton<IFulfilment, VoucherSale>();
        services.AddSingleton<ExpireVouchers>();
        services.AddSingleton<RemindOfVouchers>();
        services.AddSingleton<IPersonalData, VouchersPersonalData>();
        services.AddSingleton(provider => new VoucherSamples(
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<ActivityLog>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddScoped(provider => new VoucherDesk(provider.GetRequiredService<FlorinDb>(), provider.GetRequiredService<Settings>()));
        services.AddScoped(provider => new VoucherImport(
            provider.GetRequiredService<FlorinDb>(),
            provider.GetRequiredService<HouseAccounts>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton(ExpireVouchers.Job);
        services.AddSingleton(RemindOfVouchers.Job);
        services.AddSingleton(new Command("seed-samples", "make the four sample voucher types, where they are missing", VoucherSamples.RunAsync));
        services.AddSingleton(new NavigationLink("Vouchers", "/vouchers", Icon: "ticket", Order: 30, [Roles.Customer, Roles.Merchant, Roles.Cashier]));
    }

    /// <summary>Its routes and pages.</summary>
    public static void MapVouchers(this IEndpointRouteBuilder app, RouteGroupBuilder v1)
    {
        v1.MapVouchersRoutes();
        app.MapVoucherPages();
    }

    /// <summary>Its routes.</summary>
    private static void MapVouchersRoutes(this RouteGroupBuilder v1)
    {
        var types = v1.MapGroup("/voucher-types").WithTags("vouchers");
        ListVoucherTypes.Map(types);
        CreateVoucherType.Map(types);
        ChangeVoucherType.Map(types);
        SetVoucherTypePicture.Map(types);

        var discounts = v1.MapGroup("/voucher-discounts").WithTags("vouchers");
        CreateDiscount.Map(discounts);
        ChangeDiscount.Map(discounts);

        GrantVerifier.Map(v1, v1.MapGroup("/voucher-verifiers").WithTags("vouchers"));

        var vouchers = v1.MapGroup("/vouchers").WithTags("vouchers");
        ListVouchers.Map(vouchers);
        ShowVoucherStats.Map(v1, vouchers);
        GiveVoucher.Map(vouchers);
        RedeemVoucher.Map(vouchers);
        ListRedemptions.Map(vouchers);
        UndoRedemption.Map(vouchers);
    }

    /// <summary>Its pages.</summary>
    private static void MapVoucherPages(this IEndpointRouteBuilder app)
    {
        WindowPage.Map(app.MapPages("/vouchers"));
        DeskVouchersPage.Map(app.MapStaffPages());
        var own = app.MapPages("/vouchers").RequireAuthorization(Policies.Person);
        BuyPage.Map(own);
        MyVouchersPage.Map(own);
        RedeemPage.Map(own);
    }
}
