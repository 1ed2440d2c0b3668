using Florin.Money;
using Florin.Platform;
using Npgsql;

namespace Florin.Biometrics;

/// <summary>A payment by face without the PIN, and what the day has room for.</summary>
/// <param name="Person">Who pays.</param>
/// <param name="Taken">What leaves their wallet.</param>
/// <param name="DayLimit">What their face pays in a day in that currency, in minor units.</param>
/// <param name="SingleDayLimit">Of a single picture without a challenge: what those pay of it; null where there is a challenge.</param>
internal sealed record FaceSpending(Guid Person, Amount Taken, long DayLimit, long? SingleDayLimit);

/// <summary>
/// What faces pay in a day (UTC) without the PIN, in each currency, counted in the commit that pays: whoever once passes for somebody does not empty their
/// wallet in small sums, however many come at once.
/// </summary>
internal sealed class FaceDays(Database database, BiometricsSettings settings, TimeProvider clock)
{
    private const string Table = "biometrics.day_sums";

    // The day never goes back, also where two servers' clocks stand on both sides of midnight.
    private const string Add = """
        insert into biometrics.day_sums as d (person_id, currency, used_on, used_sum, single_sum, payments)
        select $1, $2, $3, $4, $5, 1 where $4 <= $6 and $5 <= $7 and $8 >= 1
        on conflict (person_id, currency) do update set used_on = greatest(d.used_on, $3),
            used_sum = case when d.used_on >= $3 then d.used_sum else 0 end + $4,
            single_sum = case when d.used_on >= $3 then d.single_sum else 0 end + $5,
            payments = case when d.used_on >= $3 then d.payments else 0 end + 1
        where case when d.used_on >= $3 then d.used_sum else 0 end + $4 <= $6
            and case when d.used_on >= $3 then d.single_sum else 0 end + $5 <= $7
            and case when d.used_on >= $3 then d.payments else 0 end < $8
        """;

    /// <summary>Whether the day has room for it now. The commit decides; this spares a challenge and a comparison that could not pay.</summary>
    public async Task<bool> HasRoomAsync(FaceSpending spending, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "select used_sum, single_sum, payments from biometrics.day_sums where person_id = $1 and currency = $2 and used_on >= $3"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = spending.Person });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = spending.Taken.Currency.Code });
        command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = Today() });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var (sum, single, payments) = await reader.ReadAsync(cancel) ? (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt32(2)) : (0, 0, 0);
        return (Int128)sum + spending.Taken.Minor <= spending.DayLimit
            && (spending.SingleDayLimit is not { } most || (Int128)single + spending.Taken.Minor <= most)
            && payments < settings.DayPayments;
    }

    /// <summary>What a face still pays today, in each currency; nothing where it has paid as often as it may.</summary>
    /// <param name="person">Whose.</param>
    /// <param name="days">What it pays in a day, in each currency.</param>
    /// <param name="cancel">Stops reading.</param>
    public async Task<IReadOnlyList<Amount>> LeftAsync(Guid person, IReadOnlyList<Amount> days, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "select currency, used_sum, payments from biometrics.day_sums where person_id = $1 and used_on >= $2"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = Today() });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var used = new Dictionary<string, (long Sum, int Payments)>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancel))
        {
            used[reader.GetString(0)] = (reader.GetInt64(1), reader.GetInt32(2));
        }

        return [.. days.Select(day => new Amount(Left(day.Minor, used.GetValueOrDefault(day.Currency.Code)), day.Currency))];
    }

    /// <summary>The row of the commit that pays.</summary>
    public RowChange Count(FaceSpending spending) =>
        new(
            Add,
            [
                new NpgsqlParameter<Guid> { TypedValue = spending.Person },
                new NpgsqlParameter<string> { TypedValue = spending.Taken.Currency.Code },
                new NpgsqlParameter<DateOnly> { TypedValue = Today() },
                new NpgsqlParameter<long> { TypedValue = spending.Taken.Minor },
                new NpgsqlParameter<long> { TypedValue = spending.SingleDayLimit is null ? 0 : spending.Taken.Minor },
                new NpgsqlParameter<long> { TypedValue = spending.DayLimit },
                new NpgsqlParameter<long> { TypedValue = spending.SingleDayLimit ?? Amount.MaxMinor },
                new NpgsqlParameter<int> { TypedValue = settings.DayPayments },
            ],
            Rows: 1,
            BiometricsRefusals.DayLimit,
            Table,
            spending.Person
        );

    private long Left(long day, (long Sum, int Payments) used) => used.Payments < settings.DayPayments ? Math.Max(0, day - used.Sum) : 0;

    private DateOnly Today() => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
}
