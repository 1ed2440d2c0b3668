using Florin.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Florin.Tests.Platform;

/// <summary>The real scheduler, which is off in all other tests.</summary>
public sealed class JobSchedulerTests
{
    [Fact]
    public async Task Two_servers_run_each_job_once_at_its_time_and_a_failing_one_again_at_its_next()
    {
        var (good, bad) = (0, 0);
        var (running, most) = (0, 0);
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        async Task CountAsync()
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            if (Interlocked.Increment(ref good) >= 4 && Volatile.Read(ref bad) >= 2)
            {
                enough.TrySetResult();
            }

            await Task.Yield();
            Interlocked.Decrement(ref running);
        }

        await using var first = new FlorinApp { Settings = { ["FLORIN_JOBS"] = "on" } };
        first.Registrations.Add(services =>
        {
            services.AddSingleton(new RecurringJob("tests.good", "* * * * * ?", (_, _) => CountAsync()));
            services.AddSingleton(
                new RecurringJob(
                    "tests.bad",
                    "0/2 * * * * ?",
                    (_, _) =>
                    {
                        Interlocked.Increment(ref bad);
                        throw new InvalidOperationException("a job that fails");
                    }
                )
            );
        });
        await first.InitializeAsync();
        var began = System.Diagnostics.Stopwatch.StartNew();
        await using var second = await first.SecondServerAsync();
        await enough.Task.WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);
        Assert.True(good <= began.Elapsed.TotalSeconds + 2, $"{good} runs in {began.Elapsed}: one each second was asked for");
        Assert.Equal(1, most);
        await first.Database.WaitAsync("select count(*) = 2 from jobs.qrtz_scheduler_state");
        Assert.Equal(2, await first.Database.ScalarAsync<long>("select count(*) from jobs.qrtz_triggers where job_name like 'tests.%'"));
    }

    [Fact]
    public async Task A_run_that_was_missed_while_no_server_was_up_is_made_up_for_once()
    {
        var ran = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var count = 0;
        await using var keeper = new FlorinApp();
        keeper.Registrations.Add(services =>
            services.AddSingleton(
                new RecurringJob(
                    "tests.daily",
                    "0 0 3 * * ?",
                    (_, _) =>
                    {
                        Interlocked.Increment(ref count);
                        ran.TrySetResult();
                        return Task.CompletedTask;
                    }
                )
            )
        );
        await keeper.InitializeAsync(); // holds the database; its own scheduler is off
        keeper.Settings["FLORIN_JOBS"] = "on";
        await using (await keeper.SecondServerAsync())
        {
            await keeper.Database.WaitAsync("select exists (select from jobs.qrtz_triggers where job_name = 'tests.daily')");
            await keeper.Database.WaitAsync("select exists (select from jobs.qrtz_scheduler_state)");
        }

        Assert.Equal(0, count);
        keeper.Clock.Wind(TimeSpan.FromDays(3));
        await using var again = await keeper.SecondServerAsync();
        await ran.Task.WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);
        await keeper.Database.WaitAsync("select not exists (select from jobs.qrtz_fired_triggers where job_name = 'tests.daily' and state = 'EXECUTING')");
        Assert.Equal(1, count);
    }
}
