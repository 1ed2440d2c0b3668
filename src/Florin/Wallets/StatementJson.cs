using System.IO.Pipelines;
using System.Text.Json;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>A statement as JSON, with the same entries as the list of entries, oldest first.</summary>
internal static class StatementJson
{
    private const int Block = 500;

    /// <summary>Writes it, some entries at a time; the stream stays open.</summary>
    public static async Task WriteAsync(
        Statement statement,
        WalletFact wallet,
        IAsyncEnumerable<EntryView> entries,
        WalletNames names,
        Stream stream,
        CancellationToken cancel
    )
    {
        // The serializer fills a pipe's buffers and only the pipe is sent, so that nothing blocks on the network.
        var pipe = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        await using var json = new Utf8JsonWriter(pipe, new JsonWriterOptions { Encoder = Wire.Json.Encoder });
        json.WriteStartObject();
        json.WriteString("wallet"u8, wallet.PublicId);
        json.WriteString("number"u8, statement.WalletNumber);
        json.WriteString("owner"u8, statement.OwnerName);
        Write(json, "currency"u8, statement.Currency);
        Write(json, "from"u8, statement.From);
        Write(json, "to"u8, statement.To);
        Write(json, "created_at"u8, statement.CreatedAt);
        Write(json, "opening_balance"u8, new Amount(statement.OpeningBalance, statement.Currency));
        Write(json, "closing_balance"u8, new Amount(statement.ClosingBalance, statement.Currency));
        json.WriteStartArray("entries"u8);
        var block = new List<EntryView>(Block);
        await foreach (var entry in entries.WithCancellation(cancel))
        {
            block.Add(entry);
            if (block.Count == Block)
            {
                await WriteBlockAsync(json, block, wallet, names, cancel);
                await pipe.FlushAsync(cancel);
            }
        }

        await WriteBlockAsync(json, block, wallet, names, cancel);
        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(cancel);
        await pipe.CompleteAsync();
    }

    private static async Task WriteBlockAsync(Utf8JsonWriter json, List<EntryView> block, WalletFact wallet, WalletNames names, CancellationToken cancel)
    {
        var others = await names.OfCounterpartsAsync(block, wallet.Person, cancel);
        foreach (var entry in block)
        {
            JsonSerializer.Serialize(json, ListEntries.Show(entry, wallet.Currency, others), Wire.Json);
        }

        block.Clear();
        await json.FlushAsync(cancel);
    }

    private static void Write<T>(Utf8JsonWriter json, ReadOnlySpan<byte> name, T value)
    {
        json.WritePropertyName(name);
        JsonSerializer.Serialize(json, value, Wire.Json);
    }
}
