using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Notifications;

/// <summary>Forgets what a sandbox would have sent after a week, who was told what after a month, and tickets that nobody used.</summary>
internal static class MessageRetention
{
    internal static RecurringJob Job => new("notifications.delete_old", "0 23 * * * ?", RunAsync);

    private static async Task RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        await using var scope = services.CreateAsyncScope();
        var before = now - TimeSpan.FromDays(7);
        await scope.ServiceProvider.GetRequiredService<FlorinDb>().KeptMessages.Where(message => message.CreatedAt < before).ExecuteDeleteAsync(cancel);
        await using var told = services.GetRequiredService<Database>().Source.CreateCommand("delete from notifications.notices where written_at < $1");
        told.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (now - TimeSpan.FromDays(30)).UtcDateTime });
        await told.ExecuteNonQueryAsync(cancel);
        await services.GetRequiredService<EventTickets>().TidyAsync(cancel);
    }
}

/// <summary>Says at start that messages cannot leave, where live mode was not told how. Sign-up stands still then, and nothing else.</summary>
internal sealed partial class MessageWarning(Settings settings, ILogger<MessageWarning> log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!settings.Sandbox && settings.SmtpHost.Length == 0)
        {
            LogMissing("FLORIN_SMTP_HOST", "e-mail");
        }

        if (!settings.Sandbox && settings.SmsUrl.Length == 0)
        {
            LogMissing("FLORIN_SMS_URL", "text messages");
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Warning, "{Setting} is not set: {What} cannot be sent; they are tried again until they are too old")]
    private partial void LogMissing(string setting, string what);
}
