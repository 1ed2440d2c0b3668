using Florin.Activity;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Biometrics;

/// <summary>Proof that a template is gone.</summary>
/// <param name="Id"><c>rcp_…</c></param>
/// <param name="EnrolledAt">When the template had been made.</param>
/// <param name="DeletedAt">When its key was destroyed.</param>
internal sealed record DeletionReceipt(string Id, DateTimeOffset EnrolledAt, DateTimeOffset DeletedAt);

/// <summary>Keeps, finds and destroys templates.</summary>
internal sealed class FaceStore(Database database, TimeProvider clock)
{
    /// <summary>The prefix of receipts.</summary>
    public const string ReceiptPrefix = "rcp";

    /// <summary>Of a receipt: the person asked for it.</summary>
    public const string Asked = "asked";

    /// <summary>Of a receipt: staff did it.</summary>
    public const string ByStaff = "by_staff";

    /// <summary>Of a receipt: the shop that had made it did it.</summary>
    public const string ByShop = "by_shop";

    /// <summary>Of a receipt: a shop had made it, and the person did not agree in time.</summary>
    public const string NotAgreed = "not_agreed";

    /// <summary>Somebody's template; null where there is none, or its key is gone.</summary>
    public async Task<EnrolledFace?> FindAsync(Guid person, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            select f.face_id, f.template, k.sealed, f.model_id, f.photos, f.shop_id, f.confirmed_at, f.limits::text, f.enrolled_at,
                c.version, c.shop_id, c.given_at, coalesce(t.wrong, 0), t.last_at
            from biometrics.faces f join biometrics.keys k on k.face_id = f.face_id
            left join biometrics.consents c on c.person_id = f.person_id and c.withdrawn_at is null
            left join biometrics.tries t on t.person_id = f.person_id
            where f.person_id = $1
            """
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return !await reader.ReadAsync(cancel)
            ? null
            : new EnrolledFace
            {
                PersonId = person,
                FaceId = reader.GetGuid(0),
                Template = reader.GetFieldValue<byte[]>(1),
                Key = reader.GetFieldValue<byte[]>(2),
                ModelId = reader.GetString(3),
                Photos = reader.GetInt32(4),
                ShopId = await reader.GetFieldValueAsync<Guid?>(5, cancel),
                ConfirmedAt = await reader.GetFieldValueAsync<DateTimeOffset?>(6, cancel),
                Limits = reader.GetString(7),
                EnrolledAt = reader.GetFieldValue<DateTimeOffset>(8),
                Consent = await reader.IsDBNullAsync(9, cancel)
                    ? null
                    : new LiveConsent(reader.GetString(9), await reader.GetFieldValueAsync<Guid?>(10, cancel), reader.GetFieldValue<DateTimeOffset>(11)),
                Wrong = reader.GetInt32(12),
                LastTryAt = await reader.GetFieldValueAsync<DateTimeOffset?>(13, cancel),
            };
    }

    /// <summary>
    /// Puts a template that the person made in the place of what was there, with their consent. Wrong tries are forgotten: who enrols proved themself.
    /// </summary>
    /// <param name="draw">Makes the template with the limits that the person had set.</param>
    /// <param name="consent">What they agreed to.</param>
    /// <param name="more">Further rows of the transaction.</param>
    /// <param name="demandAccount">
    /// Asked under the person's lock, which the end of their account takes too: the account may have ended while the photos were described.
    /// </param>
    /// <param name="cancel">Stops before the commit.</param>
    public Task<EnrolledFace> ReplaceAsync(
        Func<string, EnrolledFace> draw,
        ConsentRow consent,
        IReadOnlyList<RowInsert> more,
        Func<Task> demandAccount,
        CancellationToken cancel
    ) =>
        database.TransactionAsync(
            async connection =>
            {
                await ForgiveAsync(connection, consent.Person, cancel);
                await demandAccount();
                var former = await DestroyAsync(connection, consent.Person, "replaced", cancel);
                var face = draw(former?.Limits ?? "{}");
                await connection.InsertAsync(cancel, [EnrolledFace.KeyShape.Row(face), EnrolledFace.Shape.Row(face), ConsentRow.Shape.Row(consent), .. more]);
                return face;
            },
            cancel
        );

    /// <summary>Destroys somebody's key and template, with their consent.</summary>
    /// <param name="person">Whose.</param>
    /// <param name="reason">For the receipt.</param>
    /// <param name="more">Further rows of the transaction.</param>
    /// <param name="cancel">Stops before the commit.</param>
    /// <exception cref="Refusal"><c>face_not_enrolled</c></exception>
    public Task<DeletionReceipt> DeleteAsync(Guid person, string reason, IReadOnlyList<RowInsert> more, CancellationToken cancel) =>
        database.TransactionAsync(
            async connection =>
            {
                await ForgiveAsync(connection, person, cancel);
                var former =
                    await DestroyAsync(connection, person, reason, cancel) ?? throw BiometricsRefusals.NotEnrolled.With("There is no template of your face.");
                await connection.InsertAsync(cancel, more);
                return former.Receipt;
            },
            cancel
        );

    /// <summary>When a shop made the template of somebody who has not confirmed it; null where there is none of this shop.</summary>
    public async Task<DateTimeOffset?> FindUnconfirmedAsync(Guid person, Guid shop, CancellationToken cancel)
    {
        await using var find = database.Source.CreateCommand(
            "select enrolled_at from biometrics.faces where person_id = $1 and shop_id = $2 and confirmed_at is null"
        );
        find.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        find.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = shop });
        return await find.ExecuteScalarAsync(cancel) is DateTime at ? new DateTimeOffset(at) : null;
    }

    /// <summary>Destroys what a shop made of somebody who has not confirmed it, with the consent that the shop may have given.</summary>
    /// <param name="person">Of whom.</param>
    /// <param name="shop">The shop that made it; null for whichever.</param>
    /// <param name="reason">For the receipt.</param>
    /// <param name="entry">What is noted.</param>
    /// <param name="cancel">Stops before the commit.</param>
    /// <exception cref="Refusal"><c>not_found</c> where there is no such template by now</exception>
    public Task<DeletionReceipt> DestroyUnconfirmedAsync(Guid person, Guid? shop, string reason, ActivityEntry entry, CancellationToken cancel) =>
        database.TransactionAsync(
            async connection =>
            {
                // The lock of every change of a template, here without forgiving wrong tries.
                await using var find = new NpgsqlBatch(connection)
                {
                    BatchCommands =
                    {
                        new NpgsqlBatchCommand(
                            "insert into biometrics.tries as t (person_id, wrong, last_at) values ($1, 0, $2) on conflict (person_id) do update set wrong = t.wrong"
                        )
                        {
                            Parameters =
                            {
                                new NpgsqlParameter<Guid> { TypedValue = person },
                                new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime },
                            },
                        },
                        new NpgsqlBatchCommand(
                            "select count(*) from biometrics.faces where person_id = $1 and confirmed_at is null and shop_id = coalesce($2, shop_id)"
                        )
                        {
                            Parameters =
                            {
                                new NpgsqlParameter<Guid> { TypedValue = person },
                                new NpgsqlParameter { Value = shop ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
                            },
                        },
                    },
                };
                var former = await find.ExecuteScalarAsync(cancel) is > 0L ? await DestroyAsync(connection, person, reason, cancel) : null;
                await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                return former?.Receipt ?? throw PlatformRefusals.NotFound.With();
            },
            cancel
        );

    /// <summary>Counts wrong tries from none again. Its lock also makes changes of one person's template wait for each other.</summary>
    public async Task ForgiveAsync(NpgsqlConnection connection, Guid person, CancellationToken cancel)
    {
        await using var forgive = new NpgsqlCommand(
            "insert into biometrics.tries (person_id, wrong, last_at) values ($1, 0, $2) on conflict (person_id) do update set wrong = 0, last_at = $2",
            connection
        );
        forgive.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        forgive.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        await forgive.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Destroys key, template and consent in the caller's transaction, and notes it; null where there was no template.</summary>
    public async Task<(DeletionReceipt Receipt, string Limits)?> DestroyAsync(NpgsqlConnection connection, Guid person, string reason, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        await using var withdraw = new NpgsqlCommand(
            "update biometrics.consents set withdrawn_at = $2 where person_id = $1 and withdrawn_at is null",
            connection
        );
        withdraw.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        withdraw.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        await withdraw.ExecuteNonQueryAsync(cancel);

        await using var destroy = new NpgsqlCommand(
            """
            with face as (delete from biometrics.faces where person_id = $1 returning face_id, limits, enrolled_at),
                key as (delete from biometrics.keys k using face where k.face_id = face.face_id),
                seen as (delete from biometrics.seen_pictures s using face where s.seen_by = face.face_id),
                receipt as (
                    insert into biometrics.deletion_receipts (id, person_id, face_id, reason, enrolled_at, deleted_at)
                    select $2, $1, face_id, $3, enrolled_at, $4 from face
                )
            select limits::text, enrolled_at from face
            """,
            connection
        );
        var id = Ids.New();
        destroy.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        destroy.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        destroy.Parameters.Add(new NpgsqlParameter<string> { TypedValue = reason });
        destroy.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        await using var reader = await destroy.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? (new DeletionReceipt(Ids.Show(ReceiptPrefix, id), reader.GetFieldValue<DateTimeOffset>(1), now), reader.GetString(0))
            : null;
    }

    /// <summary>The person agrees to what a shop made of them, having shown that it is of them.</summary>
    /// <exception cref="Refusal"><c>face_consent_not_asked</c> where the template is another one by now</exception>
    public Task ConfirmAsync(EnrolledFace face, ConsentRow consent, IReadOnlyList<RowInsert> more, CancellationToken cancel) =>
        database.TransactionAsync(
            async connection =>
            {
                await ForgiveAsync(connection, face.PersonId, cancel);
                await using var batch = new NpgsqlBatch(connection);
                foreach (
                    var sql in (string[])
                        [
                            "update biometrics.consents set withdrawn_at = $2 where person_id = $1 and withdrawn_at is null and $3::uuid is not null",
                            "update biometrics.faces set confirmed_at = $2 where person_id = $1 and face_id = $3 and confirmed_at is null and shop_id is not null",
                        ]
                )
                {
                    var command = new NpgsqlBatchCommand(sql);
                    command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = face.PersonId });
                    command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = consent.At.UtcDateTime });
                    command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = face.FaceId });
                    batch.BatchCommands.Add(command);
                }

                await batch.ExecuteNonQueryAsync(cancel);
                if (batch.BatchCommands[1].RecordsAffected != 1)
                {
                    throw BiometricsRefusals.ConsentNotAsked.With();
                }

                await connection.InsertAsync(cancel, [ConsentRow.Shape.Row(consent), .. more]);
                return true;
            },
            cancel
        );

    /// <summary>Sets what a face pays without the PIN, as JSON of minor units by currency code; and forgets wrong tries, since the person proved themself.</summary>
    /// <exception cref="Refusal"><c>face_not_enrolled</c></exception>
    public Task SetLimitsAsync(Guid person, string? limits, ActivityEntry entry, CancellationToken cancel) =>
        database.TransactionAsync(
            async connection =>
            {
                await ForgiveAsync(connection, person, cancel);
                await using var set = new NpgsqlCommand("update biometrics.faces set limits = coalesce($2, limits) where person_id = $1", connection);
                set.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
                set.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = limits, NpgsqlDbType = NpgsqlDbType.Jsonb });
                if (await set.ExecuteNonQueryAsync(cancel) != 1)
                {
                    throw BiometricsRefusals.NotEnrolled.With("There is no template of your face.");
                }

                await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                return true;
            },
            cancel
        );
}
