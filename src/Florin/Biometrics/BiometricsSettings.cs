using System.Globalization;
using Florin.Money;
using Florin.Platform;

namespace Florin.Biometrics;

/// <summary>Whether a shop may say that a customer whom it makes agreed to have their face compared.</summary>
internal enum Attestation
{
    /// <summary>It may not: the template waits for the customer.</summary>
    Off,

    /// <summary>It may, and says so in each request.</summary>
    Request,

    /// <summary>It says so by sending a picture.</summary>
    On,
}

/// <summary>Whether a single picture without a challenge pays.</summary>
internal enum SinglePictures
{
    /// <summary>Nowhere, whatever a shop wants.</summary>
    Off,

    /// <summary>Where a shop switches it on.</summary>
    Allowed,

    /// <summary>Where no shop switches it off.</summary>
    On,
}

/// <summary>What the person who runs Florin sets for faces.</summary>
internal sealed class BiometricsSettings
{
    /// <summary>Reads them.</summary>
    /// <exception cref="FormatException">A value is malformed.</exception>
    public BiometricsSettings(Settings settings)
    {
        Attestation = settings.Text("FLORIN_FACE_ATTESTATION", settings.Sandbox ? "on" : "off").ToLowerInvariant() switch
        {
            "on" or "true" or "1" => Attestation.On,
            "request" => Attestation.Request,
            "off" or "false" or "0" => Attestation.Off,
            _ => throw new FormatException("FLORIN_FACE_ATTESTATION must be on, request or off"),
        };
        SinglePicture = settings.Text("FLORIN_FACE_SINGLE_PICTURE", settings.Sandbox ? "on" : "off").ToLowerInvariant() switch
        {
            "on" or "true" or "1" => SinglePictures.On,
            "allowed" => SinglePictures.Allowed,
            "off" or "false" or "0" => SinglePictures.Off,
            _ => throw new FormatException("FLORIN_FACE_SINGLE_PICTURE must be on, allowed or off"),
        };
        Thresholds = FaceThresholds.Parse(settings.Text("FLORIN_FACE_THRESHOLDS", FaceThresholds.Measured));
        Limits = settings.AmountsOf("FLORIN_FACE_LIMIT_", 50);
        SingleLimits = settings.AmountsOf("FLORIN_FACE_SINGLE_LIMIT_", 50);
        DayLimits = settings.Number("FLORIN_FACE_DAY_LIMITS", 4, 1, 1_000);
        SingleDayLimits = settings.Number("FLORIN_FACE_SINGLE_DAY_LIMITS", 2, 1, 1_000);
        DayPayments = settings.Number("FLORIN_FACE_DAY_PAYMENTS", 20, 1, 1_000_000);
        AgreeWithin = TimeSpan.FromDays(settings.Number("FLORIN_FACE_AGREE_DAYS", 30, 1, 3_650));
    }

    /// <summary><c>FLORIN_FACE_ATTESTATION</c>: <c>on</c>, <c>request</c> or <c>off</c>.</summary>
    public Attestation Attestation { get; }

    /// <summary><c>FLORIN_FACE_SINGLE_PICTURE</c>: <c>on</c>, <c>allowed</c> or <c>off</c>.</summary>
    public SinglePictures SinglePicture { get; }

    /// <summary><c>FLORIN_FACE_THRESHOLDS</c>: how alike a face must be.</summary>
    public FaceThresholds Thresholds { get; }

    /// <summary><c>FLORIN_FACE_LIMIT_</c> and a currency's code: above it the PIN is needed too, where the person says nothing else.</summary>
    public IReadOnlyDictionary<Currency, Amount> Limits { get; }

    /// <summary><c>FLORIN_FACE_SINGLE_LIMIT_</c> and a currency's code: what one picture pays without the PIN, whatever the person says.</summary>
    public IReadOnlyDictionary<Currency, Amount> SingleLimits { get; }

    /// <summary><c>FLORIN_FACE_DAY_LIMITS</c>: how many times its limit a face pays in a day without the PIN.</summary>
    public int DayLimits { get; }

    /// <summary><c>FLORIN_FACE_SINGLE_DAY_LIMITS</c>: how many times their limit single pictures pay in a day.</summary>
    public int SingleDayLimits { get; }

    /// <summary><c>FLORIN_FACE_DAY_PAYMENTS</c>: how many payments a face makes in a day and currency without the PIN.</summary>
    public int DayPayments { get; }

    /// <summary><c>FLORIN_FACE_AGREE_DAYS</c>: how long what a shop made of somebody waits for their consent.</summary>
    public TimeSpan AgreeWithin { get; }
}

/// <summary>How alike two faces must be, by how many pictures each side was averaged from.</summary>
internal sealed class FaceThresholds
{
    /// <summary>As measured (docs/faces.md): photos of the template + frames at the till = least cosine.</summary>
    public const string Measured = "1+1=0.945,3+2=0.96";

    private readonly (int Photos, int Frames, double Least)[] known;

    private FaceThresholds((int Photos, int Frames, double Least)[] known) => this.known = known;

    /// <summary>Reads a list such as <see cref="Measured"/>.</summary>
    /// <exception cref="FormatException">It is none, or a threshold is below 0.9 or above 1.</exception>
    public static FaceThresholds Parse(string text)
    {
        var entries = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Entry).ToArray();
        return entries.Length > 0 ? new FaceThresholds(entries) : throw Bad();
    }

    /// <summary>
    /// The least cosine that accepts. Averages of more pictures are more alike, of strangers too: so of what was not measured, the lowest threshold of
    /// something with as many pictures or more holds, and else the highest of all.
    /// </summary>
    /// <param name="photos">Of the template.</param>
    /// <param name="frames">Averaged at the till.</param>
    public double Of(int photos, int frames)
    {
        var fit = known.Where(one => one.Photos >= photos && one.Frames >= frames).Select(one => one.Least).DefaultIfEmpty(0).Min();
        return fit > 0 ? fit : known.Max(one => one.Least);
    }

    private static (int Photos, int Frames, double Least) Entry(string text)
    {
        var parts = text.Split('+', '=');
        return
            parts.Length == 3
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var photos)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var frames)
            && double.TryParse(parts[2], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var least)
            && photos is >= 1 and <= 5
            && frames is >= 1 and <= 5
            && least is >= 0.9 and < 1
            ? (photos, frames, least)
            : throw Bad();
    }

    private static FormatException Bad() => new("FLORIN_FACE_THRESHOLDS must be such as 1+1=0.945,3+2=0.96, with thresholds from 0.9 to below 1");
}
