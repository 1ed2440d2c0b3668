namespace Florin.Platform;

/// <summary>Something done again and again, by one server at a time over the whole cluster. Registered as a singleton by its module.</summary>
/// <param name="Name"><c>module.verb_noun</c>, unique.</param>
/// <param name="Cron">When, as a Quartz cron expression in UTC.</param>
/// <param name="RunAsync">Does it; safe to repeat. Tests call it directly with a wound clock.</param>
public sealed record RecurringJob(string Name, string Cron, Func<IServiceProvider, CancellationToken, Task> RunAsync);
