using Florin.Identity;
using Florin.Ledger;
using Florin.Payments;
using Florin.Platform;
using Florin.Platform.Pages;
using Florin.Wallets.Pages;

namespace Florin.Wallets;

/// <summary>Wallets: one per person and currency, money in and out, transfers, statements and the monthly fee.</summary>
public static class WalletsModule
{
    /// <summary>The policy of routes that look.</summary>
    internal static readonly string Read = Policies.Scope("wallets:read");

    /// <summary>The policy of routes that change.</summary>
    internal static readonly string Write = Policies.Scope("wallets:write");

    /// <summary>Its services.</summary>
    public static void AddWallets(this IServiceCollection services, Settings settings)
    {
        services.AddSingleton<WalletFacts>();
        services.AddSingleton<WalletOpening>();
        services.AddSingleton<WalletNames>();
        services.AddSingleton<ConversionMoves>();
        services.AddSingleton<CardTaps>();
        services.AddSingleton<NamedPayers>();
        services.AddSingleton<PayoutClearing>();
        services.AddSingleton<IPersonalData, WalletsPersonalData>();
        services.AddSingleton<IPersonAccounts, WalletsPersonAccounts>();
        services.AddSingleton<MonthlyFee>();
        services.AddScoped(provider => new WalletDesk(provider.GetRequiredService<FlorinDb>(), provider.GetRequiredService<LedgerReads>()));
        services.AddScoped<BlockWallet.Blocking>();
        services.AddSingleton<IFulfilment, TopUp>();
        services.AddSingleton<IPaymentMethod, WalletMethod>();
        services.AddSingleton(new NavigationLink("Wallet", "/wallet", Icon: "wallet", Order: 10, [Roles.Customer, Roles.Merchant, Roles.Cashier]));
        if (settings.MonthlyFee.Minor > 0 || settings.MonthlyFees.Count > 0)
        {
            services.AddSingleton(MonthlyFee.Job);
        }
    }

    /// <summary>Its pages.</summary>
    private static void MapWalletPages(this IEndpointRouteBuilder app)
    {
        var wallet = app.MapPages("/wallet").RequireAuthorization(Policies.Person);
        WalletsPage.Map(wallet);
        HistoryPage.Map(wallet);
        StatementPage.Map(wallet);
        EntryPage.Map(wallet);
        SendPage.Map(wallet);
        TopUpPage.Map(wallet);
        WithdrawPage.Map(wallet);
        WalletSettingsPage.Map(wallet);
        DeskWalletPage.Map(app.MapStaffPages());
        CardsPage.Map(app.MapPages("/account/cards").RequireAuthorization(Policies.Person));
    }

    /// <summary>Its routes and pages.</summary>
    public static void MapWallets(this IEndpointRouteBuilder app, RouteGroupBuilder v1)
    {
        v1.MapWalletsRoutes();
        app.MapWalletPages();
    }

    /// <summary>Its routes.</summary>
    private static void MapWalletsRoutes(this RouteGroupBuilder v1)
    {
        var wallets = v1.MapGroup("/wallets").WithTags("wallets");
        ListWallets.Map(wallets);
        OpenWallet.Map(wallets);
        ChangeWallet.Map(wallets);
        CloseWallet.Map(wallets);
        DepositMoney.Map(wallets);
        WithdrawMoney.Map(wallets);
        ListWithdrawals.Map(wallets);
        TransferMoney.Map(wallets);
        ListEntries.Map(wallets);
        ShowEntry.Map(wallets);
        ShowBalance.Map(wallets);
        ShowStatement.Map(wallets);
        ShowDeskWallet.Map(wallets, v1);
        BlockWallet.Map(wallets);
        FindRecipient.Map(v1);
        var cards = v1.MapGroup("/me/cards").RequireAuthorization(Policies.Person).WithTags("me");
        ListCards.Map(cards);
        CreateCard.Map(cards);
        RevokeCard.Map(cards);
    }
}
