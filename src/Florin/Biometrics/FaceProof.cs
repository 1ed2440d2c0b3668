using System.Diagnostics;
using Florin.Identity;
using Florin.Payments;
using Florin.Platform;
using Npgsql;

namespace Florin.Biometrics;

/// <summary>
/// Proves a payer at a till by their face: compared with the template of the person whom the cashier named, and with nobody else's. Everything that is not
/// a clear yes is a refusal; the commit that pays uses the challenge up.
/// </summary>
internal sealed class FaceProof(
    FaceStore faces,
    FaceChallenges challenges,
    FaceAttempts attempts,
    SeenPictures seen,
    FaceEngine engine,
    ShopFaceRules shops,
    FaceLimits limits,
    FaceDays days,
    BiometricsSettings settings,
    Secrets secrets,
    IServiceScopeFactory scopes,
    TimeProvider clock
)
{
    /// <summary>Proves the payer.</summary>
    /// <exception cref="Refusal">Those of <see cref="BiometricsRefusals"/> and <see cref="BiometricsEngineRefusals"/>, <c>rate_limited</c></exception>
    public async Task<IReadOnlyList<RowChange>> ProveAsync(PayerQuestion question, CancellationToken cancel)
    {
        if (question.Order is not { Caller: { } till, Face: { } answer, Key: { } key })
        {
            throw PlatformRefusals.NotSignedIn.With();
        }

        var face = await DemandUsableAsync(question.Payer, cancel);
        var single = answer.Challenge is null;
        if (single && (answer.Frames.Count != 1 || !await shops.TakesSingleAsync(question.Payment.Payee, cancel)))
        {
            throw BiometricsRefusals.ChallengeNeeded.With();
        }

        var spending = question.PinProven ? null : await DemandWithinAsync(face, question, single, cancel);
        await attempts.DemandTillAsync(till.Person, cancel);
        var challenge = await challenges.ClaimAsync(answer.Challenge, question.Payment, question.Payer, till.Person, key.Id, cancel);
        if (!challenge.Accepted)
        {
            await CompareAsync(question, till, face, answer, challenge, cancel);
        }

        return spending is null ? [challenges.Use(challenge)] : [challenges.Use(challenge), days.Count(spending)];
    }

    /// <summary>A template that may be compared now.</summary>
    /// <exception cref="Refusal"><c>face_not_enrolled</c>, <c>face_consent_missing</c>, <c>face_locked</c>, <c>face_wait</c></exception>
    public async Task<EnrolledFace> DemandUsableAsync(Guid person, CancellationToken cancel)
    {
        var face = await faces.FindAsync(person, cancel) ?? throw BiometricsRefusals.NotEnrolled.With();
        if (!face.IsActive(await IsClaimedAsync(person, cancel)))
        {
            throw BiometricsRefusals.ConsentMissing.With();
        }

        attempts.Demand(face);
        return face;
    }

    // What the face pays here without the PIN, at once and today.
    private async Task<FaceSpending> DemandWithinAsync(EnrolledFace face, PayerQuestion question, bool single, CancellationToken cancel)
    {
        var limit = limits.Of(face, question.Taken.Currency, question.PinLimit);
        if (question.Taken.Minor > (single ? limits.OfSingle(question.Taken.Currency, limit) : limit))
        {
            throw BiometricsRefusals.PinNeeded.With();
        }

        var spending = limits.SpendingOf(question.Payer, question.Taken, limit, single);
        return await days.HasRoomAsync(spending, cancel) ? spending : throw BiometricsRefusals.DayLimit.With();
    }

    private async Task CompareAsync(
        PayerQuestion question,
        Caller till,
        EnrolledFace face,
        FaceAnswer answer,
        ClaimedChallenge challenge,
        CancellationToken cancel
    )
    {
        var http = question.Order.Http;
        var watch = Stopwatch.StartNew();
        FaceAttempt Attempt(string outcome, FaceVerdict? verdict) =>
            new()
            {
                At = clock.GetUtcNow(),
                PersonId = face.PersonId,
                Till = till.Person,
                ShopId = question.Payment.Payee,
                PaymentId = question.Payment.Id,
                Outcome = outcome,
                Counted = verdict is { Counts: true, Refusal: { } wrong } && string.Equals(wrong.Code, outcome, StringComparison.Ordinal),
                Score = (float?)verdict?.Score,
                Threshold = (float?)verdict?.Threshold,
                Turn = (float?)verdict?.Turn,
                Relief = (float?)verdict?.Relief,
                Frames = answer.Frames.Count,
                Photos = face.Photos,
                ModelId = face.ModelId,
                TookMs = (int)watch.ElapsedMilliseconds,
            };
        FaceVerdict verdict;
        try
        {
            verdict = await DecideAsync(face, answer, challenge, cancel);
        }
        catch (Refusal refusal)
        {
            // The engine is away, or does not take the file: nothing was decided, and nothing is approved.
            await attempts.NoteAsync(http, Attempt(refusal.Reason.Code, null));
            throw;
        }

        await attempts.TakeAsync(
            http,
            face,
            verdict,
            refused => Attempt(refused?.Code ?? FaceAttempt.Accepted, verdict),
            (connection, outcome) => SettleAsync(connection, answer, challenge, outcome)
        );
    }

    private async Task<FaceVerdict> DecideAsync(EnrolledFace face, FaceAnswer answer, ClaimedChallenge challenge, CancellationToken cancel)
    {
        var expected = challenge.Steps.Count == 0 ? 1 : challenge.Steps.Count;
        if (answer.Frames.Count != expected)
        {
            throw PlatformRefusals.InvalidRequest.Field("face.frames", $"must be {expected}, one for each step of the challenge");
        }

        if (await seen.AnyAsync(answer.Frames, challenge.Call, cancel))
        {
            return new FaceVerdict(BiometricsRefusals.Replay);
        }

        var frames = new List<FaceDescription>(answer.Frames.Count);
        foreach (var frame in answer.Frames)
        {
            frames.Add(await engine.DescribeAsync(frame, FacePurpose.Verify, cancel));
        }

        if (!frames.TrueForAll(face.IsOfModel))
        {
            return new FaceVerdict(BiometricsRefusals.OtherModel);
        }

        var template = face.Open(secrets);
        return challenge.Steps.Count == 0
            ? FaceDecision.OfSingle(template, frames[0], settings.Thresholds)
            : FaceDecision.OfChallenge(template, challenge.Steps, frames, settings.Thresholds);
    }

    private async Task SettleAsync(NpgsqlConnection connection, FaceAnswer answer, ClaimedChallenge challenge, string outcome)
    {
        await FaceChallenges.SettleAsync(connection, challenge, outcome, CancellationToken.None);
        if (outcome is FaceAttempt.Accepted && !await seen.RememberAsync(connection, answer.Frames, challenge.Call))
        {
            throw BiometricsRefusals.Replay.With();
        }
    }

    private async Task<bool> IsClaimedAsync(Guid person, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<People>().FindAsync(person, cancel) is { Active: true, Claimed: true };
    }
}
