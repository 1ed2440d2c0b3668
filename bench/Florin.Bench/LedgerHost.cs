using System.Diagnostics;
using System.Globalization;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Florin.Bench;

/// <summary>The ledger alone, without the web, on a migrated database with accounts of one currency.</summary>
internal sealed class LedgerHost : IAsyncDisposable
{
    private readonly ServiceProvider services;

    private LedgerHost(ServiceProvider services)
    {
        this.services = services;
    }

    public long[] Accounts { get; private set; } = [];

    public GeneralLedger Ledger => services.GetRequiredService<GeneralLedger>();

    public static string Server => Environment.GetEnvironmentVariable("FLORIN_DATABASE")!;

    public static string Owner => Environment.GetEnvironmentVariable("FLORIN_DATABASE_OWNER")!;

    public static async Task<LedgerHost> StartAsync(int accounts)
    {
        await Migrator.ApplyAsync(Owner, new NpgsqlConnectionStringBuilder(Server).Username!, _ => { }, CancellationToken.None);
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        var settings = new Settings(configuration);
        var collection = new ServiceCollection();
        collection.AddSingleton(settings);
        collection.AddSingleton(TimeProvider.System);
        collection.AddSingleton(new Secrets("a benchmark has nothing to hide 0123456789"));
        collection.AddSingleton(NpgsqlDataSource.Create(Server));
        collection.AddSingleton<Database>();
        collection.AddSingleton<Idempotency>();
        collection.AddLogging(logging => logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning));
        collection.AddLedger(settings);
        var host = new LedgerHost(collection.BuildServiceProvider());
        foreach (var hosted in host.services.GetServices<IHostedService>())
        {
            await hosted.StartAsync(CancellationToken.None);
        }

        host.Accounts = await host.OpenAccountsAsync(accounts);
        return host;
    }

    /// <summary>Callers that each send one transfer after another, as fast as they are answered.</summary>
    /// <returns>Postings per second.</returns>
    public async Task<double> RunAsync(int callers, TimeSpan duration, Func<int, int, (long From, long To)> pick)
    {
        var clock = Stopwatch.StartNew();
        long done = 0;
        await Task.WhenAll(
            Enumerable
                .Range(0, callers)
                .Select(caller =>
                    Task.Run(async () =>
                    {
                        var owner = Guid.NewGuid();
                        var mine = 0;
                        while (clock.Elapsed < duration)
                        {
                            var (from, to) = pick(caller, mine++);
                            await Ledger.CommitAsync(Transfer(from, to, new IdempotencyKey(owner, mine.ToString(CultureInfo.InvariantCulture), new byte[16])));
                        }

                        Interlocked.Add(ref done, mine);
                    })
                )
        );
        return done / clock.Elapsed.TotalSeconds;
    }

    public async Task VerifyAsync()
    {
        await foreach (var check in services.GetRequiredService<LedgerVerification>().RunAsync(CancellationToken.None))
        {
            if (check.FirstBroken is not null)
            {
                throw new InvalidOperationException($"{check.Invariant}: {check.FirstBroken}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var hosted in services.GetServices<IHostedService>().Reverse())
        {
            await hosted.StopAsync(CancellationToken.None);
        }

        await services.DisposeAsync();
    }

    private static LedgerCommit Transfer(long from, long to, IdempotencyKey key)
    {
        var posting = new PostingDraft("transfer", new Move(from, to, 1));
        return new LedgerCommit
        {
            Key = key,
            Postings = { posting },
            Complete = outcome =>
                Answer.Json(
                    201,
                    new
                    {
                        id = Ids.Show("trf", posting.Id),
                        amount = new Amount(1, outcome[from].Currency),
                        balance = new Amount(outcome[from].Balance, outcome[from].Currency),
                        posted_at = outcome.PostedAt,
                    }
                ),
        };
    }

    private async Task<long[]> OpenAccountsAsync(int count)
    {
        var usd = Currency.Of("USD");
        var world = await services.GetRequiredService<HouseAccounts>().GatewayAsync("sandbox", usd, CancellationToken.None);
        var ids = new long[count];
        var opened = new List<Task>();
        for (var i = 0; i < count; i++)
        {
            ids[i] = await Ledger.NewAccountIdAsync(CancellationToken.None);
            opened.Add(
                Ledger.CommitAsync(
                    new LedgerCommit
                    {
                        Opens = { new AccountDraft(ids[i], usd, "wallet") },
                        Postings = { new PostingDraft("deposit", new Move(world, ids[i], 1_000_000_000)) },
                    }
                )
            );
        }

        await Task.WhenAll(opened);
        return ids;
    }
}
