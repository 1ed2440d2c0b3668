using System.Text.Json;
using Florin.Platform;
using Florin.Tests.Identity;
using Florin.Tests.Platform;

namespace Florin.Tests.Notifications;

/// <summary>A person of a test of notices, with what was sent to them.</summary>
internal sealed record Reader(FlorinApp App, SignedIn Who)
{
    public string Id => Who.Person.PublicId;

    /// <summary>Somebody with a proven address, and a proven number where one is given.</summary>
    public static async Task<Reader> NewAsync(FlorinApp app, string? phone = null, bool email = true, params string[] roles)
    {
        await app.Database.WaitAsync("select exists (select from platform.outbox_cursors where consumer = 'notifications.notices')");
        var who = await SignedIn.AsAsync(app, roles);
        await app.Database.ScalarAsync<int>(
            "update identity.people set phone = nullif($2, ''), phone_verified_at = case when $2 <> '' then now() end, "
                + "email_verified_at = case when $3 then now() end where id = $1",
            who.Id,
            phone ?? "",
            email
        );
        return new Reader(app, who);
    }

    /// <summary>Chooses how to be told, as a JSON object.</summary>
    public async Task<JsonElement> ChooseAsync(object choices) => await SignedIn.Json(await Who.SendAsync("PATCH", "/v1/me/notifications", choices));

    /// <summary>What was sent to this person in these words, once there are so many.</summary>
    public async Task<List<JsonElement>> MessagesAsync(string template, int count = 1)
    {
        await App.Database.WaitAsync($"select count(*) >= {count} from notifications.messages where person = '{Who.Id}' and template = '{template}'");
        return await SentAsync(template);
    }

    /// <summary>What was sent to this person in these words so far.</summary>
    public async Task<List<JsonElement>> SentAsync(string template)
    {
        var sent = new List<JsonElement>();
        foreach (var to in (string?[])[Who.Person.Email, (await Who.NowAsync()).Phone])
        {
            if (to is not null)
            {
                var json = await App.Http.GetStringAsync(
                    new Uri("/dev/outbox?to=" + Uri.EscapeDataString(to), UriKind.Relative),
                    TestContext.Current.CancellationToken
                );
                sent.AddRange(JsonDocument.Parse(json).RootElement.GetProperty("data").EnumerateArray());
            }
        }

        return sent.FindAll(message => string.Equals(message.GetProperty("template").GetString(), template, StringComparison.Ordinal));
    }

    /// <summary>Waits until everything that was published before was told.</summary>
    public async Task SettleAsync()
    {
        await App.Database.WaitAsync(
            """
            select not exists (
                select from platform.outbox o join platform.outbox_cursors c on c.consumer = 'notifications.notices'
                where (o.topic like 'payments.%' or o.topic in ('wallets.fee_charged', 'wallets.fee_owed', 'wallets.transferred'))
                    and (o.xid, o.id) > (c.xid, c.id)
            )
            """
        );
        await App.Database.WaitAsync("select not exists (select from platform.outbox where topic = 'platform.message_requested' and secret is not null)");
    }

    /// <summary>Publishes an event as another module does.</summary>
    public static Task PublishAsync(FlorinApp app, string topic, object payload, Guid? aggregate = null) =>
        OutboxRig.WriteAsync(app, new OutboxEvent(topic, aggregate ?? Guid.NewGuid(), JsonSerializer.Serialize(payload, Wire.Json), []));

    /// <summary>A payment as its events show it.</summary>
    public static Dictionary<string, object?> Payment(
        Reader? payer,
        Reader? owner,
        string payee = "Corner Shop",
        string purpose = "sale",
        string? description = null,
        string amount = "1234.50"
    ) =>
        new(StringComparer.Ordinal)
        {
            ["id"] = Ids.Show("pay", Ids.New()),
            ["purpose"] = purpose,
            ["state"] = "completed",
            ["amount"] = new { amount, currency = "KZT" },
            ["payee_name"] = payee,
            ["payer"] = payer?.Id,
            ["owner"] = owner?.Id ?? Ids.Show("usr", Guid.NewGuid()),
            ["method"] = "wallet",
            ["description"] = description,
            ["reference"] = null,
            ["completed_at"] = "2026-01-31T12:05:00.000000Z",
            ["receipt_url"] = "https://pay.example.org/receipts/abcDEF123",
            ["refunded"] = new { amount = "0.00", currency = "KZT" },
        };

    /// <summary>A refund of a payment as its events show it.</summary>
    public static Dictionary<string, object?> Refund(
        Dictionary<string, object?> payment,
        string amount = "200.00",
        object? given = null,
        string reason = "customer_request"
    ) =>
        new(StringComparer.Ordinal)
        {
            ["payment"] = payment,
            ["refund"] = new
            {
                id = Ids.Show("ref", Ids.New()),
                amount = new { amount, currency = "KZT" },
                given,
                reason,
                state = "completed",
            },
        };
}
