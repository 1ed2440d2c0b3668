using System.Text.Json;
using Florin.Tests.Ledger;

namespace Florin.Tests.Wallets;

public sealed class WalletTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private static readonly string[] Expected = ["wallet_exists", "wallet_limit_reached"];

    [Fact]
    public async Task A_new_wallet_is_empty_has_ten_digits_and_the_default_name()
    {
        var ada = await Customer.NewAsync(app);
        var opened = (await ada.PostAsync("", """{"currency":"KZT"}""")).Must(201);
        Assert.Matches("^wal_[0-9a-f]{32}$", opened.Text("id"));
        Assert.Matches("^[0-9]{10}$", opened.Text("number"));
        Assert.Equal("My wallet", opened.Text("name"));
        Assert.Equal("""{"amount":"0.00","currency":"KZT"}""", opened.Text("balance"));
        Assert.Equal("false", opened.Text("blocked"));
        Assert.Equal("null", opened.Text("blocked_reason"));
        Assert.Equal("null", opened.Text("pin_limit"));
        Assert.Equal(TimeSpan.FromDays(30), opened.At("fee_next_due_at").GetDateTimeOffset() - opened.At("created_at").GetDateTimeOffset());
        Assert.Equal(opened.Text("id"), (await ada.GetAsync("/" + opened.Text("id"))).Must(200).Text("id"));
        Assert.Equal(opened.Text("id"), (await ada.GetAsync()).Must(200).At("data")[0].Text("id"));
    }

    [Fact]
    public async Task Nobody_has_two_wallets_in_one_currency_or_more_than_three()
    {
        var ada = await Customer.NewAsync(app);
        await ada.OpenAsync("KZT");
        (await ada.PostAsync("", """{"currency":"KZT"}""")).MustRefuse(409, "wallet_exists");
        (await ada.PostAsync("", """{"currency":"SEK"}""")).MustRefuse(422, "currency_not_offered");
        (await ada.PostAsync("", """{"currency":"kzt"}""")).MustRefuse(400, "invalid_request");
        (await ada.PostAsync("", """{"currency":"USD","name":"0123456789012345678901234567890"}""")).MustRefuse(400, "invalid_request");
        (await ada.PostAsync("", """{"currency":"USD","name":"  "}""")).MustRefuse(400, "invalid_request");
        (await ada.PostAsync("", """{"currency":"USD","name":"a\u0000b"}""")).MustRefuse(400, "invalid_request");
        await ada.OpenAsync("USD");
        await ada.OpenAsync("EUR");
        (await ada.PostAsync("", """{"currency":"BDT"}""")).MustRefuse(409, "wallet_limit_reached");
        Assert.Equal(3, (await ada.GetAsync()).Must(200).At("data").GetArrayLength());
    }

    [Fact]
    public async Task Of_twenty_wallets_asked_for_at_once_three_are_opened()
    {
        var ada = await Customer.NewAsync(app);
        string[] currencies = ["KZT", "USD", "EUR", "BDT"];
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => ada.PostAsync("", $$"""{"currency":"{{currencies[i % 4]}}"}""")));
        Assert.Equal(3, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer => Assert.Contains(answer.Must(409).Text("code"), Expected));
        Assert.Equal(3, (await ada.GetAsync()).Must(200).At("data").GetArrayLength());
    }

    [Fact]
    public async Task Two_servers_asked_at_once_open_three_together()
    {
        await using var second = await app.SecondServerAsync();
        var here = await Customer.NewAsync(app);
        var there = here.At(second);
        string[] currencies = ["KZT", "USD", "EUR", "BDT"];
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(i => (i % 2 == 0 ? here : there).PostAsync("", $$"""{"currency":"{{currencies[i / 2 % 4]}}"}"""))
        );
        Assert.Equal(3, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer => Assert.Contains(answer.Must(409).Text("code"), Expected));
        Assert.Equal(3, (await there.GetAsync()).Must(200).At("data").GetArrayLength());
    }

    [Fact]
    public async Task Opening_again_with_one_key_answers_the_same_bytes_and_opens_nothing()
    {
        var ada = await Customer.NewAsync(app);
        var key = Customer.NewKey();
        var first = await ada.PostAsync("", """{"currency":"KZT"}""", key);
        var second = await ada.PostAsync("", """{"currency":"KZT"}""", key);
        first.Must(201);
        Assert.Equal(first.Bytes, second.Bytes);
        Assert.False(first.Replayed);
        Assert.True(second.Replayed);
        (await ada.PostAsync("", """{"currency":"USD"}""", key)).MustRefuse(422, "idempotency_key_reused");
        (await ada.PostAsync("", """{"currency":"KZT","name":"Other"}""", key)).MustRefuse(422, "idempotency_key_reused");
        (await ada.SendAsync(HttpMethod.Post, "", """{"currency":"EUR"}""")).MustRefuse(400, "idempotency_key_missing");
        Assert.Equal(1, (await ada.GetAsync()).Must(200).At("data").GetArrayLength());
    }

    [Fact]
    public async Task A_number_that_is_taken_is_drawn_again()
    {
        var ada = await Customer.NewAsync(app);
        var first = await ada.OpenAsync("KZT");
        await app.Database.ScalarAsync<int>(
            $"""
            create sequence wallets.draws;
            create function wallets.draw_badly() returns trigger language plpgsql as $$
            begin
                if new.person_id = '{ada.Id}' and nextval('wallets.draws') <= 2 then new.number := '{first.Number}'; end if;
                return new;
            end $$;
            grant usage on sequence wallets.draws to public;
            create trigger draw_badly before insert on wallets.wallets for each row execute function wallets.draw_badly();
            """
        );
        var second = await ada.OpenAsync("USD", "5.00");
        Assert.NotEqual(first.Number, second.Number);
        Assert.Equal(3, await app.Database.ScalarAsync<long>("select last_value from wallets.draws"));
        Assert.Equal("5.00", await second.BalanceAsync());
    }

    [Fact]
    public async Task A_wallet_is_renamed_by_its_owner()
    {
        var ada = await Customer.NewAsync(app);
        var purse = await ada.OpenAsync();
        var renamed = (await ada.SendAsync(HttpMethod.Patch, purse.Path, """{"name":" Holidays "}""")).Must(200);
        Assert.Equal("Holidays", renamed.Text("name"));
        (await ada.SendAsync(HttpMethod.Patch, purse.Path, """{"name":""}""")).MustRefuse(400, "invalid_request");
        (await ada.SendAsync(HttpMethod.Patch, purse.Path, """{"balance":"1"}""")).MustRefuse(400, "invalid_request");
        Assert.Equal("Holidays", (await purse.ShowAsync()).Text("name"));
    }

    [Fact]
    public async Task The_pin_limit_is_changed_with_the_pin_only_and_then_asked_above_it()
    {
        var ada = await Customer.NewAsync(app, pin: "2580");
        var bob = await (await Customer.NewAsync(app)).OpenAsync();
        var purse = await ada.OpenAsync(balance: "100.00");
        (await ada.SendAsync(HttpMethod.Patch, purse.Path, $$"""{"pin_limit":{{purse.Money("10.00")}}}""")).MustRefuse(403, "pin_required");
        (await ada.SendAsync(HttpMethod.Patch, purse.Path, $$"""{"pin_limit":{{purse.Money("10.00")}},"pin":"1111"}""")).MustRefuse(403, "wrong_pin");
        var set = (await ada.SendAsync(HttpMethod.Patch, purse.Path, $$"""{"pin_limit":{{purse.Money("10.00")}},"pin":"2580"}""")).Must(200);
        Assert.Equal("10.00", set.Text("pin_limit.amount"));

        (await purse.SendAsync(bob, "10.00")).Must(201);
        (await purse.SendAsync(bob, "10.01")).MustRefuse(403, "pin_required");
        (await purse.WithdrawAsync("10.01")).MustRefuse(403, "pin_required");
        (await purse.SendAsync(bob, "10.01", ""","pin":"2581" """)).MustRefuse(403, "wrong_pin");
        Assert.Equal("90.00", await purse.BalanceAsync());
        (await purse.SendAsync(bob, "10.01", ""","pin":"2580" """)).Must(201);

        (await ada.SendAsync(HttpMethod.Patch, purse.Path, """{"pin_limit":null}""")).MustRefuse(403, "pin_required");
        var none = (await ada.SendAsync(HttpMethod.Patch, purse.Path, """{"pin_limit":null,"pin":"2580"}""")).Must(200);
        Assert.Equal("null", none.Text("pin_limit"));
        (await purse.SendAsync(bob, "50.00")).Must(201);
    }

    [Fact]
    public async Task Without_a_pin_no_limit_is_set()
    {
        var ada = await Customer.NewAsync(app);
        var purse = await ada.OpenAsync();
        (await ada.SendAsync(HttpMethod.Patch, purse.Path, $$"""{"pin_limit":{{purse.Money("1.00")}},"pin":"2580"}""")).MustRefuse(409, "pin_not_set");
    }

    [Fact]
    public async Task An_empty_wallet_is_closed_for_ever_and_makes_room_for_another()
    {
        var ada = await Customer.NewAsync(app);
        var purse = await ada.OpenAsync("KZT", "5.00");
        await ada.OpenAsync("USD");
        await ada.OpenAsync("EUR");
        (await ada.SendAsync(HttpMethod.Delete, purse.Path)).MustRefuse(409, "balance_not_zero");
        (await purse.WithdrawAsync("5.00")).Must(201);
        (await ada.SendAsync(HttpMethod.Delete, purse.Path)).Must(204);
        (await ada.SendAsync(HttpMethod.Delete, purse.Path)).MustRefuse(409, "account_closed");
        (await purse.DepositAsync("1.00")).MustRefuse(409, "account_closed");
        Assert.Equal("closed", (await purse.ShowAsync()).Text("blocked_reason"));
        Assert.Equal(2, (await ada.GetAsync()).Must(200).At("data").GetArrayLength());
        var again = await ada.OpenAsync("KZT");
        Assert.NotEqual(purse.Number, again.Number);
        (await ada.PostAsync("", """{"currency":"BDT"}""")).MustRefuse(409, "wallet_limit_reached");
    }

    [Fact]
    public async Task Who_has_open_wallets_is_exported_with_them_and_erased_only_after_closing_them()
    {
        const string Password = """{"password":"a long enough one"}""";
        var ada = await Customer.NewAsync(app, password: "a long enough one");
        var purse = await ada.OpenAsync("KZT", "5.00");
        (await ada.PostAsync(purse.Path + "/withdrawals", $$"""{"amount":{{purse.Money("5.00")}},"note":"to Ada Lovelace"}""")).Must(201);
        var exported = await ada.GetAsync("/v1/me/export");
        exported.Must(200);
        Assert.Contains(purse.Number, exported.Body, StringComparison.Ordinal);
        (await ada.SendAsync(HttpMethod.Delete, "/v1/me", Password)).MustRefuse(409, "wallets_open");
        (await ada.SendAsync(HttpMethod.Delete, purse.Path)).Must(204);
        (await ada.SendAsync(HttpMethod.Delete, "/v1/me", Password)).Must(204);
        Assert.Equal(0, await app.Database.ScalarAsync<long>("select count(*) from wallets.withdrawals where note is not null"));
    }

    [Fact]
    public async Task Anothers_wallet_is_404_on_every_route()
    {
        var purse = await (await Customer.NewAsync(app)).OpenAsync(balance: "100.00");
        var mallory = await Customer.NewAsync(app);
        var own = await mallory.OpenAsync();
        var missing = "/wal_" + Guid.NewGuid().ToString("N");
        foreach (var path in new[] { purse.Path, missing, "/nonsense" })
        {
            (await mallory.GetAsync(path)).MustRefuse(404, "not_found");
            (await mallory.GetAsync(path + "/entries")).MustRefuse(404, "not_found");
            (await mallory.GetAsync(path + "/statement")).MustRefuse(404, "not_found");
            (await mallory.GetAsync(path + "/balance")).MustRefuse(404, "not_found");
            (await mallory.GetAsync(path + "/withdrawals")).MustRefuse(404, "not_found");
            (await mallory.SendAsync(HttpMethod.Patch, path, """{"name":"Mine"}""")).MustRefuse(404, "not_found");
            (await mallory.SendAsync(HttpMethod.Delete, path)).MustRefuse(404, "not_found");
            (await mallory.PostAsync(path + "/deposits", $$"""{"amount":{{purse.Money("1.00")}}}""")).MustRefuse(404, "not_found");
            (await mallory.PostAsync(path + "/withdrawals", $$"""{"amount":{{purse.Money("1.00")}}}""")).MustRefuse(404, "not_found");
            (await mallory.PostAsync(path + "/transfers", $$"""{"to":"{{own.Number}}","amount":{{purse.Money("1.00")}}}""")).MustRefuse(404, "not_found");
        }

        Assert.Equal("100.00", await purse.BalanceAsync());
    }

    [Fact]
    public async Task Money_comes_in_and_goes_out_with_a_receipt_and_an_activity_row()
    {
        var ada = await Customer.NewAsync(app);
        var purse = await ada.OpenAsync();
        var key = Customer.NewKey();
        var deposit = await purse.DepositAsync("100.00", key);
        Assert.Equal("100.00", deposit.Must(201).Text("balance.amount"));
        Assert.Equal("completed", deposit.Must(201).Text("state"));
        var again = await purse.DepositAsync("100.00", key);
        Assert.Equal(deposit.Bytes, again.Bytes);
        Assert.True(again.Replayed);
        (await purse.DepositAsync("100.01", key)).MustRefuse(422, "idempotency_key_reused");

        var withdrawal = (await purse.WithdrawAsync("30.00")).Must(201);
        Assert.Equal("paid", withdrawal.Text("state"));
        var listed = (await ada.GetAsync(purse.Path + "/withdrawals")).Must(200).At("data");
        Assert.Equal(withdrawal.Text("id"), listed[0].Text("id"));
        Assert.Equal(1, listed.GetArrayLength());
        Assert.Equal("70.00", await purse.BalanceAsync());

        (await purse.WithdrawAsync("70.01")).MustRefuse(402, "insufficient_funds");
        (await purse.WithdrawAsync("0.00")).MustRefuse(400, "amount_out_of_range");
        (await purse.DepositAsync("0.00")).MustRefuse(400, "amount_out_of_range");
        (await purse.DepositAsync("-1.00")).MustRefuse(400, "invalid_request");
        (await purse.DepositAsync("1.001")).MustRefuse(400, "invalid_request");
        (await ada.PostAsync(purse.Path + "/deposits", """{"amount":{"amount":"1.00","currency":"USD"}}""")).MustRefuse(422, "currency_mismatch");
        (await ada.PostAsync(purse.Path + "/withdrawals", """{"amount":{"amount":"1.00","currency":"USD"}}""")).MustRefuse(422, "currency_mismatch");
        Assert.Equal(
            "wallets.opened,wallets.deposited,wallets.withdrawn",
            await app.Database.ScalarAsync<string>("select string_agg(action, ',' order by id) from activity.entries where subject = $1", ada.Id)
        );
        await Book.CheckCleanAsync(app);
    }
}
