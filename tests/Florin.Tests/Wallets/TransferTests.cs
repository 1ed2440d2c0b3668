using System.Diagnostics;
using System.Text.Json;
using Florin.Fx;
using Florin.Money;
using Florin.Platform;
using Florin.Tests.Ledger;
using Microsoft.Extensions.DependencyInjection;

namespace Florin.Tests.Wallets;

public sealed class TransferTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task Money_moves_to_a_wallet_number_and_both_see_it()
    {
        var (payer, to) = await PairAsync("100.00");
        var sent = (await payer.SendAsync(to, "30.00", ""","note":"for lunch" """)).Must(201);
        Assert.Matches("^trf_[0-9a-f]{32}$", sent.Text("id"));
        Assert.Equal("30.00", sent.Text("received.amount"));
        Assert.Equal("70.00", sent.Text("balance.amount"));
        Assert.Equal("null", sent.Text("rate"));
        Assert.Equal("70.00", await payer.BalanceAsync());
        Assert.Equal("30.00", await to.BalanceAsync());

        var received = (await to.Owner.GetAsync(to.Path + "/entries")).Must(200).At("data")[0];
        Assert.Equal(sent.Text("id"), received.Text("id"));
        Assert.Equal("transfer", received.Text("kind"));
        Assert.Equal("30.00", received.Text("amount.amount"));
        Assert.Equal("30.00", received.Text("balance_after.amount"));
        Assert.Equal(payer.Number, received.Text("counterpart.wallet"));
        Assert.Equal("null", received.Text("counterpart.name"));
        Assert.Equal("for lunch", received.Text("note"));
        Assert.Equal(sent.Text("posted_at"), received.Text("posted_at"));
        Assert.Equal("-30.00", (await payer.Owner.GetAsync(payer.Path + "/entries")).Must(200).At("data")[0].Text("amount.amount"));

        var told = JsonDocument.Parse(
            (
                await app.Database.ScalarAsync<string>(
                    "select payload::text from platform.outbox where topic = 'wallets.transferred' and audience = array[$1, $2]",
                    payer.Owner.Id,
                    to.Owner.Id
                )
            )!
        );
        Assert.Equal(sent.Text("id"), told.RootElement.Text("id"));
        Assert.Equal(sent.Text("posted_at"), told.RootElement.Text("posted_at"));
        Assert.DoesNotContain("balance", told.RootElement.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(
            1,
            await app.Database.ScalarAsync<long>("select count(*) from activity.entries where subject = $1 and action = 'wallets.transferred'", payer.Owner.Id)
        );
    }

    [Fact]
    public async Task The_kept_answers_of_an_ended_account_are_emptied_and_none_of_its_calls_is_carried_out_twice()
    {
        const string Secret = "a long enough pass phrase";
        const string Said = "select count(*) from platform.idempotency where owner = $1 and body is not null";
        var ann = await Customer.NewAsync(app, password: Secret);
        var from = await ann.OpenAsync("KZT", "10.00");
        var to = await (await Customer.NewAsync(app)).OpenAsync("KZT", "1.00");
        var key = Customer.NewKey();
        (await from.SendAsync(to, "10.00", ""","note":"for Grace Hopper" """, key)).Must(201);
        (await ann.SendAsync(HttpMethod.Delete, from.Path, (string?)null, Customer.NewKey())).Must(204);
        Assert.Equal((3, 2), (await app.Database.ScalarAsync<long>(Said, ann.Id), await app.Database.ScalarAsync<long>(Said, to.Owner.Id)));
        (await ann.SendAsync(HttpMethod.Delete, "/v1/me", $$"""{"password":"{{Secret}}"}""")).Must(204);

        // A token that is good for a moment longer, on another server say: before and after the answer is emptied nothing is sent again.
        Assert.True((await from.SendAsync(to, "10.00", ""","note":"for Grace Hopper" """, key)).Status is 201 or (>= 400 and < 500));
        Assert.Equal("11.00", await to.BalanceAsync());
        await EmptyAsync();
        Assert.Equal((0, 2), (await app.Database.ScalarAsync<long>(Said, ann.Id), await app.Database.ScalarAsync<long>(Said, to.Owner.Id)));
        Assert.Equal(3, await app.Database.ScalarAsync<long>("select count(*) from platform.idempotency where owner = $1", ann.Id));
        (await from.SendAsync(to, "10.00", ""","note":"for Grace Hopper" """, key)).MustRefuse(409, "answer_not_kept");
        Assert.Equal("11.00", await to.BalanceAsync());

        // What such a call adds meanwhile is emptied too, until nothing can be under way any more.
        await app.Database.ScalarAsync<int>("update platform.idempotency set body = '\\x7b7d' where owner = $1", ann.Id);
        app.Clock.Wind(TimeSpan.FromMinutes(16));
        await EmptyAsync();
        Assert.Equal(0, await app.Database.ScalarAsync<long>(Said, ann.Id));
        Assert.Equal(0, await app.Database.ScalarAsync<long>("select count(*) from platform.ended_owners"));

        Task EmptyAsync() =>
            app
                .Services.GetServices<RecurringJob>()
                .Single(job => job.Name is "platform.empty_kept_answers")
                .RunAsync(app.Services, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_cannot_be_sent_is_refused_and_moves_nothing()
    {
        var (payer, to) = await PairAsync("10.00");
        (await payer.SendAsync(to with { Number = "0000000000" }, "1.00")).MustRefuse(404, "wallet_not_found");
        (await payer.SendAsync(to with { Number = "12345" }, "1.00")).MustRefuse(400, "invalid_request");
        (await payer.SendAsync(payer, "1.00")).MustRefuse(409, "same_account");
        (await payer.SendAsync(to, "10.01")).MustRefuse(402, "insufficient_funds");
        (await payer.SendAsync(to, "0.00")).MustRefuse(400, "amount_out_of_range");
        (await (payer with { Currency = Currency.Of("USD") }).SendAsync(to, "1.00")).MustRefuse(422, "currency_mismatch");
        (await payer.SendAsync(to, "1.00", ""","note":"a\u0000b" """)).MustRefuse(400, "invalid_request");
        (await payer.SendAsync(to, "1.00", ""","fee":"0" """)).MustRefuse(400, "invalid_request");
        (await payer.SendAsync(to, "1.00", ""","quote_id":"quo_00000000000000000000000000000000" """)).MustRefuse(400, "invalid_request");
        (await payer.Owner.SendAsync(HttpMethod.Post, payer.Path + "/transfers", $$"""{"to":"{{to.Number}}","amount":{{payer.Money("1.00")}}}""")).MustRefuse(
            400,
            "idempotency_key_missing"
        );
        Assert.Equal("10.00", await payer.BalanceAsync());
        Assert.Equal("0.00", await to.BalanceAsync());
    }

    [Fact]
    public async Task A_key_sends_once_and_answers_the_same_bytes_even_when_the_money_is_spent()
    {
        var (payer, to) = await PairAsync("10.00");
        var key = Customer.NewKey();
        var first = await payer.SendAsync(to, "10.00", key: key);
        var second = await payer.SendAsync(to, "10.00", key: key);
        first.Must(201);
        Assert.Equal(first.Bytes, second.Bytes);
        Assert.True(second.Replayed);
        (await payer.SendAsync(to, "9.00", key: key)).MustRefuse(422, "idempotency_key_reused");
        Assert.Equal("10.00", await to.BalanceAsync());
    }

    [Fact]
    public async Task The_last_coin_sent_fifty_times_at_once_leaves_once()
    {
        await using var second = await app.SecondServerAsync();
        var (payer, to) = await PairAsync("1.00");
        var there = payer with { Owner = payer.Owner.At(second) };
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => (i % 2 == 0 ? payer : there).SendAsync(to, "1.00")));
        Assert.Equal(1, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer => answer.MustRefuse(402, "insufficient_funds"));
        Assert.Equal("1.00", await to.BalanceAsync());
        await Book.CheckCleanAsync(app);
    }

    [Fact]
    public async Task A_transfer_of_known_wallets_reads_nothing_before_its_commit()
    {
        var (payer, to) = await PairAsync("10.00");
        (await payer.SendAsync(to, "1.00")).Must(201);
        var counted = 0;
        using var trace = new System.Diagnostics.Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Npgsql" or "Microsoft.AspNetCore" or "System.Net.Http",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = started =>
            {
                if (started.Source.Name is "Npgsql" && started.TraceId == trace.TraceId)
                {
                    Interlocked.Increment(ref counted);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        (await payer.SendAsync(to, "1.00")).Must(201);
        Assert.Equal(0, counted);
        await payer.ShowAsync();
        Assert.True(counted > 0, "the control: a read is counted");
    }

    [Theory]
    [InlineData("USD", "KZT", "12.34")]
    [InlineData("KZT", "USD", "1234.56")]
    public async Task Another_currency_is_converted_at_the_current_rate_and_every_part_is_booked(string source, string target, string amount)
    {
        var (payer, to) = await PairAsync("5000.00", source, target);
        var before = await HouseAsync();
        var sent = (await payer.SendAsync(to, amount, ""","note":"tea","accept_rate":"0.001" """)).Must(201);
        Assert.True(Amount.TryParse(amount, payer.Currency, out var given));
        var mid = (await app.Get<Rates>().GetAsync(payer.Currency, to.Currency, TestContext.Current.CancellationToken)).Mid;
        var terms = FxConversion.Of(given, to.Currency, mid, 100);
        Assert.Equal(string.Equals(source, "KZT", StringComparison.Ordinal), terms.Remainder > 0);
        Assert.Equal(terms.Credited.ToDecimalString(), sent.Text("received.amount"));
        Assert.Equal(target, sent.Text("received.currency"));
        Assert.Equal(Rate.Show(terms.Rate), sent.Text("rate"));
        Assert.Equal(new Amount(500_000 - given.Minor, payer.Currency).ToDecimalString(), await payer.BalanceAsync());
        Assert.Equal(terms.Credited.ToDecimalString(), await to.BalanceAsync());

        var after = await HouseAsync();
        long Change(string account) => after.GetValueOrDefault(account) - before.GetValueOrDefault(account);
        Assert.Equal(terms.Cost, Change("fx_position:" + source));
        Assert.Equal(terms.Spread, Change("fx_spread:" + source));
        Assert.Equal(terms.Remainder, Change("rounding:" + source));
        Assert.Equal(-terms.Credited.Minor, Change("fx_position:" + target));
        Assert.Equal(given.Minor, Change("fx_position:" + source) + Change("fx_spread:" + source) + Change("rounding:" + source));

        foreach (var purse in new[] { payer, to })
        {
            var entries = (await purse.Owner.GetAsync(purse.Path + "/entries")).Must(200).At("data");
            Assert.Equal(purse == payer ? 2 : 1, entries.GetArrayLength());
            Assert.Equal(amount, entries[0].Text("sent.amount"));
            Assert.Equal(terms.Credited.ToDecimalString(), entries[0].Text("received.amount"));
            Assert.Equal(sent.Text("rate"), entries[0].Text("rate"));
            Assert.Equal("tea", entries[0].Text("note"));
            Assert.Equal((purse == payer ? to : payer).Number, entries[0].Text("counterpart.wallet"));
        }

        await Book.CheckCleanAsync(app);
    }

    [Fact]
    public async Task A_rate_below_the_accepted_one_sends_nothing()
    {
        var (payer, to) = await PairAsync("100.00", "USD", "KZT");
        (await payer.SendAsync(to, "1.00", ""","accept_rate":"504.91" """)).MustRefuse(409, "rate_not_accepted");
        (await payer.SendAsync(to, "1.00", ""","accept_rate":"1e3" """)).MustRefuse(400, "invalid_request");
        (await payer.SendAsync(to, "0.00")).MustRefuse(400, "amount_out_of_range");
        (await payer.SendAsync(to, "1.00", ""","accept_rate":"504.9" """)).Must(201);
    }

    [Fact]
    public async Task A_quote_is_locked_and_used_once()
    {
        var (payer, to) = await PairAsync("100.00", "USD", "KZT");
        var quote = await QuoteAsync(payer.Owner, "USD", "KZT", "10.00");
        (await payer.SendAsync(to, "11.00", $$""","quote_id":"{{quote}}" """)).MustRefuse(422, "quote_differs");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => payer.SendAsync(to, "10.00", $$""","quote_id":"{{quote}}" """)));
        var sent = Assert.Single(answers, answer => answer.Status == 201).Must(201);
        Assert.All(answers.Where(answer => answer.Status != 201), answer => answer.MustRefuse(409, "quote_used"));
        Assert.Equal(quote, sent.Text("quote_id"));
        Assert.Equal("90.00", await payer.BalanceAsync());
        Assert.Equal(sent.Text("received.amount"), await to.BalanceAsync());

        var anothers = await QuoteAsync(to.Owner, "USD", "KZT", "10.00");
        (await payer.SendAsync(to, "10.00", $$""","quote_id":"{{anothers}}" """)).MustRefuse(404, "not_found");
        var late = await QuoteAsync(payer.Owner, "USD", "KZT", "10.00");
        app.Clock.Wind(TimeSpan.FromMinutes(61));
        var renewed = payer with { Owner = payer.Owner.Again() };
        (await renewed.SendAsync(to, "10.00", $$""","quote_id":"{{late}}" """)).MustRefuse(409, "quote_expired");
    }

    private static async Task<string> QuoteAsync(Customer person, string from, string to, string amount) =>
        (await person.PostAsync("/v1/quotes", $$"""{"from":"{{from}}","to":"{{to}}","source_amount":{"amount":"{{amount}}","currency":"{{from}}"} }"""))
            .Must(201)
            .Text("id");

    private async Task<(Purse From, Purse To)> PairAsync(string balance, string from = "KZT", string to = "KZT") =>
        (await (await Customer.NewAsync(app)).OpenAsync(from, balance), await (await Customer.NewAsync(app)).OpenAsync(to));

    private async Task<Dictionary<string, long>> HouseAsync() =>
        (await app.Get<Florin.Ledger.LedgerReads>().TrialBalanceAsync(TestContext.Current.CancellationToken))
            .Where(row => row.Name.Contains(':', StringComparison.Ordinal))
            .ToDictionary(row => row.Name, row => row.Balance.Minor, StringComparer.Ordinal);
}
