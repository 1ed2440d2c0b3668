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
        services.AddSingleton(new Command("verify", "recompute every invariant of the book from its entries", VerifyAsync));
        services.AddSingleton(new RecurringJob("ledger.forget_writers", "0 15 3 * * ?", ForgetWritersAsync));
        services.AddSingleton<HoldExpiry>();
        services.AddSingleton(
            new RecurringJob("ledger.expire_holds", "0 * * * * ?", (provider, cancel) => provider.GetRequiredService<HoldExpiry>().RunAsync(cancel))
        );
    }

    /// <summary>Its routes: it is read by staff, and changed by commits only.</summary>
    public static void MapLedger(this RouteGroupBuilder v1)
    {
        var ledger = v1.MapGroup("/ledger").RequireAuthorization(Policies.Staff).WithTags("ledger");
        ShowAccount.Map(ledger);
        ShowPosting.Map(ledger);
    }

    /// <summary>Its pages for staff.</summary>
    public static void MapLedgerPages(this IEndpointRouteBuilder app) => LedgerPages.Map(app.MapStaffPages("/ledger"));

    // Marks of processes that are long gone; a lost COMMIT is settled within seconds.
    private static async Task ForgetWritersAsync(IServiceProvider services, CancellationToken cancel)
    {
        await using var command = services.GetRequiredService<Database>().Source.CreateCommand("delete from ledger.writers where last_at < $1");
        command.Parameters.Add(new() { Value = services.GetRequiredService<TimeProvider>().GetUtcNow().AddDays(-7) });
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static async Task<int> VerifyAsync(IServiceProvider services, CancellationToken cancel)
    {
        var broken = 0;
        await foreach (var check in services.GetRequiredService<LedgerVerification>().RunAsync(cancel))
        {
            broken += check.FirstBroken is null ? 0 : 1;
            Console.WriteLine(
                $"{(check.FirstBroken is null ? "ok    " : "BROKEN")} {check.Invariant} ({check.Rows} rows){(check.FirstBroken is null ? "" : ": " + check.FirstBroken)}"
            );
        }

        Console.WriteLine(broken == 0 ? "The book is clean." : $"{broken} invariants are broken.");
        return broken == 0 ? 0 : 1;
    }
}
