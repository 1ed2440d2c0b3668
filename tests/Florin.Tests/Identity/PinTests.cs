using System.Net;
using System.Text.Json;
using Florin.Identity;
using Florin.Platform;
using Microsoft.Extensions.Configuration;

namespace Florin.Tests.Identity;

public sealed class PinTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_PIN_needs_the_password()
    {
        var ann = await SignedIn.AsAsync(app);
        Assert.Equal("pin_not_set", await VerifyAsync(ann, "4711"));
        Assert.Equal("password_required", await SignedIn.Refusal(await ann.SendAsync("PUT", "/v1/me/pin", new { pin = "4711" })));
        Assert.Equal("password_required", await SignedIn.Refusal(await ann.SendAsync("PUT", "/v1/me/pin", new { pin = "4711", current_pin = "4711" })));
        Assert.Equal("wrong_password", await SignedIn.Refusal(await ann.SendAsync("PUT", "/v1/me/pin", new { pin = "4711", password = "not mine at all" })));
        Assert.Null((await ann.NowAsync()).PinHash);

        await SetAsync(ann, "4711");
        Assert.Equal("", await VerifyAsync(ann, "4711"));
        Assert.Contains("identity.password_refused identity.pin_set", await ann.ActivityAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_PIN_needs_the_present_one_or_the_password()
    {
        var ann = await SignedIn.AsAsync(app);
        await SetAsync(ann, "4711");
        var answer = await ann.SendAsync("PUT", "/v1/me/pin", new { pin = "815000", current_pin = "0815" });
        Assert.Equal("wrong_pin", await SignedIn.Refusal(answer));
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync("PUT", "/v1/me/pin", new { pin = "815000", current_pin = "4711" })).StatusCode);
        Assert.Equal("wrong_pin", await VerifyAsync(ann, "4711"));
        Assert.Equal("", await VerifyAsync(ann, "815000"));
    }

    [Theory]
    [InlineData("123")]
    [InlineData("1234567")]
    [InlineData("12a4")]
    [InlineData("١٢٣٤")] // digits, but not of a key pad
    [InlineData("")]
    public async Task A_PIN_is_four_to_six_digits(string pin)
    {
        var ann = await SignedIn.AsAsync(app);
        Assert.Equal("invalid_request", await SignedIn.Refusal(await ann.SendAsync("PUT", "/v1/me/pin", new { pin, password = SignedIn.Password })));
    }

    [Theory]
    [InlineData("0000", true)]
    [InlineData("1234", true)]
    [InlineData("987654", true)]
    [InlineData("1233", false)]
    [InlineData("1357", false)]
    [InlineData("1212", false)]
    public void Repeated_digits_and_runs_are_too_simple(string pin, bool simple) => Assert.Equal(simple, Pins.IsTooSimple(pin));

    [Fact]
    public async Task The_right_PIN_clears_the_count_and_the_fifth_wrong_one_in_a_row_locks_it()
    {
        var ann = await SignedIn.AsAsync(app);
        await SetAsync(ann, "4711");
        for (var i = 1; i < Pins.Tries; i++)
        {
            Assert.Equal("wrong_pin", await VerifyAsync(ann, "0815"));
        }

        Assert.Equal("", await VerifyAsync(ann, "4711"));
        for (var left = Pins.Tries - 1; left >= 0; left--)
        {
            var refusal = await Assert.ThrowsAsync<Refusal>(() => app.Get<Pins>().VerifyAsync(ann.Id, "0815", Cancel));
            Assert.Equal((403, "wrong_pin", left), (refusal.Reason.Status, refusal.Reason.Code, (int)refusal.Extensions!["tries_left"]!));
        }

        Assert.Equal("pin_locked", await VerifyAsync(ann, "4711"));
        Assert.Equal("pin_locked", await SignedIn.Refusal(await ann.SendAsync("PUT", "/v1/me/pin", new { pin = "9999", password = SignedIn.Password })));
        Assert.EndsWith("identity.pin_refused identity.pin_locked", await ann.ActivityAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_PIN_and_no_digits_are_refused_without_counting()
    {
        var ann = await SignedIn.AsAsync(app);
        await SetAsync(ann, "4711");
        Assert.Equal("wrong_pin", await VerifyAsync(ann, null));
        Assert.Equal("wrong_pin", await VerifyAsync(ann, "47 11"));
        Assert.Equal(0, (await ann.NowAsync()).PinFailures);
    }

    [Fact]
    public async Task Of_fifty_wrong_PINs_at_once_on_two_servers_exactly_five_are_answered_and_the_right_one_is_too_late()
    {
        var ann = await SignedIn.AsAsync(app);
        await SetAsync(ann, "4711");
        await app.Database.ScalarAsync<int>(
            """
            create table pin_takes (failures integer, pending integer);
            create function note_take() returns trigger security definer set search_path = public language plpgsql as
                $$ begin insert into pin_takes values (new.pin_failures, new.pin_pending); return new; end $$;
            create trigger note_take after update on identity.people for each row when (new.pin_pending > old.pin_pending) execute function note_take();
            """
        );
        await using var second = await app.SecondServerAsync();
        using var elsewhere = second.CreateClient();
        elsewhere.DefaultRequestHeaders.Authorization = ann.Http.DefaultRequestHeaders.Authorization;
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 50)
                .Select(i => SignedIn.SendAsync(i % 2 == 0 ? ann.Http : elsewhere, "PUT", "/v1/me/pin", new { pin = "2580", current_pin = $"{5000 + i}" }))
                .Select(async sent => await SignedIn.Refusal(await sent))
        );
        // Who takes a try is compared, and nobody else: five are, and never more at once than are left.
        Assert.Equal("5 true", await app.Database.ScalarAsync<string>("select count(*) || ' ' || bool_and(failures + pending <= 5)::text from pin_takes"));
        await app.Database.ScalarAsync<int>("drop trigger note_take on identity.people");
        Assert.Equal(5, answers.Count(code => string.Equals(code, "wrong_pin", StringComparison.Ordinal)));
        Assert.Equal(45, answers.Count(code => string.Equals(code, "pin_locked", StringComparison.Ordinal)));
        var now = await ann.NowAsync();
        Assert.Equal(5, now.PinFailures);
        Assert.NotNull(now.PinLockedAt);
        Assert.Equal("pin_locked", await VerifyAsync(ann, "4711"));
        Assert.Equal(5, (await ann.ActivityAsync()).Split(' ').Count(action => action is "identity.pin_refused" or "identity.pin_locked"));
    }

    [Fact]
    public async Task A_try_waits_for_those_that_are_compared_and_what_a_dead_server_compared_counts_as_wrong()
    {
        var ann = await SignedIn.AsAsync(app);
        await SetAsync(ann, "4711");
        await StandAsync(ann, failures: 0, pending: 5, "1 second");
        var waiting = VerifyAsync(ann, "4711");
        await StandAsync(ann, failures: 4, pending: 0, "1 second"); // one of the five was right before the others were wrong, say
        Assert.Equal("", await waiting);

        await StandAsync(ann, failures: 1, pending: 3, "2 minutes");
        Assert.Equal("wrong_pin", await VerifyAsync(ann, "0815")); // the fifth
        Assert.Equal("pin_locked", await VerifyAsync(ann, "4711"));

        var bob = await SignedIn.AsAsync(app);
        await SetAsync(bob, "4711");
        await StandAsync(bob, failures: 0, pending: 5, "2 minutes");
        Assert.Equal("pin_locked", await VerifyAsync(bob, "4711"));
        Assert.NotNull((await bob.NowAsync()).PinLockedAt);

        Task<int> StandAsync(SignedIn who, int failures, int pending, string ago) =>
            app.Database.ScalarAsync<int>(
                $"update identity.people set pin_failures = $2, pin_pending = $3, pin_tried_at = $4 - interval '{ago}' where id = $1",
                who.Id,
                failures,
                pending,
                app.Clock.GetUtcNow().UtcDateTime
            );
    }

    [Fact]
    public async Task Fifty_right_PINs_at_once_all_pass()
    {
        var ann = await SignedIn.AsAsync(app);
        await SetAsync(ann, "4711");
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => VerifyAsync(ann, "4711")));
        Assert.All(answers, code => Assert.Equal("", code));
    }

    [Fact]
    public async Task A_locked_PIN_is_reset_by_a_code_that_works_once_and_for_its_owner_only()
    {
        var ann = await SignedIn.AsAsync(app);
        var eve = await SignedIn.AsAsync(app);
        Assert.Equal("pin_not_set", await SignedIn.Refusal(await eve.SendAsync("POST", "/v1/me/pin/reset")));
        await SetAsync(ann, "4711");
        for (var i = 0; i < Pins.Tries; i++)
        {
            await VerifyAsync(ann, "0815");
        }

        var started = await SignedIn.Json(await ann.SendAsync("POST", "/v1/me/pin/reset"));
        Assert.Equal("email", started.GetProperty("channel").GetString());
        var (id, code) = (started.GetProperty("id").GetString(), started.GetProperty("sandbox_code").GetString()!);
        Assert.Equal(1, await SentAsync(ann, "pin_reset_code"));

        var wrong = string.Equals(code, "000000", StringComparison.Ordinal) ? "000001" : "000000";
        Assert.Equal("code_not_valid", await SignedIn.Refusal(await ConfirmAsync(ann, id, wrong)));
        Assert.Equal("code_not_valid", await SignedIn.Refusal(await ConfirmAsync(eve, id, code)));
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ConfirmAsync(ann, id, code)));
        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.NoContent));
        Assert.Equal("", await VerifyAsync(ann, "2580"));
        Assert.Contains("identity.pin_reset_started identity.pin_reset", await ann.ActivityAsync(), StringComparison.Ordinal);

        static Task<HttpResponseMessage> ConfirmAsync(SignedIn who, string? id, string code) =>
            who.SendAsync(
                "POST",
                "/v1/me/pin/reset/confirm",
                new
                {
                    id,
                    code,
                    pin = "2580",
                }
            );
    }

    [Fact]
    public async Task No_PIN_stands_in_the_table_or_the_outbox()
    {
        var ann = await SignedIn.AsAsync(app);
        await SetAsync(ann, "471193");
        var started = await SignedIn.Json(await ann.SendAsync("POST", "/v1/me/pin/reset"));
        var row = JsonSerializer.Serialize(await ann.NowAsync());
        Assert.DoesNotContain("471193", row, StringComparison.Ordinal);
        var sent = await app.Database.ScalarAsync<string>(
            "select string_agg(payload::text || encode(secret, 'escape'), '') from platform.outbox where aggregate = $1",
            ann.Id
        );
        Assert.DoesNotContain(started.GetProperty("sandbox_code").GetString()!, sent, StringComparison.Ordinal);
    }

    private static async Task SetAsync(SignedIn who, string pin) =>
        Assert.Equal(HttpStatusCode.NoContent, (await who.SendAsync("PUT", "/v1/me/pin", new { pin, password = SignedIn.Password })).StatusCode);

    private Task<string> VerifyAsync(SignedIn who, string? pin) => VerifyAsync(app.Get<Pins>(), who.Id, pin);

    // The refusal's code; empty where it passed. Modules to the right call the class, not a route.
    private static async Task<string> VerifyAsync(Pins pins, Guid person, string? pin)
    {
        try
        {
            await pins.VerifyAsync(person, pin, Cancel);
            return "";
        }
        catch (Refusal refusal)
        {
            return refusal.Reason.Code;
        }
    }

    private Task<long> SentAsync(SignedIn who, string template) =>
        app.Database.ScalarAsync<long>("select count(*) from platform.outbox where aggregate = $1 and payload ->> 'template' = $2", who.Id, template);

    [Fact]
    public void In_live_mode_a_simple_PIN_is_refused_and_no_code_is_in_the_answer()
    {
        // The server itself refuses to run live on the tests' database, which is not durable.
        var live = new Settings(new ConfigurationManager { ["FLORIN_MODE"] = "live" });
        Assert.Equal("pin_too_simple", Assert.Throws<Refusal>(() => SetPin.Check("1234", live)).Reason.Code);
        SetPin.Check("2580", live);
        SetPin.Check("1234", app.Get<Settings>());
        Assert.Null(new NewCode(Guid.Empty, "123456", default).Shown(live));
    }
}
