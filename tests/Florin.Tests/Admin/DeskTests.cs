using System.Globalization;
using System.Text.Json;
using Florin.Platform;
using Florin.Tests.Identity;
using Florin.Tests.Shops;
using Florin.Tests.Wallets;

namespace Florin.Tests.Admin;

/// <summary>What staff do for and to people, wallets and payments: that it holds, and that each change has its row.</summary>
public sealed class DeskTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private const string Why = """{"reason":"asked for by phone"}""";

    [Fact]
    public async Task A_frozen_person_neither_signs_in_nor_pays_nor_is_paid_out_and_their_money_stays()
    {
        var stand = await PayoutStand.OpenAsync(app, "500.00");
        var owner = stand.Till.Merchant;
        var purse = await owner.OpenAsync("KZT", "100.00");
        var other = await (await Customer.NewAsync(app)).OpenAsync("KZT", "50.00");
        var payout = await stand.AskAsync("20.00");
        var (support, admin) = (await Customer.NewAsync(app, roles: [Roles.Support]), await Customer.NewAsync(app, roles: [Roles.Admin]));
        var path = "/v1/users/" + Ids.Show("usr", owner.Id);

        (await support.PostAsync(path + "/freeze", Why)).Must(200);
        (await support.PostAsync(path + "/freeze", Why)).Must(200); // as often as one likes
        // The test's own token belongs to no session: even it moves nothing.
        (await purse.SendAsync(other, "1.00")).MustRefuse(409, "account_frozen");
        (await purse.WithdrawAsync("1.00")).MustRefuse(409, "account_frozen");
        (await stand.TryAsync("10.00")).MustRefuse(409, "account_frozen");
        (await PayoutStand.ApproveAsync(stand.Finance[0], payout)).MustRefuse(409, "person_frozen");
        (await other.SendAsync(purse, "5.00")).Must(201); // what comes in still does
        Assert.Equal("105.00", await purse.BalanceAsync());

        (await support.PostAsync(path + "/unfreeze", Why)).MustRefuse(403, "forbidden");
        (await support.PostAsync($"/v1/wallets/{purse.Id}/block", Why)).Must(200);
        (await admin.PostAsync(path + "/unfreeze", Why)).Must(200);
        (await purse.SendAsync(other, "1.00")).MustRefuse(409, "wallet_blocked"); // the wallet's own block outlives it
        (await support.PostAsync($"/v1/wallets/{purse.Id}/unblock", Why)).MustRefuse(403, "forbidden");
        (await admin.PostAsync($"/v1/wallets/{purse.Id}/unblock", Why)).Must(200);
        (await purse.SendAsync(other, "1.00")).Must(201);
        (await PayoutStand.ApproveAsync(stand.Finance[0], payout)).Must(200);
    }

    [Fact]
    public async Task Freezing_ends_every_session_and_no_password_opens_another()
    {
        var person = await SignedIn.AsAsync(app);
        var support = await SignedIn.AsAsync(app, Roles.Support);
        var path = "/v1/users/" + person.Person.PublicId;
        await SignedIn.Json(await support.SendAsync("POST", path + "/freeze", new { reason = "a stolen phone" }));
        Assert.Equal("not_signed_in", await SignedIn.Refusal(await person.GetAsync("/v1/me")));
        Assert.Equal("sign_in_failed", (await app.Http.SignInAsync(person.Person.Username!, SignedIn.Password)).Code);

        // Staff are for admins, and nobody does it to themselves.
        Assert.Equal(
            "forbidden",
            await SignedIn.Refusal(await support.SendAsync("POST", $"/v1/users/{support.Person.PublicId}/freeze", new { reason = "why not" }))
        );
        var admin = await SignedIn.AsAsync(app, Roles.Admin);
        Assert.Equal(
            "own_roles",
            await SignedIn.Refusal(await admin.SendAsync("POST", $"/v1/users/{admin.Person.PublicId}/freeze", new { reason = "why not" }))
        );
    }

    [Fact]
    public async Task Each_change_of_staff_has_a_row_that_says_who_and_why()
    {
        var subject = await Customer.NewAsync(app, pin: "7291", password: SignedIn.Password);
        var purse = await subject.OpenAsync("KZT", "10.00");
        var admin = await Customer.NewAsync(app, roles: [Roles.Admin]);
        var path = "/v1/users/" + Ids.Show("usr", subject.Id);
        await app.Database.ScalarAsync<int>("update identity.people set email = $2 where id = $1", subject.Id, subject.Id.ToString("N") + "@example.org");
        foreach (
            var (method, route, body, action) in ((string, string, string?, string)[])
                [
                    ("POST", path + "/unlock", Why, "identity.unlocked"),
                    ("POST", path + "/sign-out", Why, "identity.signed_out_by_staff"),
                    ("POST", path + "/pin-reset", Why, "identity.pin_reset_by_staff"),
                    ("POST", path + "/verification", Why, "identity.verification_resent"),
                    ("POST", path + "/export", Why, "identity.exported_by_staff"),
                    ("PATCH", path, """{"roles":["customer","cashier"],"reason":"asked for by phone"}""", "identity.user_changed"),
                    ("POST", $"/v1/wallets/{purse.Id}/block", Why, "wallets.blocked"),
                    ("POST", $"/v1/wallets/{purse.Id}/unblock", Why, "wallets.unblocked"),
                    ("POST", path + "/freeze", Why, "identity.frozen"),
                    ("POST", path + "/unfreeze", Why, "identity.unfrozen"),
                ]
        )
        {
            var answer = await admin.SendAsync(new HttpMethod(method), route, body, Customer.NewKey());
            Assert.True(answer.Status is >= 200 and < 300, $"{route}: {answer.Body}");
            Assert.Equal((action, "asked for by phone"), (action, await ReasonAsync(admin, subject, action)));
        }

        // A reason is needed, and nothing is done without it.
        (await admin.PostAsync(path + "/freeze", """{"reason":" "}""")).MustRefuse(400, "invalid_request");
        (await admin.GetAsync(path)).Must(200);
        Assert.Equal(
            1,
            await app.Database.ScalarAsync<long>("select count(*) from activity.entries where subject = $1 and action = 'identity.looked_up'", subject.Id)
        );
        // The PIN is worthless, though it was the right one.
        Assert.True((await admin.GetAsync(path)).Must(200).At("pin_locked").GetBoolean());
    }

    [Fact]
    public async Task People_wallets_shops_and_payments_are_found_by_what_a_caller_says()
    {
        var till = await Payments.Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "300.00");
        var bill = await till.AskAsync("217.43");
        (await bill.PayAsync(payer)).Must(200);
        var unique = "Q" + payer.Owner.Id.ToString("N")[^10..];
        var phone = "+7701" + RandomDigits();
        await app.Database.ScalarAsync<int>(
            "update identity.people set first_name = $2, last_name = 'Caller', phone = $3, email = $4 where id = $1",
            payer.Owner.Id,
            unique,
            phone,
            unique + "@example.org"
        );
        var person = Ids.Show("usr", payer.Owner.Id);
        var payment = (await till.Merchant.GetAsync("/v1/payments/" + bill.Id)).Must(200);
        var staff = await Customer.NewAsync(app, roles: [Roles.Auditor]);
        foreach (
            var (said, list, id) in ((string, string, string)[])
                [
                    (unique[..7], "people", person),
                    (unique + " cal", "people", person),
                    (unique.ToUpperInvariant() + "@EX", "people", person),
                    (phone, "people", person),
                    (phone[^6..], "people", person),
                    (person, "people", person),
                    (payer.Number, "wallets", payer.Id),
                    (payer.Number[^6..], "wallets", payer.Id),
                    (till.Shop, "shops", till.Shop),
                    (bill.Id, "payments", bill.Id),
                    (payment.Text("code"), "payments", bill.Id),
                    (payment.Text("receipt_url"), "payments", bill.Id),
                    ("217.43", "payments", bill.Id),
                    ("217,43 usd", "payments", bill.Id),
                ]
        )
        {
            var found = (await staff.GetAsync("/v1/search?q=" + Uri.EscapeDataString(said))).Must(200);
            Assert.Contains(id, found.GetProperty(list).EnumerateArray().Select(one => list is "wallets" ? one.Text("wallet.id") : one.Text("id")));
        }

        foreach (var said in (string[])["%" + unique, "1", "   ", "217.43 KZT"])
        {
            var answer = await staff.GetAsync("/v1/search?q=" + Uri.EscapeDataString(said));
            Assert.DoesNotContain(bill.Id, answer.Body, StringComparison.Ordinal);
            Assert.DoesNotContain(person, answer.Body, StringComparison.Ordinal);
        }

        (await payer.Owner.GetAsync("/v1/search?q=abc")).MustRefuse(403, "forbidden");
        var noted = await app.Database.ScalarAsync<long>(
            "select count(*) from activity.entries where actor = $1 and action = 'admin.searched' and details -> 'people' ? $2",
            staff.Id,
            person
        );
        Assert.True(noted >= 6, $"{noted} rows name the person");
        // Staff filter the list of payments by the same.
        var listed = (await staff.GetAsync($"/v1/payments?all=true&amount=217.43&person={person}&method=wallet")).Must(200);
        Assert.Contains(bill.Id, listed.GetRawText(), StringComparison.Ordinal);
        (await payer.Owner.GetAsync($"/v1/payments?person={Ids.Show("usr", till.Merchant.Id)}")).MustRefuse(403, "forbidden");
    }

    [Fact]
    public async Task Any_balance_is_explained_by_its_entries_now_and_at_any_time()
    {
        var purse = await (await Customer.NewAsync(app)).OpenAsync("KZT", "70.00");
        var other = await (await Customer.NewAsync(app)).OpenAsync("KZT");
        var auditor = await Customer.NewAsync(app, roles: [Roles.Auditor]);
        var moments = new List<(DateTimeOffset At, string Balance)>();
        for (var i = 0; i < 5; i++)
        {
            moments.Add((app.Clock.GetUtcNow(), await purse.BalanceAsync()));
            app.Clock.Wind(TimeSpan.FromSeconds(2));
            (await purse.SendAsync(other, "1.25")).Must(201);
        }

        var account = (await auditor.GetAsync($"/v1/wallets/{purse.Id}/desk")).Must(200).Text("account");
        foreach (var (at, balance) in moments)
        {
            var asOf = "?as_of=" + Uri.EscapeDataString(at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
            Assert.Equal(balance, (await auditor.GetAsync($"/v1/ledger/accounts/{account}{asOf}")).Must(200).Text("account.balance.amount"));
            var first = (await auditor.GetAsync($"/v1/ledger/accounts/{account}/entries{asOf}")).Must(200).GetProperty("data")[0];
            Assert.Equal(balance, first.Text("balance_after.amount"));
        }

        // Page by page each line is the one below plus its amount, down to nothing.
        var (cursor, entries) = ((string?)null, new List<JsonElement>());
        do
        {
            var page = (await auditor.GetAsync($"/v1/ledger/accounts/{account}/entries?limit=2{(cursor is null ? "" : "&cursor=" + cursor)}")).Must(200);
            entries.AddRange(page.GetProperty("data").EnumerateArray());
            cursor = page.GetProperty("next_cursor").GetString();
        } while (cursor is not null);
        Assert.Equal(6, entries.Count);
        var balances = entries.Select(entry => decimal.Parse(entry.Text("balance_after.amount"), CultureInfo.InvariantCulture)).Append(0).ToList();
        Assert.All(
            entries.Select((entry, i) => (entry, i)),
            one => Assert.Equal(balances[one.i] - balances[one.i + 1], decimal.Parse(one.entry.Text("amount.amount"), CultureInfo.InvariantCulture))
        );

        var posting = (await auditor.GetAsync("/v1/ledger/postings/" + entries[0].Text("posting"))).Must(200);
        Assert.Equal(
            0m,
            posting.GetProperty("entries").EnumerateArray().Sum(entry => decimal.Parse(entry.Text("amount.amount"), CultureInfo.InvariantCulture))
        );
        (await purse.Owner.GetAsync($"/v1/ledger/accounts/{account}")).MustRefuse(403, "forbidden");
    }

    [Fact]
    public async Task The_receipt_goes_again_to_the_payers_proven_address_and_nowhere_else()
    {
        var till = await Payments.Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "30.00");
        var bill = await till.AskAsync("12.00");
        var support = await Customer.NewAsync(app, roles: [Roles.Support]);
        (await support.PostAsync($"/v1/payments/{bill.Id}/receipt-messages", Why)).MustRefuse(409, "payment_not_paid");
        (await bill.PayAsync(payer)).Must(200);
        (await support.PostAsync($"/v1/payments/{bill.Id}/receipt-messages", Why)).MustRefuse(409, "no_contact");
        await app.Database.ScalarAsync<int>(
            "update identity.people set email = $2, email_verified_at = now() where id = $1",
            payer.Owner.Id,
            payer.Owner.Id.ToString("N") + "@example.org"
        );
        (await support.PostAsync($"/v1/payments/{bill.Id}/receipt-messages", Why)).Must(202);
        Assert.Equal("asked for by phone", await ReasonAsync(support, payer.Owner, "payments.receipt_resent"));
    }

    [Fact]
    public async Task A_change_of_fees_says_first_what_it_would_have_done()
    {
        var till = await Payments.Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "300.00");
        foreach (var amount in (string[])["10.00", "10.00", "33.33"])
        {
            (await (await till.AskAsync(amount)).PayAsync(payer)).Must(200);
        }

        var admin = await Customer.NewAsync(app, roles: [Roles.Admin]);
        var plan = "p" + RandomDigits();
        var wish = """{"percent_bps":250,"fixed":[{"amount":"0.10","currency":"USD"}]}""";
        (await admin.SendAsync(HttpMethod.Put, $"/v1/shop-plans/{plan}", wish)).Must(200);
        var preview = (await admin.GetAsync($"/v1/shops/{till.Shop}/plan-preview?plan={plan}")).Must(200).GetProperty("data")[0];
        // 2 × (0.25 + 0.10) + (0.83 + 0.10): a share is rounded down, for the payee.
        Assert.Equal(
            (3, "53.33", "0.00", "1.63"),
            (preview.GetProperty("payments").GetInt32(), preview.Text("sold.amount"), preview.Text("fees.amount"), preview.Text("would_be.amount"))
        );

        (await admin.SendAsync(HttpMethod.Put, $"/v1/shops/{till.Shop}/plan", $$"""{"plan":"{{plan}}","reason":"asked for by phone"}""")).Must(200);
        var ofPlan = (await admin.PostAsync($"/v1/shop-plans/{plan}/preview", """{"percent_bps":0}""")).Must(200);
        Assert.Equal((1, "0.00"), (ofPlan.GetProperty("shops").GetInt32(), ofPlan.GetProperty("data")[0].Text("would_be.amount")));
        Assert.Equal("asked for by phone", await ReasonAsync(admin, till.Merchant, "shops.plan_given"));
    }

    private static string RandomDigits() => System.Security.Cryptography.RandomNumberGenerator.GetString("0123456789", 7);

    private async Task<string?> ReasonAsync(Customer by, Customer about, string action) =>
        await app.Database.ScalarAsync<string>(
            "select details ->> 'reason' from activity.entries where actor = $1 and subject = $2 and action = $3 order by id desc limit 1",
            by.Id,
            about.Id,
            action
        );
}
