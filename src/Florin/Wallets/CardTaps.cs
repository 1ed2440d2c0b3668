using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Florin.Activity;
using Florin.Identity;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Npgsql;

namespace Florin.Wallets;

/// <summary>A card that was held to a reader, or the ticket of one.</summary>
/// <param name="Card">The card.</param>
/// <param name="Wallet">Whose wallet pays.</param>
/// <param name="PinLimit">Above it the PIN is asked: minor units of the wallet's currency.</param>
/// <param name="Ticket">The ticket, where one finishes the payment.</param>
internal sealed record CardTap(Guid Card, WalletFact Wallet, long PinLimit, Guid? Ticket)
{
    /// <summary>The card's public id.</summary>
    public string PublicId => Ids.Show(Florin.Wallets.Card.Prefix, Card);
}

/// <summary>
/// Cards at tills. Up to its limit a card pays by itself; above it the till gets a ticket, which pays that payment at that till with the PIN. What a card
/// pays in a day is counted in the commit that pays. Cards are read at every tap, so that a revoked one ends at once.
/// </summary>
internal sealed class CardTaps(Database database, ActivityLog activity, IServiceScopeFactory scopes, TimeProvider clock)
{
    /// <summary>How long a ticket is good for.</summary>
    public static readonly TimeSpan TicketLife = TimeSpan.FromMinutes(5);

    /// <summary>Taps of unknown cards and wrong PINs within <see cref="MissesCount"/> after which a till takes neither.</summary>
    public const int MostMisses = 30;

    /// <summary>How long they count.</summary>
    public static readonly TimeSpan MissesCount = TimeSpan.FromMinutes(10);

    private const string TicketStart = "flt_";
    private const string TicketsTable = "wallets.card_tickets";

    private const string Found = """
        select coalesce((select misses from wallets.card_misses where till = $2 and since > $3), 0), t.id, c.id, c.pin_limit,
            w.id, w.person_id, w.account_id, w.currency, w.number
        from (values (1)) one
        """;

    private const string ByCard =
        Found
        + """
             left join wallets.cards c on c.hash = $1 and c.revoked_at is null left join wallets.wallets w on w.id = c.wallet_id
            left join wallets.card_tickets t on false
            """;

    // A used one is found too: the repeat of a call that paid gets the kept answer, and anything else is refused by the commit.
    private const string ByTicket =
        Found
        + """
             left join wallets.card_tickets t on t.hash = $1 and t.payment_id = $4 and t.till = $2 and (t.used_at is not null or t.expires_at > $5)
            left join wallets.cards c on c.id = t.card_id and c.revoked_at is null left join wallets.wallets w on w.id = c.wallet_id
            """;

    private static readonly Meter Meter = new("Florin.Wallets");

    private static readonly Counter<long> Misses = Meter.CreateCounter<long>(
        "florin_wallets_card_misses",
        description: "Cards and tickets at tills that were not accepted"
    );

    /// <summary>Finds what was held to the reader. Whoever asks was shown to stand at a till of the payee.</summary>
    /// <exception cref="Refusal"><c>card_not_accepted</c>, <c>rate_limited</c>, <c>invalid_request</c></exception>
    public async Task<CardTap> FindAsync(PaymentFact payment, PayOrder order, CancellationToken cancel)
    {
        if (order.Caller is not { } caller)
        {
            throw PlatformRefusals.NotSignedIn.With();
        }

        if (order.Payer is not null || order.Wallet is not null || (order.Card is not null && order.Ticket is not null))
        {
            throw PlatformRefusals.InvalidRequest.Field(
                order.Card is null ? "ticket" : "card",
                "says who pays and from which wallet; give nothing else that does"
            );
        }

        var (misses, tap) = await ReadAsync(payment, order, caller.Person, cancel);
        Demand(misses);
        if (tap is null || !await IsActiveAsync(tap.Wallet.Person, cancel))
        {
            Misses.Add(1);
            var entry = activity.Entry(order.Http, "wallets.card_refused", payment.Owner, new { payment = payment.PublicId });
            await CountMissAsync(caller.Person, entry, cancel);
            throw WalletsRefusals.CardNotAccepted.With();
        }

        return tap;
    }

    /// <summary>Passes where the till has not had too many misses.</summary>
    /// <param name="till">The person at it.</param>
    /// <param name="cancel">Stops looking.</param>
    /// <exception cref="Refusal"><c>rate_limited</c></exception>
    public async Task DemandOpenAsync(Guid till, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select misses from wallets.card_misses where till = $1 and since > $2");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = till });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime - MissesCount });
        Demand(await command.ExecuteScalarAsync(cancel) as int? ?? 0);
    }

    /// <summary>Counts an unknown card or a wrong PIN.</summary>
    /// <param name="till">The person at the till.</param>
    /// <param name="entry">What is noted; null where somebody else notes it.</param>
    /// <param name="cancel">Stops before it counts.</param>
    public Task CountMissAsync(Guid till, ActivityEntry? entry, CancellationToken cancel)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return database.TransactionAsync(
            async connection =>
            {
                await using var count = new NpgsqlCommand(
                    """
                    insert into wallets.card_misses as m (till, since, misses) values ($1, $2, 1) on conflict (till) do update set
                        since = case when m.since > $3 then m.since else $2 end, misses = case when m.since > $3 then m.misses + 1 else 1 end
                    """,
                    connection
                );
                count.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = till });
                count.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now });
                count.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now - MissesCount });
                await count.ExecuteNonQueryAsync(cancel);
                if (entry is not null)
                {
                    await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                }

                return true;
            },
            cancel
        );
    }

    /// <summary>The rows by which the card pays in the commit of the payment.</summary>
    /// <param name="tap">The card or ticket.</param>
    /// <param name="payment">What it pays.</param>
    /// <param name="order">From which till.</param>
    /// <param name="taken">What leaves the wallet.</param>
    /// <param name="proven">Whether the PIN was right.</param>
    /// <param name="cancel">Stops before a ticket is made.</param>
    /// <exception cref="Refusal"><c>pin_needed</c> with <c>ticket</c> and <c>expires_at</c></exception>
    public async Task<IReadOnlyList<RowChange>> UseAsync(CardTap tap, PaymentFact payment, PayOrder order, Amount taken, bool proven, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (!proven && taken.Minor > tap.PinLimit)
        {
            throw await NeedPinAsync(tap, payment, order, now, cancel);
        }

        var rows = new List<RowChange>(3) { StillLive(tap, now), Count(tap, taken, now) };
        if (tap.Ticket is { } ticket)
        {
            rows.Add(UseUp(ticket, now));
        }

        return rows;
    }

    [SuppressMessage("Security", "CA2100", Justification = "constants of this file")]
    private async Task<(int Misses, CardTap? Tap)> ReadAsync(PaymentFact payment, PayOrder order, Guid till, CancellationToken cancel)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        await using var command = database.Source.CreateCommand(order.Ticket is null ? ByCard : ByTicket);
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Card.HashOf(order.Ticket ?? order.Card!) });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = till });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now - MissesCount });
        if (order.Ticket is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = payment.Id });
            command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now });
        }

        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        var misses = reader.GetInt32(0);
        if (await reader.IsDBNullAsync(2, cancel))
        {
            return (misses, null);
        }

        var wallet = new WalletFact(reader.GetGuid(4), reader.GetGuid(5), reader.GetInt64(6), Currency.Of(reader.GetString(7)), reader.GetString(8));
        Guid? ticket = await reader.IsDBNullAsync(1, cancel) ? null : reader.GetGuid(1);
        return (misses, new CardTap(reader.GetGuid(2), wallet, reader.GetInt64(3), ticket));
    }

    private async Task<bool> IsActiveAsync(Guid person, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<People>().FindAsync(person, cancel) is { Active: true };
    }

    private static void Demand(int misses)
    {
        if (misses >= MostMisses)
        {
            throw new Refusal(PlatformRefusals.RateLimited, "Too many cards and PINs at this till that are not accepted.")
            {
                RetryAfterSeconds = (int)MissesCount.TotalSeconds,
            };
        }
    }

    private async Task<Refusal> NeedPinAsync(CardTap tap, PaymentFact payment, PayOrder order, DateTimeOffset now, CancellationToken cancel)
    {
        var token = Card.NewToken(TicketStart);
        var expires = now + TicketLife < payment.ExpiresAt ? now + TicketLife : payment.ExpiresAt;
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                // Used and expired ones are kept for a day, for repeats of calls.
                new NpgsqlBatchCommand("delete from wallets.card_tickets where card_id = $1 and expires_at < $2")
                {
                    Parameters =
                    {
                        new NpgsqlParameter<Guid> { TypedValue = tap.Card },
                        new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime.AddDays(-1) },
                    },
                },
                new NpgsqlBatchCommand("insert into wallets.card_tickets (id, hash, card_id, payment_id, till, expires_at) values ($1, $2, $3, $4, $5, $6)")
                {
                    Parameters =
                    {
                        new NpgsqlParameter<Guid> { TypedValue = Ids.New() },
                        new NpgsqlParameter<byte[]> { TypedValue = Card.HashOf(token) },
                        new NpgsqlParameter<Guid> { TypedValue = tap.Card },
                        new NpgsqlParameter<Guid> { TypedValue = payment.Id },
                        new NpgsqlParameter<Guid> { TypedValue = order.Caller!.Person },
                        new NpgsqlParameter<DateTime> { TypedValue = expires.UtcDateTime },
                    },
                },
            },
        };
        await batch.ExecuteNonQueryAsync(cancel);
        return new Refusal(WalletsRefusals.PinNeeded)
        {
            Extensions = new Dictionary<string, object?>(StringComparer.Ordinal) { ["ticket"] = token, ["expires_at"] = expires },
        };
    }

    // It may have been revoked since it was read. Apart from the next, so that each says why it refuses.
    private static RowChange StillLive(CardTap tap, DateTimeOffset now) =>
        Change(
            "update wallets.cards set last_used_at = $2 where id = $1 and revoked_at is null",
            "wallets.cards",
            tap.Card,
            WalletsRefusals.CardNotAccepted,
            new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime }
        );

    // The day never goes back, also where two servers' clocks stand on both sides of midnight.
    private static RowChange Count(CardTap tap, Amount taken, DateTimeOffset now) =>
        Change(
            """
            update wallets.cards set used_on = greatest(used_on, $3), used_sum = case when used_on >= $3 then used_sum else 0 end + $2,
                used_payments = case when used_on >= $3 then used_payments else 0 end + 1
            where id = $1 and case when used_on >= $3 then used_sum else 0 end + $2 <= day_limit
                and case when used_on >= $3 then used_payments else 0 end < day_payments
            """,
            "wallets.cards",
            tap.Card,
            WalletsRefusals.CardDayLimit,
            new NpgsqlParameter<long> { TypedValue = taken.Minor },
            new NpgsqlParameter<DateOnly> { TypedValue = DateOnly.FromDateTime(now.UtcDateTime) }
        );

    private static RowChange UseUp(Guid ticket, DateTimeOffset now) =>
        Change(
            "update wallets.card_tickets set used_at = $2 where id = $1 and used_at is null and expires_at > $2",
            TicketsTable,
            ticket,
            WalletsRefusals.CardNotAccepted,
            new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime }
        );

    private static RowChange Change(string sql, string table, Guid key, RefusalCode otherwise, params NpgsqlParameter[] more) =>
        new(sql, [new NpgsqlParameter<Guid> { TypedValue = key }, .. more], Rows: 1, otherwise, table, key);
}
