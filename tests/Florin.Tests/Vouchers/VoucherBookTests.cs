using System.Globalization;
using Florin.Platform;
using Florin.Tests.Payments;
using Florin.Tests.Routes;
using Florin.Tests.Wallets;
using Florin.Vouchers;

namespace Florin.Tests.Vouchers;

/// <summary>
/// A random walk through everything that can be done with vouchers, in two currencies, by the front door: after every step the ledger owes what a small
/// model of the rules says.
/// </summary>
public sealed class VoucherBookTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private const int Steps = 70;

    [Theory]
    [InlineData(1)]
    [InlineData(20261121)]
    public async Task The_liability_is_what_is_outstanding_at_every_step(int seed)
    {
        var walk = await Walk.BeginAsync(app, new Seeded((ulong)seed));
        for (var step = 0; step < Steps; step++)
        {
            var did = await walk.StepAsync();
            var (wanted, found) = await walk.CompareAsync();
            Assert.True(string.Equals(wanted, found, StringComparison.Ordinal), $"step {step}, {did}: {found} instead of {wanted}");
        }

        Assert.True(walk.Kinds.Count == 6, string.Join(' ', walk.Kinds)); // it went everywhere
        await VoucherStand.CheckBooksAsync(app);
    }

    private sealed class Sold
    {
        public required string Id { get; init; }
        public required string Code { get; init; }
        public required string Payment { get; init; }
        public required string Currency { get; init; }
        public required long Paid { get; init; }
        public required int Uses { get; init; }
        public required DateTimeOffset Ends { get; init; }
        public required int Place { get; init; }
        public int Left { get; set; }
        public bool Over { get; set; } // used, expired or refunded

        public long Share => Paid / Uses;

        public long Owed => Over ? 0 : Paid - ((Uses - Left) * Share);

        public long Back => Over ? 0 : (long)((decimal)Paid * Left / Uses);
    }

    private sealed class Walk
    {
        private static readonly string[] Currencies = ["USD", "EUR"];
        private readonly FlorinApp app;
        private readonly Seeded random;
        private readonly List<Sold> sold = [];
        private readonly Dictionary<string, (string Id, Sold Voucher)> undoable = new(StringComparer.Ordinal);
        private readonly Dictionary<string, long> earned = new(StringComparer.Ordinal) { ["USD"] = 0, ["EUR"] = 0 };
        private readonly Dictionary<string, (long Owed, long Earned)> start = new(StringComparer.Ordinal);
        private readonly Dictionary<string, Purse> purses = new(StringComparer.Ordinal);
        private readonly List<(VoucherStand Stand, string Currency)> stands = [];
        private readonly Dictionary<string, Bill> bills = new(StringComparer.Ordinal);
        private Customer support = null!;

        private Walk(FlorinApp app, Seeded random)
        {
            this.app = app;
            this.random = random;
        }

        public HashSet<string> Kinds { get; } = new(StringComparer.Ordinal);

        public static async Task<Walk> BeginAsync(FlorinApp app, Seeded random)
        {
            app.Clock.Wind(TimeSpan.FromDays(60)); // what another walk left behind is over
            await app.Get<ExpireVouchers>().RunAsync(TestContext.Current.CancellationToken);
            var walk = new Walk(app, random) { support = await Customer.NewAsync(app, roles: [Roles.Support]) };
            var buyer = await Customer.NewAsync(app);
            foreach (var currency in Currencies)
            {
                walk.purses[currency] = await buyer.OpenAsync(currency, "100000.00");
                walk.start[currency] = (
                    await VoucherStand.HeldAsync(app, "voucher_liability", currency),
                    await VoucherStand.HeldAsync(app, "voucher_revenue", currency)
                );
            }

            walk.stands.Add((await VoucherStand.OpenAsync(app, "10.00", "USD", ""","uses":3,"validity_days":9"""), "USD"));
            walk.stands.Add((await VoucherStand.OpenAsync(app, "0.05", "USD", ""","uses":7,"validity_days":20"""), "USD"));
            walk.stands.Add((await VoucherStand.OpenAsync(app, "33.33", "EUR", ""","uses":1,"validity_days":4"""), "EUR"));
            walk.stands.Add((await VoucherStand.OpenAsync(app, "7.77", "EUR", ""","uses":5,"validity_days":30"""), "EUR"));
            return walk;
        }

        public async Task<string> StepAsync()
        {
            var active = sold.Where(one => !one.Over).ToList();
            var did = random.Below(100) switch
            {
                _ when active.Count == 0 => "buy",
                < 30 => "buy",
                < 65 => "redeem",
                < 78 => "undo",
                < 88 => "refund",
                < 95 => "expire",
                _ => "edit",
            };
            Kinds.Add(did);
            switch (did)
            {
                case "buy":
                    await BuyAsync();
                    break;
                case "redeem":
                    await RedeemAsync(random.Of(active));
                    break;
                case "undo":
                    await UndoAsync();
                    break;
                case "refund":
                    await RefundAsync(random.Of(active).Payment);
                    break;
                case "expire":
                    await ExpireAsync();
                    break;
                default:
                    await random.Of(stands).Stand.ChangeAsync($$"""{"uses":{{1 + random.Below(8)}},"validity_days":{{3 + random.Below(30)}}}""");
                    break;
            }

            return did;
        }

        public async Task<(string Wanted, string Found)> CompareAsync()
        {
            var (wanted, found) = (new List<string>(), new List<string>());
            foreach (var currency in Currencies)
            {
                var owed = sold.Where(one => string.Equals(one.Currency, currency, StringComparison.Ordinal)).Sum(one => one.Owed);
                wanted.Add($"{currency} {owed} {earned[currency]}");
                var held = await VoucherStand.HeldAsync(app, "voucher_liability", currency) - start[currency].Owed;
                var revenue = await VoucherStand.HeldAsync(app, "voucher_revenue", currency) - start[currency].Earned;
                found.Add($"{currency} {held} {revenue}");
            }

            return (string.Join("; ", wanted), string.Join("; ", found));
        }

        private async Task BuyAsync()
        {
            var (stand, currency) = random.Of(stands);
            var quantity = 1 + random.Below(4);
            var more = $",\"quantity\":{quantity}";
            if (random.OnceIn(3))
            {
                more += $",\"discount\":\"{await stand.DiscountAsync($"\"percent_bps\":{1 + random.Below(10_000)}")}\"";
            }

            var purse = purses[currency] with { Owner = purses[currency].Owner.Again() };
            var bill = await stand.AskAsync(purse.Owner, more);
            (await bill.PayAsync(purse)).Must(200);
            bills[bill.Id] = bill;
            var place = 0;
            foreach (var voucher in await VoucherStand.OfAsync(purse.Owner, bill))
            {
                var uses = int.Parse(voucher.Text("uses"), CultureInfo.InvariantCulture);
                sold.Add(
                    new Sold
                    {
                        Id = voucher.Text("id"),
                        Code = voucher.Text("code"),
                        Payment = bill.Id,
                        Currency = currency,
                        Paid = Minor(voucher.Text("paid.amount")),
                        Uses = uses,
                        Left = uses,
                        Ends = DateTimeOffset.Parse(voucher.Text("expires_at"), CultureInfo.InvariantCulture),
                        Place = place++,
                    }
                );
            }
        }

        private async Task RedeemAsync(Sold voucher)
        {
            var done = (await VoucherStand.RedeemAsync(purses["USD"].Owner.Again(), voucher.Code)).Must(201);
            var before = voucher.Owed;
            voucher.Left--;
            voucher.Over = voucher.Left == 0;
            earned[voucher.Currency] += before - voucher.Owed;
            undoable[done.Text("id")] = (done.Text("id"), voucher);
        }

        private async Task UndoAsync()
        {
            if (undoable.Count == 0)
            {
                return;
            }

            var (id, voucher) = random.Of(undoable.Values.ToList());
            undoable.Remove(id);
            var answer = await support.Again().PostAsync($"/v1/vouchers/redemptions/{id}/undo", """{"why":"a mistake"}""");
            if (voucher.Over && voucher.Left > 0)
            {
                answer.MustRefuse(409, "redemption_final"); // it was refunded since
                return;
            }

            answer.Must(200);
            var before = voucher.Owed;
            voucher.Left++;
            voucher.Over = false;
            earned[voucher.Currency] -= voucher.Owed - before;
        }

        private async Task RefundAsync(string payment)
        {
            var all = sold.Where(one => one.Payment.Equals(payment, StringComparison.Ordinal) && !one.Over)
                .OrderByDescending(one => one.Back)
                .ThenBy(one => one.Place)
                .ToList();
            var some = random.OnceIn(2) ? all : all[..(1 + random.Below(all.Count))];
            var sum = some.Sum(one => one.Back);
            if (sum == 0)
            {
                return; // what costs nothing is not paid back
            }

            var answer = await VoucherStand.RefundAsync(app, bills[payment], Show(sum));
            answer.Must(201);
            // Those that cost nothing go with the last that does, and of the same sum the shortest way is taken.
            var taken = sum == all.Sum(one => one.Back) ? all : some.TakeWhile((_, i) => some.Take(i).Sum(one => one.Back) < sum).ToList();
            foreach (var voucher in taken)
            {
                earned[voucher.Currency] += voucher.Owed - voucher.Back;
                voucher.Over = true;
            }
        }

        private async Task ExpireAsync()
        {
            app.Clock.Wind(TimeSpan.FromDays(3));
            undoable.Clear(); // the window is over
            await app.Get<ExpireVouchers>().RunAsync(TestContext.Current.CancellationToken);
            foreach (var voucher in sold.Where(one => !one.Over && one.Ends <= app.Clock.GetUtcNow()))
            {
                earned[voucher.Currency] += voucher.Owed;
                voucher.Over = true;
            }
        }

        private static long Minor(string amount) => (long)(decimal.Parse(amount, CultureInfo.InvariantCulture) * 100);

        private static string Show(long minor) => (minor / 100m).ToString("0.00", CultureInfo.InvariantCulture);
    }
}
