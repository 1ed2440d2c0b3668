using System.Text.Json;
using System.Text.Json.Serialization;
using Florin.Money;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>What wallets keep with a posting besides its moves.</summary>
internal sealed record PostingFacts
{
    /// <summary>Nothing is written that is not there, and what a later version adds does not disturb.</summary>
    public static readonly JsonSerializerOptions Json = new(Wire.Json)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    };

    /// <summary>What the sender wrote.</summary>
    public string? Note { get; init; }

    /// <summary>Of a conversion: what left the sender's wallet.</summary>
    public Amount? Sent { get; init; }

    /// <summary>Of a conversion: what reached the receiver's wallet.</summary>
    public Amount? Received { get; init; }

    /// <summary>Of a conversion: units of the receiver's currency for one unit of the sender's, as a decimal.</summary>
    public string? Rate { get; init; }

    /// <summary>Of a conversion: what of it the house earned.</summary>
    public Amount? Spread { get; init; }

    /// <summary>The locked quote, where one was used.</summary>
    public string? Quote { get; init; }

    /// <summary>Reads the metadata of a posting; other modules' postings give what they share of it.</summary>
    public static PostingFacts Read(string? metadata) => metadata is null ? Empty : JsonSerializer.Deserialize<PostingFacts>(metadata, Json) ?? Empty;

    private static readonly PostingFacts Empty = new();
}
