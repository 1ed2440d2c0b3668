using System.Globalization;
using Florin.Money;
using Florin.Platform;

namespace Florin.Files;

/// <summary>What the person who runs Florin sets for work on files.</summary>
internal sealed record FileSettings
{
    private const long Megabyte = 1024 * 1024;

    /// <summary>Reads them.</summary>
    /// <exception cref="FormatException">A value is malformed.</exception>
    public FileSettings(Settings settings)
    {
        MostBytes = settings.Number("FLORIN_FILE_MB", 100, 1, 2_000) * Megabyte;
        MostUnpacked = settings.Number("FLORIN_FILE_UNPACKED_MB", 256, 1, 4_000) * Megabyte;
        Lease = TimeSpan.FromSeconds(settings.Number("FLORIN_FILE_LEASE_SECONDS", 60, 2, 3_600));
        Workers = settings.Number("FLORIN_FILE_WORKERS", 2, 1, 64);
        var s3 = new S3Settings(settings);
        S3 = settings.Text("FLORIN_FILE_STORAGE", "folder") switch
        {
            "folder" => null,
            "s3" => s3.Checked(settings.Sandbox),
            _ => throw new FormatException("FLORIN_FILE_STORAGE must be folder or s3"),
        };
    }

    /// <summary><c>FLORIN_FILE_MB</c>: the largest file, in bytes.</summary>
    public long MostBytes { get; }

    /// <summary><c>FLORIN_FILE_UNPACKED_MB</c>: what may come out of a document, in bytes.</summary>
    public long MostUnpacked { get; }

    /// <summary><c>FLORIN_FILE_LEASE_SECONDS</c>: after so long without a sign of life another server takes a file over.</summary>
    public TimeSpan Lease { get; }

    /// <summary><c>FLORIN_FILE_WORKERS</c>: files that one server works on at a time.</summary>
    public int Workers { get; }

    /// <summary><c>FLORIN_FILE_STORAGE</c>: where files lie; null for the data folder.</summary>
    public S3Settings? S3 { get; }

    /// <summary><c>FLORIN_FILE_PRICE_</c> and the name of a work: of one credit, in one currency or several; the first is the usual one.</summary>
    /// <exception cref="FormatException">It is malformed.</exception>
    public static IReadOnlyList<Amount> PricesOf(Settings settings, string work)
    {
        var name = "FLORIN_FILE_PRICE_" + work.ToUpperInvariant();
        Amount[] prices = [.. settings.List(name, "100 BDT").Select(text => PriceOf(name, text))];
        return prices.Length > 0 && prices.Select(price => price.Currency).Distinct().Count() == prices.Length
            ? prices
            : throw new FormatException($"{name} must name at least one price, and one for each currency");
    }

    // 100 BDT, as well as 0.99 USD.
    private static Amount PriceOf(string name, string text)
    {
        if (text.Split(' ') is [var number, var code] && Currency.TryParse(code, out var currency))
        {
            var exact = number.Contains('.', StringComparison.Ordinal) || currency.Digits == 0 ? number : $"{number}.{new string('0', currency.Digits)}";
            if (Amount.TryParse(exact, currency, out var price) && price.Minor > 0 && price.Minor <= Amount.MaxMinor / CreditLot.Most)
            {
                return price;
            }
        }

        throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{name} must be prices such as 100 BDT, 0.99 USD"));
    }
}

/// <summary>Where an S3-compatible storage is, and who we are to it.</summary>
internal sealed record S3Settings
{
    /// <summary>Reads them.</summary>
    /// <exception cref="FormatException">A value is malformed.</exception>
    public S3Settings(Settings settings)
    {
        Endpoint = Uri.TryCreate(settings.Text("FLORIN_S3_ENDPOINT", "").TrimEnd('/'), UriKind.Absolute, out var address) ? address : null;
        Region = settings.Text("FLORIN_S3_REGION", "us-east-1");
        Bucket = settings.Text("FLORIN_S3_BUCKET", "");
        AccessKey = settings.Text("FLORIN_S3_ACCESS_KEY", "");
        SecretKey = settings.Text("FLORIN_S3_SECRET_KEY", "");
        BucketInHost = settings.Flag("FLORIN_S3_BUCKET_IN_HOST", false);
        PartBytes = settings.Number("FLORIN_S3_PART_MB", 8, 5, 100) * 1024 * 1024;
    }

    /// <summary><c>FLORIN_S3_ENDPOINT</c></summary>
    public Uri? Endpoint { get; init; }

    /// <summary><c>FLORIN_S3_REGION</c></summary>
    public string Region { get; init; }

    /// <summary><c>FLORIN_S3_BUCKET</c></summary>
    public string Bucket { get; init; }

    /// <summary><c>FLORIN_S3_ACCESS_KEY</c></summary>
    public string AccessKey { get; init; }

    /// <summary><c>FLORIN_S3_SECRET_KEY</c></summary>
    public string SecretKey { get; init; }

    /// <summary><c>FLORIN_S3_BUCKET_IN_HOST</c>: whether the bucket stands in the host's name and not in the path.</summary>
    public bool BucketInHost { get; init; }

    /// <summary><c>FLORIN_S3_PART_MB</c>: a larger file is sent in parts of this size, of which one is in memory; in bytes.</summary>
    public int PartBytes { get; init; }

    /// <summary>The same, where the storage is used.</summary>
    /// <exception cref="FormatException">A value is missing or malformed.</exception>
    public S3Settings Checked(bool sandbox)
    {
        Demand(
            Endpoint is { Scheme: "http" or "https", AbsolutePath: "/" },
            "FLORIN_S3_ENDPOINT must be an http or https address such as https://s3.eu-central-1.amazonaws.com"
        );
        Demand(sandbox || Endpoint!.Scheme is "https", "FLORIN_S3_ENDPOINT must begin with https:// in live mode");
        Demand(
            Bucket.Length is >= 3 and <= 63 && Bucket.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '.'),
            "FLORIN_S3_BUCKET must be the name of a bucket: 3 to 63 lower-case letters, digits, hyphens and points"
        );
        Demand(AccessKey.Length > 0 && SecretKey.Length > 0, "FLORIN_S3_ACCESS_KEY and FLORIN_S3_SECRET_KEY must be set where FLORIN_FILE_STORAGE is s3");
        return this;
    }

    private static void Demand(bool good, string otherwise)
    {
        if (!good)
        {
            throw new FormatException(otherwise);
        }
    }
}
