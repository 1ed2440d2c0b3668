using Florin.Activity;
using Florin.Admin;
using Florin.Analytics;
using Florin.Biometrics;
using Florin.Compat;
using Florin.Demo;
using Florin.Files;
using Florin.Fx;
using Florin.Gateways;
using Florin.Identity;
using Florin.Imports;
using Florin.Ledger;
using Florin.Notifications;
using Florin.Payments;
using Florin.Platform;
using Florin.Qr;
using Florin.Shops;
using Florin.Vouchers;
using Florin.Wallets;
using Florin.Webhooks;

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
builder.Services.AddVouchers(settings);
builder.Services.AddFiles(settings);
builder.Services.AddQr(settings);
builder.Services.AddBiometrics(settings);
builder.Services.AddGateways(settings);
builder.Services.AddWebhooks(settings);
builder.Services.AddNotifications(settings);
builder.Services.AddAnalytics();
builder.Services.AddAdmin(settings);
builder.Services.AddCompat();
builder.Services.AddImports();
builder.Services.AddDemo(settings);

var app = builder.Build();
if (await Commands.RunAsync(app, args) is { } exitCode)
{
    return exitCode;
}

app.UsePlatform();
var v1 = app.MapPlatform();
app.MapLedger(v1);
app.MapActivity(v1);
app.MapIdentity(v1);
app.MapFx(v1);
app.MapPayments(v1);
app.MapWallets(v1);
app.MapShops(v1);
app.MapVouchers(v1);
app.MapFiles(v1);
app.MapQr(v1);
app.MapBiometrics(v1);
app.MapGateways(v1);
app.MapWebhooks(v1);
app.MapNotifications(v1);
v1.MapAnalytics();
app.MapAdmin(v1);
app.MapCompat();

await app.RunAsync();
return 0;
