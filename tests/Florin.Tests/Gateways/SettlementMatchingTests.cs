using System.Text;
using Florin.Gateways.Reconciliation;
using Florin.Ledger;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using FsCheck;
using FsCheck.Fluent;

namespace Florin.Tests.Gateways;

/// <summary>Reading a gateway's file, and the three-way comparison by itself: what was planted is found, and nothing else.</summary>
public sealed class SettlementMatchingTests
{
    private const string Heading = "id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),attempt (metadata),refund (metadata)\n";
    private static readonly DateTimeOffset Start = new(2026, 10, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Currency Usd = Currency.Of("USD");

    private static readonly string[] Plantable =
    [
        LineResults.Unknown,
        LineResults.Duplicate,
        LineResults.NotOurs,
        LineResults.CurrencyDiffers,
        LineResults.AmountDiffers,
        LineResults.NotBooked,
        LineResults.FeeDiffers,
        LineResults.DateDiffers,
        LineResults.Changed,
        LineResults.Repeated,
        LineResults.OtherMovement,
        LineResults.Other,
    ];

    [Fact]
    public void What_was_planted_is_found_and_nothing_else()
    {
        // Each number is a movement: its lowest digits say what is wrong with it, most have nothing.
        var movements = ArbMap.Default.GeneratorFor<int>().Select(Math.Abs).ListOf(40).ToArbitrary();
        Prop.ForAll(
                movements,
                numbers =>
                {
                    var book = new Book();
                    foreach (var number in numbers)
                    {
                        book.Add(
                            number % 3 == 0 ? Plantable[number / 3 % Plantable.Length] : LineResults.Matched,
                            refund: number % 5 == 0,
                            1 + (number % 100_000)
                        );
                    }

                    var found = SettlementMatching.Match(book.Lines, book.Context());
                    return found.Select(line => line.Result).SequenceEqual(book.Expected, StringComparer.Ordinal);
                }
            )
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_file_of_Stripe_is_read_by_the_names_of_its_columns_in_any_order()
    {
        var (attempt, refund) = (Guid.NewGuid(), Guid.NewGuid());
        var lines = SettlementFile.Read(
            Encoding.UTF8.GetBytes(
                Heading
                    + $"txn_1,charge,ch_1,12.34,0.66,11.68,usd,2026-10-01 10:00,{attempt:N},\n"
                    + $"txn_2,refund,re_1,-2.00,0,-2.00,usd,2026-10-02 11:30,{attempt:N},{refund:N}\n"
                    + "txn_3,payout,po_1,-9.68,0,-9.68,usd,2026-10-03 00:00,,\n"
            ),
            SettlementFormat.Stripe
        );
        Assert.Equal([MovementKinds.Charge, MovementKinds.Refund, MovementKinds.Other], lines.Select(line => line.Kind));
        Assert.Equal((new Amount(1234, Usd), new Amount(66, Usd), false), (lines[0].Amount, lines[0].Fee!.Value, lines[0].FeeIsOdd));
        Assert.Equal([attempt, refund], lines[1].Ids);
        Assert.Equal((new Amount(200, Usd), false, 3), (lines[1].Amount, lines[1].FeeIsOdd, lines[1].Line));
        Assert.Equal(new DateTimeOffset(2026, 10, 1, 10, 0, 0, TimeSpan.Zero), lines[0].HappenedAt);

        // The itemised report, with what the payer paid in another currency than the account's.
        var itemised = SettlementFile.Read(
            "currency,created_utc,reporting_category,gross,net,fee,payment_intent_id,balance_transaction_id,customer_facing_amount,customer_facing_currency\n"u8
                .ToArray()
                .Concat("usd,2026-10-01 10:00:30,charge,1.00,0.70,0.30,pi_1,txn_9,500.00,kzt\n"u8.ToArray())
                .ToArray(),
            SettlementFormat.Stripe
        );
        Assert.Equal((new Amount(50_000, Currency.Of("KZT")), new Amount(30, Usd), false), (itemised[0].Amount, itemised[0].Fee!.Value, itemised[0].FeeIsOdd));
        Assert.Contains("pi_1", itemised[0].Names);
    }

    [Fact]
    public void A_report_of_aamarPay_has_the_times_of_Dhaka_and_its_fee_is_what_the_store_does_not_get()
    {
        var attempt = Guid.NewGuid();
        var line = Assert.Single(
            SettlementFile.Read(
                Encoding.UTF8.GetBytes(
                    $"mer_txnid,pg_txnid,amount,currency,store_amount,pay_status,pay_time\n{attempt:N},AAM1,100,BDT,97.50,Successful,2026-10-01 06:00:00\n"
                ),
                SettlementFormat.AamarPay
            )
        );
        Assert.Equal((MovementKinds.Charge, Start, new Amount(250, Currency.Of("BDT"))), (line.Kind, line.HappenedAt, line.Fee!.Value));
        Assert.Equal([attempt], line.Ids);
    }

    [Theory]
    [InlineData("", "line 1")]
    [InlineData("id,Type,Amount\n", "line 1")]
    [InlineData(Heading, "file")]
    [InlineData(Heading + "txn_1,charge,ch_1,12.345,0,12.345,usd,2026-10-01 10:00,,\n", "line 2")]
    [InlineData(Heading + "txn_1,charge,ch_1,1,0,1,usd,2026-10-01 10:00,,\ntxn_2,charge,ch_1,\"1,000\",0,1,usd,2026-10-01 10:00,,\n", "line 3")]
    [InlineData(Heading + "txn_1,charge,ch_1,1,0,1,doubloons,2026-10-01 10:00,,\n", "line 2")]
    [InlineData(Heading + "txn_1,charge,ch_1,1,0,1,usd,yesterday,,\n", "line 2")]
    [InlineData(Heading + "txn_1,charge,ch_1,99999999999999999999,0,1,usd,2026-10-01 10:00,,\n", "line 2")]
    [InlineData(Heading + ",charge,ch_1,1,0,1,usd,2026-10-01 10:00,,\n", "line 2")]
    public void A_file_that_cannot_be_read_is_refused_whole_with_its_lines(string text, string where)
    {
        var refusal = Assert.Throws<Refusal>(() => SettlementFile.Read(Encoding.UTF8.GetBytes(text), SettlementFormat.Stripe));
        Assert.Equal("settlement_not_readable", refusal.Reason.Code);
        Assert.Equal([where], refusal.Errors!.Keys);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        var refusal = Assert.Throws<Refusal>(() => SettlementFile.Read([0xFF, 0xFE, 0x00, 0x80, 0xC3, 0x28], SettlementFormat.Stripe));
        Assert.Equal("settlement_not_readable", refusal.Reason.Code);
    }

    /// <summary>A gateway's file and our books, which agree but for what is planted.</summary>
    private sealed class Book
    {
        private readonly List<CollectedFact> attempts = [];
        private readonly List<GivenBackFact> refunds = [];
        private readonly List<GatewayEntry> entries = [];
        private readonly Dictionary<string, EarlierLine> earlier = new(StringComparer.Ordinal);

        public List<SettlementLine> Lines { get; } = [];

        public List<string> Expected { get; } = [];

        public SettlementContext Context() => new(attempts, refunds, entries, earlier, new HashSet<Guid>());

        public void Add(string wrong, bool refund, int minor)
        {
            var (id, payment, at) = (Guid.NewGuid(), Guid.NewGuid(), Start.AddMinutes(Lines.Count));
            var amount = new Amount(minor, Usd);
            var line = new SettlementLine(Lines.Count + 2, $"txn_{Lines.Count}", refund ? MovementKinds.Refund : MovementKinds.Charge, "charge", amount, at)
            {
                Ids = wrong is LineResults.Unknown ? [Guid.NewGuid()] : [id],
                Fee = new Amount(0, Usd),
            };
            var done = wrong is not LineResults.NotOurs;
            var booked = at.AddSeconds(5);
            if (refund)
            {
                refunds.Add(new GivenBackFact(id, Guid.NewGuid(), payment, null, amount, done, done ? booked : null));
            }
            else
            {
                attempts.Add(new CollectedFact(id, payment, null, done ? amount : null, done ? booked : null));
            }

            if (done && wrong is not LineResults.NotBooked)
            {
                entries.Add(new GatewayEntry(Ids.Show("pay", payment), "USD", refund ? minor : -minor));
            }

            Lines.Add(Spoil(line, wrong));
            Expected.Add(wrong is LineResults.Duplicate ? LineResults.Matched : wrong);
            if (wrong is LineResults.Duplicate)
            {
                Lines.Add(line with { Line = line.Line + 1, Reference = line.Reference + "_again" });
                Expected.Add(LineResults.Duplicate);
            }
        }

        private SettlementLine Spoil(SettlementLine line, string wrong)
        {
            if (wrong is LineResults.Repeated or LineResults.Changed)
            {
                earlier[line.Reference] = new EarlierLine(line.Kind, wrong is LineResults.Repeated ? line.Amount : new Amount(line.Amount.Minor + 1, Usd));
            }

            return wrong switch
            {
                LineResults.CurrencyDiffers => line with { Amount = new Amount(line.Amount.Minor, Currency.Of("EUR")) },
                LineResults.AmountDiffers => line with { Amount = new Amount(line.Amount.Minor + 1, Usd) },
                LineResults.FeeDiffers => line with { Fee = new Amount(line.Amount.Minor + 1, Usd) },
                LineResults.DateDiffers => line with { HappenedAt = line.HappenedAt.AddDays(-4) },
                LineResults.OtherMovement => line with { Kind = MovementKinds.Other, Type = "dispute" },
                LineResults.Other => line with { Kind = MovementKinds.Other, Type = "payout" },
                _ => line,
            };
        }
    }
}
