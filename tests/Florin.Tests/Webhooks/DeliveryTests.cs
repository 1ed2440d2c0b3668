using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Florin.Bench;
using Florin.Tests.Identity;

namespace Florin.Tests.Webhooks;

/// <summary>What reaches a receiver, and how.</summary>
public sealed class DeliveryTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_arrives_signed_in_the_shape_of_Standard_Webhooks()
    {
        await using var receiver = await SmallReceiver.StartAsync();
        var merchant = await Merchant.AsAsync(app);
        var made = await merchant.CreateAsync(receiver.Url);
        await merchant.HappenAsync(Guid.NewGuid(), 7);
        var post = await receiver.NextAsync();
        Assert.Equal("POST /florin application/json", post.Line);
        Assert.Equal([0], post.SignedBy(made.Secret));
        Assert.Equal(("payments.completed", 7), (post.Topic, post.Number));
        Assert.Equal("Ä €", post.Json.GetProperty("data").GetProperty("note").GetString());
        Assert.True(post.Json.GetProperty("timestamp").TryGetDateTimeOffset(out _));
        Assert.InRange(app.Clock.GetUtcNow().ToUnixTimeSeconds() - long.Parse(post.Timestamp, null), -1, 60);

        await merchant.WaitAsync(made, 1, "state = 'delivered'");
        var listed = Assert.Single(await merchant.DeliveriesAsync(made, "?state=delivered"));
        Assert.Equal((post.Id, 1, 200), (listed.GetProperty("id").GetString(), Int(listed, "attempts"), Int(listed, "last_status")));
        Assert.Empty(await merchant.DeliveriesAsync(made, "?state=dead"));
        var shown = await merchant.ShowAsync(made, post.Id);
        Assert.Equal(post.Body, shown.GetProperty("body").GetString());
        Assert.Equal(200, Int(Assert.Single(shown.GetProperty("attempts").EnumerateArray()), "status"));
    }

    [Fact]
    public async Task Only_what_was_asked_for_and_only_one_s_own_arrives()
    {
        await using var receiver = await SmallReceiver.StartAsync();
        var merchant = await Merchant.AsAsync(app);
        var other = await Merchant.AsAsync(app);
        await merchant.CreateAsync(receiver.Url, "payments.refunded", "payments.failed");
        await other.HappenAsync("payments.refunded", Guid.NewGuid(), 1);
        await merchant.HappenAsync("payments.completed", Guid.NewGuid(), 2);
        await merchant.HappenAsync("payments.refunded", Guid.NewGuid(), 3);
        await merchant.HappenAsync("payments.failed", Guid.NewGuid(), 4);
        Assert.Equal([3, 4], (await receiver.NextAsync(2)).Select(post => post.Number).Order());
        Assert.True(receiver.IsEmpty);
    }

    [Fact]
    public async Task A_test_goes_to_the_one_webhook_whatever_it_asked_for()
    {
        await using var receiver = await SmallReceiver.StartAsync();
        var merchant = await Merchant.AsAsync(app);
        var made = await merchant.CreateAsync(receiver.Url, "payments.failed");
        await merchant.CreateAsync(receiver.Url);
        var answer = await merchant.Person.SendAsync("POST", $"/v1/webhooks/{made.Id}/test");
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var post = await receiver.NextAsync();
        Assert.Equal(("webhooks.test", 1), (post.Topic, post.SignedBy(made.Secret).Count));
        Assert.Equal((await SignedIn.Json(answer)).GetProperty("delivery").GetString(), post.Id);
        await merchant.HappenAsync("payments.created", Guid.NewGuid(), 1);
        Assert.Equal("payments.created", (await receiver.NextAsync()).Topic);
        Assert.True(receiver.IsEmpty);
    }

    [Fact]
    public async Task A_replaced_secret_signs_beside_the_new_one_for_a_day()
    {
        await using var receiver = await SmallReceiver.StartAsync();
        await using var own = new FlorinApp();
        await own.InitializeAsync();
        var merchant = await Merchant.AsAsync(own);
        var made = await merchant.CreateAsync(receiver.Url);
        var second = await RotateAsync();
        var third = await RotateAsync(); // such as when the answer before it was lost
        await merchant.HappenAsync(Guid.NewGuid(), 1);
        Assert.Equal([0, 1, 2], (await receiver.NextAsync()).SignedBy(made.Secret, second, third));

        own.Clock.Wind(TimeSpan.FromHours(25));
        await merchant.Person.SignInAsync();
        await merchant.HappenAsync(Guid.NewGuid(), 2);
        Assert.Equal([2], (await receiver.NextAsync()).SignedBy(made.Secret, second, third));

        foreach (var _ in Enumerable.Range(0, 4))
        {
            await RotateAsync();
        }

        var refused = await merchant.Person.SendAsync("POST", $"/v1/webhooks/{made.Id}/secret");
        Assert.Equal("webhook_secrets_limit_reached", await SignedIn.Refusal(refused));

        async Task<string> RotateAsync() =>
            (await SignedIn.Json(await merchant.Person.SendAsync("POST", $"/v1/webhooks/{made.Id}/secret"))).GetProperty("secret").GetString()!;
    }

    [Fact]
    public async Task The_next_event_of_a_payment_waits_for_the_one_before_it_and_others_do_not()
    {
        var refusing = true;
        await using var receiver = await SmallReceiver.StartAsync(post => refusing && post.Number == 1 ? 503 : 204);
        await using var own = new FlorinApp();
        await own.InitializeAsync();
        var merchant = await Merchant.AsAsync(own);
        var made = await merchant.CreateAsync(receiver.Url);
        var payment = Guid.NewGuid();
        await merchant.HappenAsync(payment, 1, 2, 3);
        await merchant.HappenAsync(Guid.NewGuid(), 10);
        Assert.Equal([1, 10], (await receiver.NextAsync(2)).Select(post => post.Number).Order());
        await merchant.WaitAsync(made, 4, "(attempts = 1) = (body like '%\"n\": 1%')");
        Assert.True(receiver.IsEmpty);

        refusing = false;
        await merchant.HappenAsync(payment, 4);
        own.Clock.Wind(TimeSpan.FromSeconds(6));
        Assert.Equal([1, 2, 3, 4], (await receiver.NextAsync(4)).Select(post => post.Number));
        await merchant.WaitAsync(made, 5, "state = 'delivered'");
        await own.Database.WaitAsync("select not exists (select from webhooks.lanes)");
    }

    [Fact]
    public async Task A_slow_endpoint_delays_no_other()
    {
        var let = new TaskCompletionSource();
        await using var slow = await SmallReceiver.StartAsync(_ => let.Task);
        await using var quick = await SmallReceiver.StartAsync();
        var merchant = await Merchant.AsAsync(app);
        var made = await merchant.CreateAsync(slow.Url, "payments.created");
        await merchant.CreateAsync(quick.Url, "payments.completed");
        foreach (var i in Enumerable.Range(0, 40))
        {
            await merchant.HappenAsync("payments.created", Guid.NewGuid(), i);
        }

        var atOnce = await slow.NextAsync(4);
        foreach (var i in Enumerable.Range(0, 40))
        {
            await merchant.HappenAsync("payments.completed", Guid.NewGuid(), i);
        }

        Assert.Equal(40, (await quick.NextAsync(40)).Count);
        Assert.Equal(4, atOnce.Count);
        Assert.True(slow.IsEmpty); // four at once and no more
        let.SetResult();
        Assert.Equal(36, (await slow.NextAsync(36)).Count);
        await merchant.WaitAsync(made, 40, "state = 'delivered'");
    }

    [Fact]
    public async Task An_answer_is_kept_to_its_first_kilobyte_and_redirects_are_not_followed()
    {
        await using var receiver = await SmallReceiver.StartAsync(async post =>
        {
            post.Http.Response.StatusCode = post.Number == 1 ? 500 : 302;
            post.Http.Response.Headers.Location = "/elsewhere";
            await post.Http.Response.Body.WriteAsync(new byte[] { (byte)'o', (byte)'n', 0, 0xFF });
            await post.Http.Response.Body.WriteAsync(Enumerable.Repeat((byte)'x', 100_000).ToArray());
        });
        var merchant = await Merchant.AsAsync(app);
        var made = await merchant.CreateAsync(receiver.Url);
        await merchant.HappenAsync(Guid.NewGuid(), 1);
        await merchant.HappenAsync(Guid.NewGuid(), 2);
        var posts = await receiver.NextAsync(2);
        Assert.All(posts, post => Assert.StartsWith("POST /florin ", post.Line, StringComparison.Ordinal));
        await merchant.WaitAsync(
            made,
            2,
            "attempts = 1 and state = 'pending' and last_error = 'status' and last_status = case when body like '%\"n\": 1%' then 500 else 302 end"
        );
        var attempt = (await merchant.ShowAsync(made, posts[0].Id)).GetProperty("attempts")[0];
        Assert.StartsWith("on\uFFFD\uFFFDxxx", attempt.GetProperty("answer").GetString(), StringComparison.Ordinal);
        Assert.Equal(1024, attempt.GetProperty("answer").GetString()!.Length);
    }

    [Theory]
    [InlineData("http://localhost:{0}/", "not_connected")]
    [InlineData("http://webhooks.invalid/", "name_not_found")]
    public async Task What_goes_wrong_is_told_in_words_of_our_own(string url, string error)
    {
        var merchant = await Merchant.AsAsync(app);
        var made = await merchant.CreateAsync(url.Replace("{0}", $"{ServerProcess.FreePort()}", StringComparison.Ordinal));
        await merchant.HappenAsync(Guid.NewGuid(), 1);
        await merchant.WaitAsync(made, 1, $"attempts = 1 and state = 'pending' and last_error = '{error}' and last_status is null");
    }

    [Fact]
    public async Task A_name_that_stands_for_this_machine_is_not_called_where_that_is_not_allowed()
    {
        await using var receiver = await SmallReceiver.StartAsync();
        await using var own = new FlorinApp { Settings = { ["FLORIN_PUBLIC_URL"] = "https://pay.example.org" } };
        await own.InitializeAsync();
        var merchant = await Merchant.AsAsync(own);
        var made = await merchant.CreateAsync("http://shop.example.org/");
        await own.Database.ScalarAsync<int>(
            "update webhooks.endpoints set url = $1 where id = $2",
            receiver.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal),
            made.Guid
        );
        await merchant.HappenAsync(Guid.NewGuid(), 1);
        await merchant.WaitAsync(made, 1, "attempts = 1 and last_error = 'address_refused'");
        Assert.True(receiver.IsEmpty);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var merchant = await Merchant.AsAsync(app);
        var made = await merchant.CreateAsync($"https://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        await merchant.HappenAsync(Guid.NewGuid(), 1);
        using var client = await listener.AcceptTcpClientAsync(Cancel);
        await using var tls = new SslStream(client.GetStream());
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await tls.AuthenticateAsServerAsync(certificate);
            Assert.Equal(1, await tls.ReadAsync(new byte[1], Cancel)); // the request must not come
        });
        await merchant.WaitAsync(made, 1, "attempts = 1 and last_error = 'tls_failed'");
    }

    private static int Int(JsonElement body, string name) => body.GetProperty(name).GetInt32();
}
