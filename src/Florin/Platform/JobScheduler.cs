using System.Diagnostics.Metrics;
using Npgsql;
using Quartz;
using Quartz.Extensibility;

namespace Florin.Platform;

/// <summary>
/// Runs every registered <see cref="RecurringJob"/> on its schedule, each by one server at a time: Quartz with its clustered store in schema
/// <c>jobs</c>. A run that was missed is made up for once; one whose server died is taken over. Begins after the server serves.
/// </summary>
internal sealed partial class JobScheduler(
    IEnumerable<RecurringJob> jobs,
    JobRuns runs,
    NpgsqlDataSource source,
    IServiceProvider services,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<JobScheduler> log
) : BackgroundService
{
    /// <summary>Under which its schedules are kept.</summary>
    internal const string Cluster = "florin";

    private static readonly TimeSpan RequestPause = TimeSpan.FromSeconds(3);
    private static readonly Meter Meter = new("Florin.Jobs");
    private static readonly Counter<long> Runs = Meter.CreateCounter<long>("florin.jobs.runs", description: "Runs of recurring jobs, by job and outcome.");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("florin.jobs.duration", "s", "How long runs took.");
    private readonly Dictionary<string, RecurringJob> known = jobs.ToDictionary(job => job.Name, StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var serving = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var started = lifetime.ApplicationStarted.Register(serving.SetResult);
        await serving.Task.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Rounds.RunAsync("jobs", ServeAsync, clock, log, stoppingToken);
    }

    private async Task ServeAsync(CancellationToken stopping)
    {
        await using var factory = QuartzSchedulerBuilder
            .Create(quartz =>
            {
                quartz.ConfigureScheduler(scheduler =>
                {
                    scheduler.InstanceName = Cluster;
                    scheduler.GenerateInstanceId = true;
                });
                quartz.UseTimeProvider(clock);
                quartz.UseDefaultThreadPool(threads => threads.MaxConcurrency = 4);
                quartz.UseJobFactory(new RunFactory(this, stopping));
                quartz.UsePersistentStore(store =>
                {
                    store.UsePostgres(connections => connections.DataSourceFactory = _ => source);
                    store.UseClustering(cluster => cluster.CheckinInterval = TimeSpan.FromSeconds(5));
                    store.ConfigureStore(options =>
                    {
                        options.TablePrefix = "jobs.qrtz_";
                        options.StoreJobDataAsStrings = true;
                        options.UseBackgroundThreads = true;
                        options.SchemaProvisioning = SchemaProvisioning.None; // Migrations/ make it
                    });
                });
            })
            .Build();
        var scheduler = await factory.GetScheduler(stopping);
        try
        {
            foreach (var job in known.Values)
            {
                await ScheduleAsync(scheduler, job, stopping);
            }

            await scheduler.Start(stopping);
            LogStarted(known.Count);
            await ServeRequestsAsync(scheduler, stopping);
        }
        finally
        {
            await scheduler.Shutdown(waitForJobsToComplete: true, CancellationToken.None);
        }
    }

    /// <summary>Leaves a schedule that is there alone: its next time tells whether a run was missed while no server was up.</summary>
    private async Task ScheduleAsync(IScheduler scheduler, RecurringJob job, CancellationToken cancel)
    {
        var key = new JobKey(job.Name);
        var triggerKey = new TriggerKey(job.Name);
        var detail = JobBuilder.Create<Run>().WithIdentity(key).StoreDurably(true).RequestRecovery(true).DisallowConcurrentExecution(true).Build();
        await scheduler.AddJob(detail, AddJobOptions.Replacing, cancel);
        var trigger = TriggerBuilder
            .Create(clock)
            .WithIdentity(triggerKey)
            .ForJob(key)
            .WithSchedule(
                CronScheduleBuilder.Create(job.Cron).InTimeZone(TimeZoneInfo.Utc).WithMisfireInstruction(CronTriggerMisfireInstruction.FireAndProceed)
            )
            .Build();
        var there = await scheduler.GetTrigger(triggerKey, cancel) as ICronTrigger;
        var same = there is null || string.Equals(there.CronExpressionString, job.Cron, StringComparison.Ordinal);
        await scheduler.ScheduleTrigger(trigger, same ? TriggerConflict.Keep : TriggerConflict.Replace, cancel);
    }

    // Staff ask for a run in the database, whichever server they reach; one that runs jobs takes it.
    private async Task ServeRequestsAsync(IScheduler scheduler, CancellationToken stopping)
    {
        while (true)
        {
            await Task.Delay(RequestPause, clock, stopping);
            try
            {
                foreach (var name in await runs.TakeRequestsAsync(stopping))
                {
                    await scheduler.TriggerJob(new JobKey(name), stopping);
                }
            }
            catch (NpgsqlException away)
            {
                LogRequests(away); // the schedule goes on by itself
            }
        }
    }

    private async Task RunAsync(string name, CancellationToken cancel)
    {
        if (!known.TryGetValue(name, out var job))
        {
            LogUnknown(name); // a newer or older version of Florin runs beside this one
            return;
        }

        var began = clock.GetTimestamp();
        var outcome = "completed";
        Exception? why = null;
        await RememberAsync(() => runs.BeginAsync(name), name);
        try
        {
            await using var scope = services.CreateAsyncScope();
            await job.RunAsync(scope.ServiceProvider, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            outcome = "stopped";
        }
        catch (Exception fault)
        {
            outcome = "failed";
            why = fault;
            LogFailed(fault, name);
        }

        await RememberAsync(() => runs.EndAsync(name, outcome, why), name);

        Runs.Add(1, new("job", name), new("outcome", outcome));
        Duration.Record(clock.GetElapsedTime(began).TotalSeconds, new KeyValuePair<string, object?>("job", name));
    }

    // A run is worth more than the note of it.
    private async Task RememberAsync(Func<Task> noteAsync, string name)
    {
        try
        {
            await noteAsync();
        }
        catch (NpgsqlException away)
        {
            LogUnremembered(away, name);
        }
    }

    [LoggerMessage(LogLevel.Warning, "nobody can be told how job {Name} went")]
    private partial void LogUnremembered(Exception away, string name);

    [LoggerMessage(LogLevel.Warning, "whether a job is to run now cannot be asked")]
    private partial void LogRequests(Exception away);

    [LoggerMessage(LogLevel.Information, "{Count} recurring jobs are scheduled")]
    private partial void LogStarted(int count);

    [LoggerMessage(LogLevel.Warning, "this version has no job {Name}")]
    private partial void LogUnknown(string name);

    [LoggerMessage(LogLevel.Error, "job {Name} failed; it runs again at its next time")]
    private partial void LogFailed(Exception fault, string name);

    /// <summary>What Quartz calls; its stored class name is this one's. A fault in a job is not one of the scheduler.</summary>
    internal sealed class Run(JobScheduler jobs, CancellationToken stopping) : IJob
    {
        public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
        {
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
            await jobs.RunAsync(context.JobDetail.Key.Name, cancel.Token);
        }
    }

    private sealed class RunFactory(JobScheduler jobs, CancellationToken stopping) : IJobFactory
    {
        public ValueTask<JobScope> CreateJob(TriggerFiredBundle bundle, IScheduler scheduler, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(new JobScope(new Run(jobs, stopping)));

        public ValueTask ReturnJob(JobScope scope, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
    }
}
