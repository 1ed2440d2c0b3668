using System.Net;
using Florin.Identity;
using Florin.Imports;
using Florin.Platform;
using Florin.Tests.Identity;
using Florin.Tests.Ledger;

namespace Florin.Tests.Imports;

public sealed class ImportTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private const string Money = "select coalesce(sum(balance), 0)::text || '/' || count(*)::text from ledger.accounts where code is null";

    [Theory]
    [InlineData("1", "pbkdf2_sha256$1000$saltsaltsalt$ZePJS34m30v6xwTPUTLan5z0oGErz8VdDJjY4KVMmh8=")]
    [InlineData("пароль", "pbkdf2_sha256$1000$Zx9$/Iq2TV0Nd55yAI6rfTd4Z2uO+JThBfNwzI6PwR8S8Ds=")]
    public async Task A_password_that_Django_hashed_works_and_is_hashed_anew(string password, string hash)
    {
        var person = await Identity.SignedIn.AsAsync(app);
        await app.Database.ScalarAsync<int>("update identity.people set password_hash = $2 where id = $1", person.Id, hash);
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.SignInAsync(person.Person.Username!, password + "x")).Status);
        Assert.Equal(HttpStatusCode.Created, (await app.Http.SignInAsync(person.Person.Username!, password)).Status);
        Assert.DoesNotContain("pbkdf2", (await person.NowAsync()).PasswordHash, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, (await app.Http.SignInAsync(person.Person.Username!, password)).Status);
    }

    [Theory]
    [InlineData("pbkdf2_sha256$99000000$salt$ZePJS34m30v6xwTPUTLan5z0oGErz8VdDJjY4KVMmh8=")]
    [InlineData("pbkdf2_sha256$1000$salt$AAAA")]
    [InlineData("pbkdf2_sha256$1000$$ZePJS34m30v6xwTPUTLan5z0oGErz8VdDJjY4KVMmh8=")]
    [InlineData("argon2$argon2id$v=19$m=102400,t=2,p=8$x$y")]
    [InlineData("!")]
    public void What_is_no_such_hash_is_not_taken_for_one(string hash) => Assert.False(DjangoPasswords.IsHash(hash));

    [Fact]
    public async Task VeinPay_comes_with_balances_passwords_and_open_bills()
    {
        var mark = Calls.Fresh("vein");
        using var old = OldSystem.VeinPay(mark);
        await Comes(old, 8); // three people and their wallets, the shop, the bill that is open
        Assert.Equal([("USD", 1000_10L)], await BalancesAsync(mark + "-shop"));
        Assert.Equal([("USD", 75_30L)], await BalancesAsync(mark + "-ann"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.SignInAsync(mark + "-gone", OldSystem.Password)).Status);
        Assert.Equal("{merchant}", await app.Database.ScalarAsync<string>("select roles::text from identity.people where username = $1", mark + "-shop"));

        // The bill can be paid, once, by the customer, out of the imported balance.
        var ann = await app.Http.SignInAsync(mark + "-ann", OldSystem.Password);
        var bills = (await app.Http.GetAsync("/v1/bills", ann.Access)).Body.GetProperty("data");
        var bill = Assert.Single(bills.EnumerateArray().ToList());
        Assert.Equal("12.34", bill.GetProperty("amount").GetProperty("amount").GetString());
        var paid = await PayAsync(bill.GetProperty("payment").GetString()!, ann.Access);
        Assert.Equal(HttpStatusCode.OK, paid.Status);
        Assert.Equal([("USD", 62_96L)], await BalancesAsync(mark + "-ann"));
        await Book.CheckCleanAsync(app);
    }

    [Fact]
    public async Task The_voucher_app_comes_with_codes_that_redeem_and_their_worth_as_a_liability()
    {
        var mark = Calls.Fresh("vou");
        var before = await LiabilityAsync();
        using var old = OldSystem.VoucherApp(mark, "OIL01" + mark[^4..].ToUpperInvariant());
        await Comes(old, 5);
        // 19.99 over two vouchers: 10.00 for the first, of which one use of three is gone; the second is used; nobody paid for the others.
        Assert.Equal(before + 10_00 - 3_33, await LiabilityAsync());
        var owner = await app.Http.SignInAsync(mark + "@example.org", OldSystem.Password);
        var code = "oil01" + mark[^4..] + "00a";
        foreach (var (expected, status) in new[] { ("active", 201), ("used", 201), ("voucher_used", 409) })
        {
            var redeemed = await RedeemAsync(code, owner.Access);
            Assert.Equal(status, (int)redeemed.Status);
            Assert.Contains(expected, redeemed.Body.ToString(), StringComparison.Ordinal);
        }

        Assert.Equal(before, await LiabilityAsync());
        await Book.CheckCleanAsync(app);
    }

    [Fact]
    public async Task The_payment_files_come_with_the_credits_that_were_paid_and_not_used()
    {
        var mark = Calls.Fresh("file");
        using var old = OldSystem.PaymentFiles(mark);
        await Comes(old, 2);
        var person = await app.Http.SignInAsync(mark, OldSystem.Password);
        var credits = (await app.Http.GetAsync("/v1/file-credits", person.Access)).Body.ToString();
        Assert.Contains("\"available\":2", credits, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_QR_payments_come_with_hashed_passwords_PINs_and_whole_cents()
    {
        var mark = Calls.Fresh("qr");
        using var old = OldSystem.QrPay(mark);
        await Comes(old, 7);
        Assert.Equal([("USD", 250_00L)], await BalancesAsync(mark + "-till", "till secret"));
        Assert.Equal([("USD", 30L)], await BalancesAsync(mark + "-payer", "plain"));
        Assert.Equal([("USD", 33_33L)], await BalancesAsync(mark + "-third", "third"));
        Assert.Equal(
            "10.00",
            await app.Database.ScalarAsync<string>(
                "select (a.proof_limit / 100.0)::numeric(10,2)::text from ledger.accounts a join wallets.wallets w on w.account_id = a.id "
                    + "join identity.people p on p.id = w.person_id where p.username = $1",
                mark + "-payer"
            )
        );
        Assert.Equal(0, await app.Database.ScalarAsync<long>("select count(*) from identity.people where password_hash in ('plain', 'third')"));
    }

    [Fact]
    public async Task WalletAPI_comes_with_numbers_names_and_the_fee_that_blocks_a_wallet()
    {
        var (mark, phone) = (Calls.Fresh("wal"), Calls.FreshPhone());
        var numbers = phone[^7..] + "0";
        using var old = OldSystem.WalletApi(mark, phone, numbers);
        await Comes(old, 3);
        Assert.Equal([("KZT", 150_50L), ("USD", 12345678901_99L)], await BalancesAsync(phone));
        Assert.Equal(
            numbers + "01 Мой кошелек 20000",
            await app.Database.ScalarAsync<string>(
                "select w.number || ' ' || w.name || ' ' || a.arrears from wallets.wallets w join ledger.accounts a on a.id = w.account_id where w.number = $1",
                numbers + "01"
            )
        );
        Assert.Equal(
            new DateTime(2099, 1, 1, 0, 0, 0, DateTimeKind.Utc),
            await app.Database.ScalarAsync<DateTime>("select fee_next_due_at from wallets.wallets where number = $1", numbers + "02")
        );
    }

    [Fact]
    public async Task A_later_copy_brings_only_what_is_new()
    {
        var mark = Calls.Fresh("later");
        using var old = OldSystem.VeinPay(mark);
        Assert.True((await old.ImportAsync(app)).Done);
        old.Run(
            $$"""
            insert into api_user (id, username, password, role) values (9, '{{mark}}-new', '{hash}', 'CUSTOMER');
            insert into api_wallet (owner_id, balance) values (9, 5);
            update api_wallet set balance = 999999 where owner_id = 2;
            insert into api_bill (amount, status, customer_id, initiating_shop_id) values (7, 'PENDING', 9, 1);
            """
        );
        var report = await old.ImportAsync(app);
        Assert.Contains("1 bills, 1 people, 1 wallets", report.Lines[0], StringComparison.Ordinal);
        Assert.Equal([("USD", 75_30L)], await BalancesAsync(mark + "-ann"));
        Assert.Equal([("USD", 5_00L)], await BalancesAsync(mark + "-new"));
        await Book.CheckCleanAsync(app);
    }

    [Theory]
    [InlineData("update api_wallet set balance = -0.01 where owner_id = 2", "below zero")]
    [InlineData("update api_wallet set owner_id = 77 where owner_id = 2", "no user 77")]
    [InlineData("update api_bill set customer_id = 77", "no user 77")]
    [InlineData("update api_user set username = 'no spaces please' where id = 2", "malformed")]
    public async Task What_does_not_fit_stops_all_of_it(string spoil, string problem)
    {
        using var old = OldSystem.VeinPay(Calls.Fresh("spoilt"));
        old.Run(spoil);
        var before = await StateAsync();
        var report = await old.ImportAsync(app);
        Assert.False(report.Done);
        Assert.Contains(report.Problems, line => line.Contains(problem, StringComparison.Ordinal));
        Assert.Equal(before, await StateAsync());
    }

    [Theory]
    [InlineData("drop table api_wallet")]
    [InlineData("update api_wallet set balance = 'a lot' where owner_id = 2")]
    [InlineData("update api_wallet set balance = 1.001 where owner_id = 2")]
    [InlineData(null)]
    public async Task A_spoilt_file_changes_nothing(string? spoil)
    {
        using var old = OldSystem.VeinPay(Calls.Fresh("broken"));
        var before = await StateAsync();
        if (spoil is not null)
        {
            old.Run(spoil);
        }
        else
        {
            var bytes = await File.ReadAllBytesAsync(old.File, TestContext.Current.CancellationToken);
            Array.Clear(bytes, bytes.Length / 2, bytes.Length / 4);
            await File.WriteAllBytesAsync(old.File, bytes, TestContext.Current.CancellationToken);
        }

        var refusal = await Assert.ThrowsAsync<Refusal>(() => old.ImportAsync(app));
        Assert.Equal(ImportsRefusals.Unreadable, refusal.Reason);
        Assert.Equal(before, await StateAsync());
    }

    [Fact]
    public async Task Who_is_here_already_stops_it_unless_it_is_said_what_that_means()
    {
        var mark = Calls.Fresh("same");
        var here = await app.Http.RegisterAsync(mark); // with a proven address of the same name
        using var old = OldSystem.WalletApi(mark, Calls.FreshPhone(), mark.GetHashCode(StringComparison.Ordinal).ToString("D8", null)[^8..]);
        var stopped = await old.ImportAsync(app);
        Assert.Contains(stopped.Problems, line => line.Contains("--merge-by email", StringComparison.Ordinal));

        // An address that nobody proved is no reason to give somebody a balance.
        await app.Database.ScalarAsync<int>("update identity.people set email_verified_at = null where username = $1", mark);
        Assert.NotEmpty((await old.ImportAsync(app, options => options with { MergeBy = ["email"] })).Problems);
        await app.Database.ScalarAsync<int>("update identity.people set email_verified_at = now() where username = $1", mark);

        Assert.True((await old.ImportAsync(app, options => options with { MergeBy = ["email"] })).Done);
        Assert.Equal([("KZT", 150_50L), ("USD", 12345678901_99L)], await BalancesAsync(mark, Calls.Password));
        Assert.NotNull(here.Access);
        await Book.CheckCleanAsync(app);
    }

    [Fact]
    public async Task Without_a_taken_address_somebody_comes_by_their_username()
    {
        var mark = Calls.Fresh("drop");
        await app.Http.RegisterAsync(mark);
        using var old = OldSystem.PaymentFiles(mark);
        old.Run($"update accounts_customuser set username = '{mark}-other'");
        Assert.NotEmpty((await old.ImportAsync(app)).Problems);
        Assert.True((await old.ImportAsync(app, options => options with { Without = ["email"] })).Done);
        Assert.Equal(HttpStatusCode.Created, (await app.Http.SignInAsync(mark + "-other", OldSystem.Password)).Status);
    }

    [Fact]
    public async Task Of_two_imports_at_once_one_takes_it()
    {
        using var old = OldSystem.VeinPay(Calls.Fresh("twice"));
        var done = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => TryAsync()));
        Assert.Equal(1, done.Count(one => one));
        await Book.CheckCleanAsync(app);

        async Task<bool> TryAsync()
        {
            try
            {
                return (await old.ImportAsync(app)).Done;
            }
            catch (Refusal refusal) when (refusal.Reason == ImportsRefusals.Overtaken)
            {
                return false;
            }
        }
    }

    [Theory]
    [InlineData("veinpay --from a --dry-run --merge-by email,phone", null)]
    [InlineData("--from a", "SYSTEM is missing")]
    [InlineData("paypal --from a", "'paypal' is none of veinpay, voucher-app, payment-files, qr-pay, wallet-api")]
    [InlineData("qr-pay", "say --from FILE")]
    [InlineData("qr-pay --from", "--from needs FILE")]
    [InlineData("qr-pay --from a --merge-by card", "'card' is none of email, phone, username")]
    [InlineData("qr-pay --from a --currency XXX", "there is no currency 'XXX'")]
    [InlineData("qr-pay --from a --dryrun", "there is no option --dryrun")]
    public void The_command_line_says_what_is_wrong_with_it(string words, string? expected)
    {
        ImportOptions Read() =>
            ImportOptions.Of(Florin.Platform.CommandCall.Read(new Florin.Platform.CommandCall(app.Services), ImportsModule.Command, words.Split(' ')));
        if (expected is null)
        {
            Assert.True(Read() is { DryRun: true, MergeBy: ["email", "phone"] });
        }
        else
        {
            Assert.Equal(expected + "; see ./florin import --help", Assert.Throws<Florin.Platform.CommandFailure>(Read).Message);
        }
    }

    // A dry run changes nothing, a run takes all, a second run finds nothing, and the book is clean.
    private async Task Comes(OldSystem old, int rows)
    {
        var before = await StateAsync();
        var dry = await old.ImportAsync(app, options => options with { DryRun = true });
        Assert.Empty(dry.Problems);
        Assert.Equal(before, await StateAsync());

        var done = await old.ImportAsync(app);
        Assert.True(done.Done, string.Join('\n', done.Problems));
        Assert.Equal(dry.Lines, done.Lines);
        var after = await StateAsync();
        Assert.True(
            before.Taken + rows == after.Taken,
            await app.Database.ScalarAsync<string>("select string_agg(kind || ' ' || key, ', ') from imports.taken where source = $1", old.Options.Source)
        );
        await Book.CheckCleanAsync(app);

        var again = await old.ImportAsync(app);
        Assert.False(again.Done);
        Assert.Equal("Nothing is new.", again.Lines[0]);
        Assert.Equal(after, await StateAsync());
    }

    private async Task<(string? Money, long People, long Taken)> StateAsync() =>
        (
            await app.Database.ScalarAsync<string>(Money),
            await app.Database.ScalarAsync<long>("select count(*) from identity.people"),
            await app.Database.ScalarAsync<long>("select count(*) from imports.taken")
        );

    private async Task<long> LiabilityAsync() =>
        await app.Database.ScalarAsync<long>("select coalesce(sum(balance), 0)::bigint from ledger.accounts where code = 'voucher_liability:USD'");

    private async Task<(string, long)[]> BalancesAsync(string login, string password = OldSystem.Password)
    {
        var person = await app.Http.SignInAsync(login, password);
        Assert.Equal(HttpStatusCode.Created, person.Status);
        var wallets = (await app.Http.GetAsync("/v1/wallets", person.Access)).Body.GetProperty("data").EnumerateArray();
        return
        [
            .. wallets
                .Select(wallet => wallet.GetProperty("balance"))
                .Select(balance =>
                    (
                        balance.GetProperty("currency").GetString()!,
                        long.Parse(balance.GetProperty("amount").GetString()!.Replace(".", "", StringComparison.Ordinal), null)
                    )
                )
                .OrderBy(one => one.Item1, StringComparer.Ordinal),
        ];
    }

    private Task<Got> PayAsync(string payment, string token) => KeyedAsync($"/v1/payments/{payment}/pay", new { method = "wallet" }, token);

    private Task<Got> RedeemAsync(string code, string token) => KeyedAsync("/v1/vouchers/redemptions", new { code }, token);

    private async Task<Got> KeyedAsync(string path, object body, string token)
    {
        using var client = app.CreateClient();
        client.DefaultRequestHeaders.Add(Idempotency.Header, Guid.NewGuid().ToString());
        return await client.PostAsync(path, body, token);
    }
}
