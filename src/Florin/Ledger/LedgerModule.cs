using Florin.Ledger.Pages;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Ledger;

/// <summary>The only module that changes a balance.</summary>
public static class LedgerModule
{
    /// <summary>Its services.</summary>
    public static void AddLedger(this IServiceCollection services, Settings settings)
    {
        services.AddSingleton<LedgerQueue>();
        services.AddSingleton<AccountIds>();
        services.AddSingleton<LedgerReads>();
        services.AddSingleton<HouseAccounts>();
        services.AddSingleton(provider => new LedgerExplorer(provider.GetRequiredService<Database>()));
        services.AddSingleton(new StaffPlace("Ledger", "/admin/ledger", Icon: "book", Order: 50));
        services.AddSingleton<GeneralLedger>();
        var crashAt = settings.Text("FLORIN_CRASH_AT", "");
        services.AddSingleton(settings.Sandbox && crashAt.Length > 0 ? CommitProbe.CrashAt(crashAt) : new CommitProbe());
        services.AddHostedService<LedgerWriter>();
        services.AddSingleton<LedgerVerification>();
        services.AddSingleton<BookFigures>();
        services.AddSingleton(
            new RecurringJob(
                "ledger.verify",
                "0 40 4 * * ?",
                async (provider, cancel) => await provider.GetRequiredService<BookFigures>().VerifyAsync(_ => { }, cancel)
            )
        );
        services.AddSingleton(new Command("verify", "recompute every invariant of the book from its entries", VerifyAsync));
        services.AddSingleton(new RecurringJob("ledger.forget_writers", "0 15 3 * * ?", ForgetWritersAsync));
        services.AddSingleton<HoldExpiry>();
        services.AddSingleton(
            new RecurringJob("ledger.expire_holds", "0 * * * * ?", (provider, cancel) => provider.GetRequiredService<HoldExpiry>().RunAsync(cancel))
        );
    }

    /// <summary>Its routes and pages.</summary>
    public static void MapLedger(this IEndpointRouteBuilder app, RouteGroupBuilder v1)
    {
        v1.MapLedgerRoutes();
        app.MapLedgerPages();
    }

    /// <summary>Its routes: it is read by staff, and changed by commits only.</summary>
    private static void MapLedgerRoutes(this RouteGroupBuilder v1)
    {
        var ledger = v1.MapGroup("/ledger").RequireAuthorization(Policies.Staff).WithTags("ledger");
        ShowAccount.Map(ledger);
        ShowPosting.Map(ledger);
    }

    /// <summary>Its pages for staff.</summary>
    private static void MapLedgerPages(this IEndpointRouteBuilder app) => LedgerPages.Map(app.MapStaffPages("/ledger"));

    // Marks of processes that are long gone; a lost COMMIT is settled within seconds.
    private static async Task ForgetWritersAsync(IServiceProvider services, CancellationToken cancel)
    {
        await using var command = services.GetRequiredService<Database>().Source.CreateCommand("delete from ledger.writers where last_at < $1");
        command.Parameters.Add(new() { Value = services.GetRequiredService<TimeProvider>().GetUtcNow().AddDays(-7) });
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static async Task<int> VerifyAsync(IServiceProvider services, CancellationToken cancel)
    {
        var found = await services
            .GetRequiredService<BookFigures>()
            .VerifyAsync(
                check =>
                    Console.WriteLine(
                        $"{(check.FirstBroken is null ? "ok    " : "BROKEN")} {check.Invariant} ({check.Rows} rows){(check.FirstBroken is null ? "" : ": " + check.FirstBroken)}"
                    ),
                cancel
            );
        Console.WriteLine(found.Broken == 0 ? "The book is clean." : $"{found.Broken} invariants are broken.");
        return found.Broken == 0 ? 0 : 1;
    }
}
