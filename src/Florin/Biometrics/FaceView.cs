using System.Text.Json;
using Florin.Money;
using Florin.Platform;
using Florin.Shops;

namespace Florin.Biometrics;

/// <summary>What a person sees of their face: facts, never the template.</summary>
/// <param name="Enrolled">Whether there is a template.</param>
/// <param name="Active">Whether it pays.</param>
/// <param name="Waiting">Why it does not: <c>consent</c> where a shop made it and the person has not agreed, <c>engine</c> where it is of another model.</param>
/// <param name="Available">Whether faces are compared at the moment.</param>
/// <param name="Photos">How many photos it is the average of.</param>
/// <param name="EnrolledAt">When.</param>
/// <param name="MadeBy">The shop that took the pictures, <c>shp_…</c>; null where the person did.</param>
/// <param name="Consent">What was agreed to.</param>
/// <param name="Limits">Above it the PIN is needed too.</param>
/// <param name="LeftToday">What it still pays today (UTC) without the PIN, in each of these currencies.</param>
/// <param name="LimitsSet">The currencies in which the person set it themself.</param>
/// <param name="WrongInARow">Wrong faces since the last right one.</param>
/// <param name="Locked">Whether ten were wrong, so that the face has to be confirmed.</param>
/// <param name="LastDeletion">The receipt of the last template that was destroyed.</param>
internal sealed record FaceView(
    bool Enrolled,
    bool Active,
    string? Waiting,
    bool Available,
    int? Photos,
    DateTimeOffset? EnrolledAt,
    string? MadeBy,
    FaceConsentView? Consent,
    IReadOnlyList<Amount> Limits,
    IReadOnlyList<Amount> LeftToday,
    IReadOnlyList<string> LimitsSet,
    int WrongInARow,
    bool Locked,
    DeletionReceipt? LastDeletion
)
{
    /// <summary>Of somebody's template, or of none.</summary>
    public static FaceView Of(
        EnrolledFace? face,
        (IReadOnlyList<Amount> Each, IReadOnlyList<Amount> LeftToday) limits,
        bool claimed,
        DeletionReceipt? last,
        FaceEngine engine
    )
    {
        var agreed = face?.IsActive(claimed) == true;
        var other = face is not null && engine.ModelId is { } model && !string.Equals(model, face.ModelId, StringComparison.Ordinal);
        return new FaceView(
            face is not null,
            agreed && !other,
            face is null ? null
                : !agreed ? "consent"
                : other ? "engine"
                : null,
            engine.IsAvailable,
            face?.Photos,
            face?.EnrolledAt,
            face?.ShopId is { } shop ? ShopFront.Show(shop) : null,
            face?.Consent is { } consent ? new(consent.Version, consent.ShopId is { } by ? ShopFront.Show(by) : null, consent.At) : null,
            limits.Each,
            limits.LeftToday,
            face is null ? [] : [.. face.OwnLimits.Keys.Order(StringComparer.Ordinal)],
            face?.Wrong ?? 0,
            face?.Wrong >= FaceAttempts.MostTries,
            last
        );
    }

    /// <summary>Limits as they are kept: minor units by currency code.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public static string LimitsOf(IReadOnlyList<Amount> limits, BiometricsSettings settings)
    {
        var sums = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var limit in limits)
        {
            if (limit.Minor < 0 || !settings.Limits.ContainsKey(limit.Currency) || !sums.TryAdd(limit.Currency.Code, limit.Minor))
            {
                throw PlatformRefusals.InvalidRequest.Field("limits", $"takes one amount each in {string.Join(", ", settings.Limits.Keys)}");
            }
        }

        return JsonSerializer.Serialize(sums);
    }
}

/// <summary>A consent as its person sees it.</summary>
/// <param name="Version">Of the text.</param>
/// <param name="AttestedBy">The shop that says so, <c>shp_…</c>; null where the person agreed.</param>
/// <param name="At">When.</param>
internal sealed record FaceConsentView(string Version, string? AttestedBy, DateTimeOffset At);
