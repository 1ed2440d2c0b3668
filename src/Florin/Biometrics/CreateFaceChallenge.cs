using System.ComponentModel.DataAnnotations;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Florin.Wallets;

namespace Florin.Biometrics;

/// <summary>
/// <c>POST /v1/payments/{id or code}/face-challenges</c>: a till starts to take the face of the payer whom the cashier named: in which order the head is to
/// be turned. It is good once, for 20 seconds, for this payment, payer and till.
/// </summary>
internal static class CreateFaceChallenge
{
    // From one picture to the next: four or five of them in about six seconds.
    private const int StepMs = 1_300;

    /// <param name="Payer">Username, e-mail address, phone number or wallet number.</param>
    public sealed record Request([property: StringLength(254)] string Payer);

    /// <param name="Challenge">To be sent with the pictures, once.</param>
    /// <param name="ExpiresAt">20 seconds from now at most.</param>
    /// <param name="Steps">One picture each: <c>front</c>, or <c>left</c> or <c>right</c> as the payer sees it.</param>
    /// <param name="StepMs">How long to show each before its picture is taken.</param>
    /// <param name="Amount">What is paid.</param>
    /// <param name="PayeeName">Who is paid.</param>
    /// <param name="PinNeeded">Whether the amount is above what the face still pays today without the PIN, where the payer's wallet has the payment's currency.</param>
    public sealed record Response(
        string Challenge,
        DateTimeOffset ExpiresAt,
        IReadOnlyList<string> Steps,
        int StepMs,
        Amount Amount,
        string PayeeName,
        bool PinNeeded
    );

    public static void Map(RouteGroupBuilder payments) =>
        payments
            .MapPost("/{id}/face-challenges", HandleAsync)
            .RequireAuthorization(Policies.Scope("payments:write"))
            .LimitRate(RateLimit.Guessing)
            .Produces<Response>(201);

    private static async Task<IResult> HandleAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        PaymentAccess access,
        NamedPayers payers,
        FaceProof proof,
        FaceAttempts attempts,
        FaceChallenges challenges,
        FaceEngine engine,
        HeadTurns turns,
        FaceLimits limits,
        FaceDays days,
        CancellationToken cancel
    )
    {
        var payment = await access.SeenAsync(id, http, cancel);
        await access.DemandTillAsync(payment, caller, cancel);
        await attempts.DemandTillAsync(caller.Person, cancel);
        var payer = await payers.FindAsync(request.Payer, cancel);
        if (payment.Payer is { } only && only != payer.Id)
        {
            throw PaymentsRefusals.OtherPayer.With();
        }

        var face = await proof.DemandUsableAsync(payer.Id, cancel);
        if (!engine.IsAvailable)
        {
            throw BiometricsEngineRefusals.Unavailable.With();
        }

        var currency = payment.Amount.Currency;
        var limit = (await limits.OfPersonAsync(face, cancel)).FirstOrDefault(one => one.Currency == currency).Minor;
        var within = payment.Amount.Minor <= limit && await days.HasRoomAsync(limits.SpendingOf(payer.Id, payment.Amount, limit, single: false), cancel);
        var steps = turns.Draw();
        var (challenge, expiresAt) = await challenges.IssueAsync(payment, payer.Id, caller.Person, steps, cancel);
        return Results.Json(
            new Response(challenge, expiresAt, [.. steps.Select(HeadTurns.Show)], StepMs, payment.Amount, payment.PayeeName, PinNeeded: !within),
            Wire.Json,
            statusCode: StatusCodes.Status201Created
        );
    }
}
