using Florin.Activity;
using Florin.Ledger;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Files;

/// <summary>
/// <c>POST /v1/files</c>: takes a file against a credit. The file is stored while it arrives; then one commit holds the credit and puts the file in line for
/// its work, or the file is removed again.
/// </summary>
internal static class UploadFile
{
    /// <summary>What tells two uploads under one key apart.</summary>
    private sealed record Request(string Service, string Filename, string Sha256);

    public static void Map(RouteGroupBuilder files, FileSettings settings) =>
        files
            .MapPost("", HandleAsync)
            .Accepts<IFormFile>("multipart/form-data")
            .LimitBody(settings.MostBytes + UploadReader.Overhead)
            .StreamsBody()
            .RequireAuthorization(Policies.Person)
            .LimitRate(RateLimit.Money)
            .Produces<FileView>(201);

    private static async Task<IResult> HandleAsync(
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        UploadReader uploads,
        Blobs blobs,
        FileWorks works,
        UploadCommits commits,
        CancellationToken cancel
    )
    {
        await commits.DemandAnyCreditAsync(idempotency.Require(http, caller.Person, ""), caller.Person, cancel);
        var arrived = await uploads.ReadAsync(http.Request, cancel);
        var kept = false;
        try
        {
            var work = works.Named(arrived.Service ?? WordCount.WorkName);
            var key = idempotency.Require(http, caller.Person, new Request(work.Name, arrived.Filename, Convert.ToHexStringLower(arrived.Sha256)));
            if (await idempotency.FindAsync(key, cancel) is { } before)
            {
                return before;
            }

            if (!work.Accepts(arrived.Kind))
            {
                throw FilesRefusals.FileTypeNotAccepted.With(work.Takes);
            }

            var answer = await commits.CommitAsync(arrived, work.Name, caller.Person, key, http);
            kept = !answer.Replayed;
            return answer;
        }
        finally
        {
            if (!kept)
            {
                await blobs.RemoveAsync(arrived.Blob); // leaves alone what a commit has kept whose answer was lost
            }
        }
    }
}

/// <summary>The commit that holds a credit and puts a file in line.</summary>
internal sealed class UploadCommits(FlorinDb db, Database database, Idempotency idempotency, GeneralLedger ledger, ActivityLog activity, TimeProvider clock)
{
    private const int MostTurns = 20;

    /// <summary>Whoever has no credit need not send a hundred megabytes first; whoever sends the same again is answered the same.</summary>
    /// <exception cref="Refusal"><c>no_file_credit</c></exception>
    public async Task DemandAnyCreditAsync(IdempotencyKey key, Guid person, CancellationToken cancel)
    {
        if (await db.CreditLots.AnyAsync(lot => lot.PersonId == person && lot.Available > 0, cancel))
        {
            return;
        }

        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { Idempotency.Lookup([key.Id]) } };
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        if ((await Idempotency.ReadAsync(reader, cancel)).Count == 0)
        {
            throw FilesRefusals.NoFileCredit.With();
        }
    }

    /// <summary>Takes a credit of the oldest lot that has one. Where another upload takes the last one in between, another lot is looked for.</summary>
    /// <exception cref="Refusal"><c>no_file_credit</c> and those of the ledger</exception>
    public async Task<Answer> CommitAsync(ArrivedFile arrived, string service, Guid person, IdempotencyKey key, HttpContext http)
    {
        for (var turn = 1; ; turn++)
        {
            var lot = await db
                .CreditLots.Where(one => one.PersonId == person && one.Service == service && one.Available > 0)
                .OrderBy(one => one.BoughtAt)
                .ThenBy(one => one.PaymentId)
                .Select(one => (Guid?)one.PaymentId)
                .FirstOrDefaultAsync(http.RequestAborted);
            if (lot is null)
            {
                // The same call may have come first by another way, and taken it.
                return await idempotency.FindAsync(key, http.RequestAborted) ?? throw FilesRefusals.NoFileCredit.With();
            }

            try
            {
                return (await ledger.CommitAsync(Draw(arrived, service, person, lot.Value, key, http))).Required;
            }
            catch (Refusal refusal) when (refusal.Reason == FilesRefusals.NoFileCredit && turn < MostTurns)
            {
                // As above.
            }
        }
    }

    private LedgerCommit Draw(ArrivedFile arrived, string service, Guid person, Guid lot, IdempotencyKey key, HttpContext http)
    {
        var now = clock.GetUtcNow();
        var file = new UploadedFile
        {
            Id = Ids.New(),
            PersonId = person,
            LotId = lot,
            Service = service,
            Filename = arrived.Filename,
            Size = arrived.Size,
            Sha256 = arrived.Sha256,
            Blob = arrived.Blob,
            UploadedAt = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero),
        };
        var view = FileView.Of(file);
        var details = new
        {
            file = view.Id,
            view.Service,
            view.Size,
        };
        return new LedgerCommit
        {
            Key = key,
            Rows = { BlobRows.Keep(arrived.Blob, file.Id), CreditLot.Hold(lot) },
            Inserts =
            {
                UploadedFile.Shape.Row(file),
                FileEvents.Row("files.uploaded", file.Id, person, view),
                ActivityLog.Row(activity.Entry(http, "files.uploaded", details: details)),
            },
            Complete = _ => Answer.Json(201, view),
        };
    }
}
