using Florin.Activity;
using Florin.Admin;
using Florin.Biometrics;
using Florin.Demo;
using Florin.Files;
using Florin.Fx;
using Florin.Gateways;
using Florin.Identity;
using Florin.Ledger;
using Florin.Notifications;
using Florin.Payments;
using Florin.Platform;
using Florin.Qr;
using Florin.Shops;
using Florin.Shops.Pages;
using Florin.Vouchers;
using Florin.Wallets;
using Florin.Webhooks;
using Florin.Webhooks.Pages;

// One module a line: what Florin is made of, from what everything stands on to what stands on everything.
var builder = WebApplication.CreateSlimBuilder(args);
var settings = builder.AddPlatform();
builder.Services.AddLedger(settings);
builder.Services.AddActivity();
builder.Services.AddIdentity(settings);
builder.Services.AddFx(settings);
builder.Services.AddPayments();
builder.Services.AddWallets(settings);
builder.Services.AddShops();
builder.Services.AddShopPages();
builder.Services.AddVouchers(settings);
builder.Services.AddFiles(settings);
builder.Services.AddQr(settings);
builder.Services.AddBiometrics(settings);
builder.Services.AddGateways(settings);
builder.Services.AddWebhooks(settings);
builder.Services.AddNotifications(settings);
builder.Services.AddAdmin(settings);
builder.Services.AddDemo(settings);

var app = builder.Build();
if (await Commands.RunAsync(app, args) is { } exitCode)
{
    return exitCode;
}

app.UsePlatform();
var v1 = app.MapPlatform();
v1.MapLedger();
app.MapLedgerPages();
v1.MapActivity();
app.MapActivityPages();
v1.MapIdentity();
app.MapIdentityPages();
v1.MapFx();
app.MapFxPages();
v1.MapPayments();
app.MapPaymentPages();
v1.MapWallets();
app.MapWalletPages();
v1.MapShops();
app.MapShopPages();
v1.MapVouchers();
app.MapVoucherPages();
v1.MapFiles();
app.MapFilePages();
v1.MapQr();
app.MapQrPages();
v1.MapBiometrics();
app.MapBiometricsPages();
app.MapGateways(v1);
v1.MapWebhooks();
app.MapWebhookPages();
app.MapNotifications(v1);
app.MapNotificationPages();
v1.MapAdmin();
app.MapAdminPages();

await app.RunAsync();
return 0;

/// <summary>Makes the program visible to the tests.</summary>
public partial class Program;
