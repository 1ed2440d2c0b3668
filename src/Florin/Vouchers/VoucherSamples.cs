using Florin.Activity;
using Florin.Platform;
using Npgsql;

namespace Florin.Vouchers;

/// <summary>The four voucher types to begin with. Those whose code there is already stay as they are.</summary>
public sealed class VoucherSamples
{
    private static readonly (string Code, string Name, string Description, int Dollars, int Days, int Uses)[] All =
    [
        ("result_check", "Exam Results Checking", "See the results of your examinations.", 10, 30, 3),
        ("school_application", "School Application", "Apply for a place at a school.", 25, 60, 1),
        ("placement_application", "Placement Application", "Apply for a placement.", 35, 45, 2),
        ("certificate_verification", "Document Verification", "Have a certificate or another document verified.", 15, 14, 1),
    ];

    private readonly Database database;
    private readonly ActivityLog activity;
    private readonly TimeProvider clock;

    internal VoucherSamples(Database database, ActivityLog activity, TimeProvider clock)
    {
        this.database = database;
        this.activity = activity;
        this.clock = clock;
    }

    /// <summary>Makes those that are missing.</summary>
    /// <returns>How many were made.</returns>
    public Task<int> SeedAsync(CancellationToken cancel) =>
        database.TransactionAsync(
            async connection =>
            {
                var made = 0;
                foreach (var sample in All)
                {
                    await using var seed = new NpgsqlCommand(
                        """
                        insert into vouchers.types (id, code, name, description, service_type, prices, validity_days, uses, active, created_at, updated_at)
                        values ($1, $2, $3, $4, $2, jsonb_build_object('USD', $5::bigint), $6, $7, true, $8, $8) on conflict (code) do nothing
                        """,
                        connection
                    );
                    seed.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Ids.New() });
                    seed.Parameters.Add(new NpgsqlParameter<string> { TypedValue = sample.Code });
                    seed.Parameters.Add(new NpgsqlParameter<string> { TypedValue = sample.Name });
                    seed.Parameters.Add(new NpgsqlParameter<string> { TypedValue = sample.Description });
                    seed.Parameters.Add(new NpgsqlParameter<long> { TypedValue = sample.Dollars * 100L });
                    seed.Parameters.Add(new NpgsqlParameter<int> { TypedValue = sample.Days });
                    seed.Parameters.Add(new NpgsqlParameter<int> { TypedValue = sample.Uses });
                    seed.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
                    if (await seed.ExecuteNonQueryAsync(cancel) == 1)
                    {
                        made++;
                        await connection.InsertAsync(cancel, ActivityLog.Row(activity.Entry("vouchers.type_created", null, new { sample.Code })));
                    }
                }

                return made;
            },
            cancel
        );

    /// <summary><c>./florin seed-samples</c></summary>
    internal static async Task<int> RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        var made = await services.GetRequiredService<VoucherSamples>().SeedAsync(cancel);
        Console.WriteLine(made == 0 ? "The sample voucher types are there." : $"{made} sample voucher types made.");
        return 0;
    }
}
