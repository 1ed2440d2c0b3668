using Florin.Platform;
using Npgsql;

namespace Florin.Tests.Platform;

public sealed class OutboxTests
{
    private readonly OutboxRig rig = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_row_that_commits_late_is_read_in_its_place_and_nothing_is_skipped()
    {
        await using var app = await rig.StartAsync();
        await using var slow = new NpgsqlConnection(app.Database.SuperuserConnection);
        await slow.OpenAsync(Cancel);
        await ExecuteAsync(slow, "begin");
        await OutboxRig.InsertAsync(slow, OutboxRig.Event("late"));
        await OutboxRig.WriteAsync(app, OutboxRig.Event("early"));

        var reader = app.Get<OutboxReader>();
        var hidden = await reader.ReadAsync(OutboxPosition.Start, 10, cancel: Cancel);
        Assert.Empty(hidden.Events);
        Assert.True(hidden.HeldBack);

        await ExecuteAsync(slow, "commit");
        Assert.Equal(["late", "early"], await rig.NextAsync(2));
        var page = await reader.ReadAsync(OutboxPosition.Start, 10, cancel: Cancel);
        Assert.Equal(["late", "early"], page.Events.Select(OutboxRig.Text));
    }

    [Fact]
    public async Task Interleaved_writers_on_many_connections_lose_no_event()
    {
        await using var app = await rig.StartAsync();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 12),
            Cancel,
            async (writer, cancel) =>
            {
                for (var i = 0; i < 20; i++)
                {
                    await OutboxRig.WriteAsync(app, OutboxRig.Event($"{writer}.{i}.a"), OutboxRig.Event($"{writer}.{i}.b"));
                }
            }
        );
        var seen = await rig.NextAsync(480);
        Assert.Equal(480, seen.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Readers_that_share_the_tail_of_the_outbox_see_each_event_once_in_order_and_at_the_wake_for_it()
    {
        await using var app = await rig.StartAsync();
        var (tail, signal) = (app.Get<OutboxTail>(), app.Get<OutboxSignal>());
        int[] limits = [1, 3, 7, 1000, 2];
        var seen = limits.Select(_ => new List<string>()).ToList();
        var missed = new int[limits.Length]; // what was written before the reader came
        var positions = new OutboxPosition[limits.Length];
        var written = new List<string>();
        for (var round = 0; round < 25; round++)
        {
            var batch = Enumerable.Range(0, round % 9 == 8 ? 900 : round % 4).Select(n => $"{round}.{n}").ToList();
            await OutboxRig.WriteAsync(app, [.. batch.Select(text => OutboxRig.Event(text))]);
            written.AddRange(batch);
            if (round == 21)
            {
                // One that begins at the end, behind all that the tail has read.
                missed[4] = written.Count;
                var reader = app.Get<OutboxReader>();
                while ((await reader.ReadAsync(positions[3], 10, cancel: Cancel)).HeldBack) { } // something else is being written
                positions[4] = await reader.EndAsync(Cancel);
            }

            signal.Wake();
            for (var turn = 0; turn < limits.Length; turn++)
            {
                var who = (turn + round) % limits.Length;
                if ((who is 0 && round is > 4 and not 19 and < 24) || (who is 1 && round % 5 != 4) || (who is 4 && round < 21))
                {
                    continue; // readers that fall behind, the first further than the tail reaches, and the one that is not there yet
                }

                OutboxPage page;
                var wake = signal.Next;
                do
                {
                    wake = signal.Next.Number > wake.Number ? signal.Next : wake;
                    page = await tail.ReadAsync(positions[who], limits[who], wake, [OutboxRig.Topic], cancel: Cancel);
                    Assert.True(page.Last >= positions[who]);
                    positions[who] = page.Last;
                    seen[who].AddRange(page.Events.Select(OutboxRig.Text));
                    if (page.HeldBack)
                    {
                        signal.Wake(); // a job of the program's is writing
                    }
                } while (page.Full || page.HeldBack);
                Assert.Equal(written[missed[who]..], seen[who]);
            }
        }
    }

    [Fact]
    public async Task Two_servers_handle_each_event_once_and_one_at_a_time()
    {
        var running = 0;
        var most = 0;
        rig.DoAsync = async (_, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await Task.Yield();
            Interlocked.Decrement(ref running);
        };
        await using var first = await rig.StartAsync();
        await using var second = await first.SecondServerAsync();
        for (var i = 0; i < 30; i++)
        {
            await OutboxRig.WriteAsync(i % 2 == 0 ? first : second, [.. Enumerable.Range(0, 10).Select(n => OutboxRig.Event($"{i}.{n}"))]);
        }

        var seen = await rig.NextAsync(300);
        Assert.Equal(300, seen.Distinct(StringComparer.Ordinal).Count());
        await OutboxRig.WriteAsync(first, OutboxRig.Event("last"));
        Assert.Equal("last", await rig.NextAsync());
        Assert.True(rig.IsEmpty);
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task A_failed_event_waits_longer_each_time_and_later_ones_of_its_aggregate_wait_behind_it()
    {
        var failures = 2;
        rig.DoAsync = (_, happened) =>
            Is(happened, "x1") && Interlocked.Decrement(ref failures) >= 0
                ? throw new InvalidOperationException("the server of someone@example.com is away")
                : Task.CompletedTask;
        await using var app = await rig.StartAsync();
        var (x, y) = (Guid.NewGuid(), Guid.NewGuid());
        await OutboxRig.WriteAsync(app, OutboxRig.Event("x1", x), OutboxRig.Event("x2", x), OutboxRig.Event("y1", y));
        Assert.Equal(["x1", "y1"], await rig.NextAsync(2));
        await OutboxRig.WriteAsync(app, OutboxRig.Event("x3", x), OutboxRig.Event("y2", y));
        Assert.Equal("y2", await rig.NextAsync());
        await WaitAsync(app, "select count(*) = 3 from platform.outbox_parked");
        await WaitAsync(
            app,
            "select attempts = 1 and last_error like '%…@…%' and last_error not like '%example%' from platform.outbox_parked order by id limit 1"
        );
        Assert.InRange(await PauseAsync(app), 3, 7);
        Assert.True(rig.IsEmpty);

        app.Clock.Wind(TimeSpan.FromSeconds(8));
        Assert.Equal("x1", await rig.NextAsync());
        await WaitAsync(app, "select attempts = 2 and leased_by is null from platform.outbox_parked order by id limit 1");
        Assert.InRange(await PauseAsync(app), 6, 13);

        app.Clock.Wind(TimeSpan.FromSeconds(14));
        Assert.Equal(["x1", "x2", "x3"], await rig.NextAsync(3));
        await WaitAsync(app, "select not exists (select from platform.outbox_parked)");
    }

    [Fact]
    public async Task An_event_that_never_works_is_given_up_and_lets_later_ones_pass()
    {
        rig.DoAsync = (_, happened) => Is(happened, "x1") ? throw new InvalidOperationException("never") : Task.CompletedTask;
        await using var app = await rig.StartAsync(attempts: 3, parallel: 4);
        var x = Guid.NewGuid();
        await OutboxRig.WriteAsync(app, OutboxRig.Event("x1", x), OutboxRig.Event("x2", x));
        Assert.Equal("x1", await rig.NextAsync());
        for (var attempt = 1; attempt < 3; attempt++)
        {
            await WaitAsync(app, $"select attempts = {attempt} and leased_by is null from platform.outbox_parked order by id limit 1");
            app.Clock.Wind(TimeSpan.FromMinutes(1));
            Assert.Equal("x1", await rig.NextAsync());
        }

        Assert.Equal("x2", await rig.NextAsync());
        await WaitAsync(app, "select count(*) = 1 and bool_and(dead_at is not null and attempts = 3) from platform.outbox_parked");
        await OutboxRig.WriteAsync(app, OutboxRig.Event("x3", x));
        Assert.Equal("x3", await rig.NextAsync());
    }

    [Fact]
    public async Task When_a_server_dies_in_the_middle_another_goes_on_after_its_lease()
    {
        var stuck = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var hung = 0;
        rig.DoAsync = (_, happened) => Is(happened, "b") && Interlocked.Exchange(ref hung, 1) == 0 ? stuck.Task : Task.CompletedTask;
        await using var first = await rig.StartAsync();
        await OutboxRig.WriteAsync(first, OutboxRig.Event("a"), OutboxRig.Event("b"), OutboxRig.Event("c"));
        Assert.Equal(["a", "b"], await rig.NextAsync(2));
        await using var second = await first.SecondServerAsync();
        await OutboxRig.WriteAsync(second, OutboxRig.Event("d"));
        await WaitAsync(second, "select leased_until > now() from platform.outbox_cursors where consumer = 'tests.consumer'");
        Assert.True(rig.IsEmpty);

        second.Clock.Wind(OutboxCursors.Lease + TimeSpan.FromSeconds(1));
        var rest = await rig.NextAsync(4);
        Assert.Equal(["a", "b", "c", "d"], rest); // at least once: what the first had done and not kept is done again
        await WaitAsync(second, "select leased_by is null from platform.outbox_cursors where consumer = 'tests.consumer'");
        stuck.SetResult();
        await OutboxRig.WriteAsync(second, OutboxRig.Event("e"));
        Assert.Equal("e", await rig.NextAsync());
        Assert.True(rig.IsEmpty, "the first server went on although its lease was lost");
    }

    [Fact]
    public async Task A_new_consumer_may_start_at_the_end()
    {
        await using var before = new FlorinApp();
        await before.InitializeAsync();
        await OutboxRig.WriteAsync(before, OutboxRig.Event("old"));
        await WaitAsync(before, "select xid < pg_snapshot_xmin(pg_current_snapshot()) from platform.outbox"); // other databases' transactions count too
        before.Registrations.Add(services =>
            Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton(
                services,
                new OutboxConsumer("tests.late", [OutboxRig.Topic], FromBeginning: false, (_, happened, _) => rig.DoAsync(null!, happened))
            )
        );
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.DoAsync = (_, happened) =>
        {
            told.TrySetResult(OutboxRig.Text(happened));
            return Task.CompletedTask;
        };
        await using var after = await before.SecondServerAsync();
        await WaitAsync(after, "select exists (select from platform.outbox_cursors where consumer = 'tests.late')");
        await OutboxRig.WriteAsync(after, OutboxRig.Event("new"));
        Assert.Equal("new", await told.Task.WaitAsync(TimeSpan.FromSeconds(90), Cancel));
    }

    [Fact]
    public async Task The_listener_comes_back_when_its_connection_is_cut()
    {
        await using var app = await rig.StartAsync();
        const string listeners = "select pid from pg_stat_activity where datname = current_database() and application_name = 'florin outbox signal'";
        await WaitAsync(app, $"select exists ({listeners})");
        var pid = await app.Database.ScalarAsync<int>(listeners);
        await app.Database.ScalarAsync<bool>($"select pg_terminate_backend({pid})");
        await OutboxRig.WriteAsync(app, OutboxRig.Event("meanwhile"));
        Assert.Equal("meanwhile", await rig.NextAsync()); // by the sweep
        await WaitAsync(app, $"select exists ({listeners} and pid <> {pid} and state = 'idle')");
    }

    [Fact]
    public async Task Old_events_are_deleted_once_every_consumer_has_passed_them()
    {
        rig.DoAsync = (_, happened) => Is(happened, "bad") ? throw new InvalidOperationException("not yet") : Task.CompletedTask;
        await using var app = await rig.StartAsync();
        await OutboxRig.WriteAsync(app, OutboxRig.Event("bad"), OutboxRig.Event("good") with { Secret = [1, 2, 3] });
        Assert.Equal(["bad", "good"], await rig.NextAsync(2));
        await WaitAsync(app, "select leased_by is null and xid > '0' from platform.outbox_cursors where consumer = 'tests.consumer'");
        // Consumers of other topics pass them too, and write that down once a second.
        await WaitAsync(app, "select bool_and((c.xid, c.id) >= (o.xid, o.id)) from platform.outbox_cursors c cross join platform.outbox o");

        app.Clock.Wind(TimeSpan.FromDays(2));
        await OutboxRetention.Job.RunAsync(app.Services, Cancel);
        Assert.Equal(2, await app.Database.ScalarAsync<long>("select count(*) from platform.outbox"));
        Assert.Equal(0, await app.Database.ScalarAsync<long>("select count(*) from platform.outbox where secret is not null"));

        app.Clock.Wind(TimeSpan.FromDays(6));
        await OutboxRetention.Job.RunAsync(app.Services, Cancel);
        Assert.Equal("""{"text": "bad"}""", await app.Database.ScalarAsync<string>("select payload::text from platform.outbox"));
        Assert.False(await app.Get<OutboxReader>().HasAllAfterAsync(OutboxPosition.Start, Cancel));
    }

    [Fact]
    public async Task After_a_restore_into_another_cluster_nothing_new_is_hidden_and_nothing_delivered_is_repeated()
    {
        rig.DoAsync = (_, happened) => Is(happened, "failing") ? throw new InvalidOperationException("not yet") : Task.CompletedTask;
        await using var app = await rig.StartAsync();
        await OutboxRig.WriteAsync(app, OutboxRig.Event("failing"), OutboxRig.Event("delivered"));
        Assert.Equal(["failing", "delivered"], await rig.NextAsync(2));
        await WaitAsync( // the program's own consumers too; some begin at the end, and must have passed these
            app,
            "select bool_and(c.leased_by is null and not exists (select from platform.outbox o where (o.xid, o.id) > (c.xid, c.id))) "
                + "from platform.outbox_cursors c"
        );
        foreach (var table in new[] { "outbox", "outbox_parked", "outbox_cursors" })
        {
            await app.Database.ScalarAsync<int>($"update platform.{table} set xid = (xid::text::bigint + 1000000000000)::text::xid8");
        }

        await OutboxRig.WriteAsync(app, OutboxRig.Event("hidden"));
        rig.DoAsync = (_, _) => Task.CompletedTask;
        await using var restored = await app.SecondServerAsync();
        Assert.Equal("failing", await rig.NextAsync());
        await OutboxRig.WriteAsync(restored, OutboxRig.Event("new"));
        var rest = new List<string> { await rig.NextAsync() };
        while (!rest.Contains("new", StringComparer.Ordinal))
        {
            rest.Add(await rig.NextAsync());
        }

        Assert.Equal(["hidden", "new"], rest);
    }

    private static bool Is(StoredEvent happened, string text) => string.Equals(OutboxRig.Text(happened), text, StringComparison.Ordinal);

    private static Task<double> PauseAsync(FlorinApp app) =>
        app.Database.ScalarAsync<double>(
            "select extract(epoch from next_attempt_at - $1)::float8 from platform.outbox_parked order by id limit 1",
            app.Clock.GetUtcNow()
        );

    private static Task WaitAsync(FlorinApp app, string condition) => app.Database.WaitAsync(condition);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancel);
    }
}
