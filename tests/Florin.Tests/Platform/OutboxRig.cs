using System.Threading.Channels;
using Florin.Platform;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Florin.Tests.Platform;

/// <summary>A consumer of the test's own that tells the test each event it is given, and does with it what the test wants.</summary>
public sealed class OutboxRig
{
    public const string Topic = "tests.happened";
    private readonly Channel<StoredEvent> handled = Channel.CreateUnbounded<StoredEvent>();

    /// <summary>What the handler does besides telling.</summary>
    public Func<IServiceProvider, StoredEvent, Task> DoAsync { get; set; } = (_, _) => Task.CompletedTask;

    public async Task<FlorinApp> StartAsync(bool fromBeginning = true, int parallel = 1, int attempts = 24)
    {
        var app = new FlorinApp();
        var consumer = new OutboxConsumer("tests.consumer", [Topic], fromBeginning, HandleAsync) { Parallel = parallel, Attempts = attempts };
        app.Registrations.Add(services => services.AddSingleton(consumer));
        await app.InitializeAsync();
        return app;
    }

    /// <summary>The payload of the next event that the handler was given, failed tries included.</summary>
    public async Task<string> NextAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        return Text(await handled.Reader.ReadAsync(limit.Token));
    }

    public async Task<List<string>> NextAsync(int count)
    {
        var texts = new List<string>();
        while (texts.Count < count)
        {
            texts.Add(await NextAsync());
        }

        return texts;
    }

    public bool IsEmpty => !handled.Reader.TryPeek(out _);

    public static OutboxEvent Event(string text, Guid? aggregate = null, IReadOnlyList<Guid>? audience = null) =>
        new(Topic, aggregate ?? Guid.NewGuid(), $$"""{"text": "{{text}}"}""", audience ?? []);

    public static string Text(StoredEvent happened) => System.Text.Json.JsonDocument.Parse(happened.Payload).RootElement.GetProperty("text").GetString()!;

    /// <summary>Writes events in one transaction and notifies, as the ledger's writer does.</summary>
    public static Task WriteAsync(FlorinApp app, params OutboxEvent[] events) =>
        app.Get<Database>()
            .TransactionAsync(
                async connection =>
                {
                    await InsertAsync(connection, events);
                    return true;
                },
                TestContext.Current.CancellationToken
            );

    public static async Task InsertAsync(NpgsqlConnection connection, params OutboxEvent[] events)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Outbox.Shape.Command([.. events]));
        batch.BatchCommands.Add(Outbox.Wake());
        await batch.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private async Task HandleAsync(IServiceProvider services, StoredEvent happened, CancellationToken cancel)
    {
        await handled.Writer.WriteAsync(happened, cancel);
        await DoAsync(services, happened);
    }
}
