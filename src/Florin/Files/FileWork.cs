using Florin.Files.Counting;
using Florin.Money;
using Florin.Platform;

namespace Florin.Files;

/// <summary>Something that is done with a file for a credit: one file per kind of work, registered as a singleton.</summary>
internal interface IFileWork
{
    /// <summary>Its permanent name on the wire: <c>word_count</c> …</summary>
    string Name { get; }

    /// <summary>Its name for people, in English.</summary>
    string Title { get; }

    /// <summary>What it takes, for people, in English.</summary>
    string Takes { get; }

    /// <summary>Whether it takes files that begin as this kind does.</summary>
    bool Accepts(FileKind kind);

    /// <summary>Does it. It may be done again, by another server too, where this one ends before it has written down the result.</summary>
    /// <param name="file">What it is about.</param>
    /// <param name="content">From the beginning; can seek.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>The result, to be kept and answered as JSON.</returns>
    /// <exception cref="FileFault">The file cannot be worked on: it fails, and the credit is given back.</exception>
    Task<object> DoAsync(UploadedFile file, Stream content, CancellationToken cancel);
}

/// <summary>All work that is done here, and its prices.</summary>
internal sealed class FileWorks
{
    private readonly Dictionary<string, IFileWork> byName;
    private readonly Dictionary<string, IReadOnlyList<Amount>> prices;

    /// <exception cref="FormatException">A price is malformed.</exception>
    public FileWorks(IEnumerable<IFileWork> works, Settings settings)
    {
        byName = works.ToDictionary(work => work.Name, StringComparer.Ordinal);
        prices = byName.Keys.ToDictionary(name => name, name => FileSettings.PricesOf(settings, name), StringComparer.Ordinal);
    }

    /// <summary>In the order of registration.</summary>
    public IEnumerable<IFileWork> All => byName.Values;

    /// <summary>The work of this name.</summary>
    /// <exception cref="Refusal"><c>unknown_file_service</c></exception>
    public IFileWork Named(string name) =>
        byName.GetValueOrDefault(name) ?? throw FilesRefusals.UnknownFileService.With($"Choose one of {string.Join(", ", byName.Keys)}.");

    /// <summary>What one credit costs, in each currency that it is sold in; the first is the usual one.</summary>
    public IReadOnlyList<Amount> PricesOf(IFileWork work) => prices[work.Name];

    /// <summary>What one credit costs in a currency; in the usual one where none is named.</summary>
    /// <exception cref="Refusal"><c>file_price_unknown</c></exception>
    public Amount PriceOf(IFileWork work, string? currency)
    {
        var offered = PricesOf(work);
        foreach (var price in offered)
        {
            if (currency is null || string.Equals(price.Currency.Code, currency, StringComparison.Ordinal))
            {
                return price;
            }
        }

        throw FilesRefusals.FilePriceUnknown.With($"It is sold in {string.Join(", ", offered.Select(price => price.Currency))}.");
    }
}
