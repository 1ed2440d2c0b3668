namespace Florin.Compat.VoucherApp;

/// <summary>Seed 2, the voucher app. Its sign-in, its refresh and its health check stand beside the others'; the original had all of sign-in twice.</summary>
internal static class VoucherAppRoutes
{
    internal static void Map(IEndpointRouteBuilder app)
    {
        foreach (var prefix in (string[])["/api/auth", "/api/users"])
        {
            var account = app.MapEdge(EdgeShape.Error, prefix);
            RegisterByEmail.Map(account);
            SignInByEmail.Map(account, alsoLogin: prefix is "/api/users");
            ResetByEmail.Map(account);
            ShowProfile.Map(account);
        }

        var api = app.MapEdge(EdgeShape.Error, "/api");
        ShowTest.Map(api);
        ListVoucherTypes.Map(api);
        ListMyVouchers.Map(api);
        BuyVouchers.Map(api);
        RedeemByCode.Map(api);
        PayByIntent.Map(api);
        ListVoucherPayments.Map(api);
        RefundVouchers.Map(api);
        ShowAnalytics.Map(api);
        ShowMyAnalytics.Map(api);
    }
}
