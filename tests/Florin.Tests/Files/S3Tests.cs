using System.Globalization;
using System.Text;
using Florin.Files;
using Florin.Files.Storage;
using Florin.Platform;
using Florin.Tests.Wallets;
using Microsoft.Extensions.Configuration;

namespace Florin.Tests.Files;

/// <summary>The storage that speaks S3: signatures by AWS's own examples, and everything else against a small strict server.</summary>
public sealed class S3Tests : IAsyncLifetime
{
    private static readonly byte[] ThreeParts = [.. Enumerable.Range(0, 12 * 1024 * 1024).Select(i => (byte)((i * 31) ^ (i >> 11)))];
    private S3Server server = null!;
    private HttpClient http = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Dictionary<string, string?> Settings =>
        new(StringComparer.Ordinal)
        {
            ["FLORIN_FILE_STORAGE"] = "s3",
            ["FLORIN_S3_ENDPOINT"] = server.Address.ToString(),
            ["FLORIN_S3_REGION"] = S3Server.Region,
            ["FLORIN_S3_BUCKET"] = S3Server.Bucket,
            ["FLORIN_S3_ACCESS_KEY"] = S3Server.AccessKey,
            ["FLORIN_S3_SECRET_KEY"] = S3Server.SecretKey,
            ["FLORIN_S3_PART_MB"] = "5",
        };

    public async ValueTask InitializeAsync()
    {
        server = await S3Server.StartAsync();
        http = new HttpClient();
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await server.DisposeAsync();
    }

    // "Examples: Signature Calculations", Amazon S3 API Reference, sigv4-header-based-auth.
    [Theory]
    [InlineData("GET", "/test.txt", "", "range:bytes=0-9", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")]
    [InlineData(
        "PUT",
        "/test%24file.text",
        "Welcome to Amazon S3.",
        "date:Fri, 24 May 2013 00:00:00 GMT|x-amz-storage-class:REDUCED_REDUNDANCY",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    )]
    [InlineData("GET", "/?lifecycle", "", "", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")]
    [InlineData("GET", "/?max-keys=2&prefix=J", "", "", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")]
    public void AWS_s_published_examples_are_signed_as_published(string method, string path, string content, string headers, string expected)
    {
        const string exampleKey = "AKIAIOSFODNN7" + "EXAMPLE";
        var signature = new S3Signature(exampleKey, "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY", "us-east-1");
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri("https://examplebucket.s3.amazonaws.com" + path));
        foreach (var header in headers.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            request.Headers.TryAddWithoutValidation(header.Split(':', 2)[0], header.Split(':', 2)[1]);
        }

        var at = DateTimeOffset.Parse("2013-05-24T00:00:00Z", CultureInfo.InvariantCulture);
        signature.Sign(request, S3Signature.Hash(Encoding.UTF8.GetBytes(content)), at);
        Assert.EndsWith(",Signature=" + expected, request.Headers.GetValues("Authorization").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Small_and_large_files_go_in_and_come_out_and_go_away()
    {
        var storage = Storage();
        foreach (var (content, calls) in new[] { ("short"u8.ToArray(), "PUT"), (ThreeParts, "POST uploads PUT part PUT part PUT part POST uploadId") })
        {
            var name = FileStore.NewName();
            server.Calls.Clear();
            await storage.SaveAsync(name, new MemoryStream(content), Cancel);
            Assert.Equal(calls, string.Join(' ', server.Calls));
            Assert.Equal(content, server.Objects[name]);
            await using (var stored = (await storage.OpenAsync(name, Cancel))!)
            {
                Assert.Equal(content.Length, stored.Length);
                var all = new byte[content.Length];
                await stored.ReadExactlyAsync(all, Cancel);
                Assert.Equal(content, all);
                stored.Seek(-3, SeekOrigin.End);
                await stored.ReadExactlyAsync(all.AsMemory(0, 3), Cancel);
                Assert.Equal(content[^3..], all[..3]);
                Assert.Equal(0, await stored.ReadAsync(all, Cancel));
            }

            await storage.DeleteAsync(name, Cancel);
            await storage.DeleteAsync(name, Cancel); // is no fault
            Assert.Null(await storage.OpenAsync(name, Cancel));
        }
    }

    [Fact]
    public async Task What_fails_for_a_moment_is_tried_again_and_what_fails_for_good_leaves_nothing()
    {
        var storage = Storage();
        var name = FileStore.NewName();
        var failures = 2;
        server.Fail = call => call is "PUT part" && failures-- > 0 ? (503, "SlowDown") : null;
        await storage.SaveAsync(name, new MemoryStream(ThreeParts), Cancel);
        Assert.Equal(ThreeParts, server.Objects[name]);

        foreach (var broken in new[] { "PUT part", "POST uploadId", "late" })
        {
            server.Fail = call => string.Equals(call, broken, StringComparison.Ordinal) ? (403, "AccessDenied") : null;
            await Assert.ThrowsAsync<StorageFault>(() => storage.SaveAsync(FileStore.NewName(), new MemoryStream(ThreeParts), Cancel));
            Assert.Equal(0, server.Unfinished);
        }

        server.Fail = _ => null;
        await Assert.ThrowsAsync<InvalidOperationException>(() => storage.SaveAsync(FileStore.NewName(), new Breaking(ThreeParts), Cancel));
        Assert.Equal(0, server.Unfinished);
        Assert.Single(server.Objects);
        await Assert.ThrowsAsync<StorageFault>(() => Storage(("FLORIN_S3_SECRET_KEY", "another secret")).DeleteAsync(name, Cancel));
        await Assert.ThrowsAsync<StorageFault>(() => Storage(("FLORIN_S3_ENDPOINT", "http://127.0.0.1:9")).OpenAsync(name, Cancel));
    }

    [Fact]
    public async Task Florin_counts_and_gives_out_what_lies_there_and_refuses_where_it_cannot_be_stored()
    {
        await using var app = new FlorinApp();
        foreach (var (name, value) in Settings)
        {
            app.Settings[name] = value!;
        }

        await app.InitializeAsync();
        var owner = await FileOwner.NewAsync(app, credits: 3);
        var document = Documents.Docx(Documents.P("one two three") + string.Concat(Enumerable.Range(0, 500).Select(i => Documents.P($"number {i}"))));
        var done = await owner.WorkAsync(document, "a.docx");
        Assert.Equal("1003", done.Text("result.words"));
        var content = await owner.SendAsync(HttpMethod.Get, $"/v1/files/{done.Text("id")}/content", null, null);
        Assert.Equal(document, content.Bytes);

        server.Fail = call => call is "PUT" ? (507, "InsufficientStorage") : null;
        (await owner.SendAsync("words")).MustRefuse(503, "file_storage_unavailable");
        Assert.Equal("2 0 1 0", await owner.CreditsAsync());

        // It does not answer while the work is done: tried again later.
        server.Fail = _ => null;
        var id = (await owner.SendAsync("four words stand here")).Must(201).Text("id");
        server.Fail = call => call is "HEAD" ? (500, "InternalError") : null;
        await app.Get<FileProcessing>().RunAsync(Cancel);
        Assert.Equal("processing", (await owner.ShowAsync(id)).Text("state"));
        server.Fail = _ => null;
        app.Clock.Wind(TimeSpan.FromSeconds(6));
        await app.Get<FileProcessing>().RunAsync(Cancel);
        Assert.Equal("4", (await owner.ShowAsync(id)).Text("result.words"));
        Assert.Equal(204, (await owner.Customer.SendAsync(HttpMethod.Delete, "/v1/files/" + id)).Status);
        Assert.Single(server.Objects);
        await FileBooks.CheckAsync(app);
    }

    [Theory]
    [InlineData("FLORIN_S3_ENDPOINT", "ftp://example.org")]
    [InlineData("FLORIN_S3_BUCKET", "No_Bucket")]
    [InlineData("FLORIN_S3_ACCESS_KEY", "")]
    [InlineData("FLORIN_FILE_STORAGE", "cloud")]
    public void A_wrong_setting_refuses_to_start(string name, string value) =>
        Assert.Contains(name, Assert.Throws<FormatException>(() => Read((name, value))).Message, StringComparison.Ordinal);

    private S3Storage Storage(params (string Name, string Value)[] others) => new(new S3Client(http, Read(others).S3!, TimeProvider.System));

    private FileSettings Read(params (string Name, string Value)[] others)
    {
        var values = Settings;
        foreach (var (name, value) in others)
        {
            values[name] = value;
        }

        return new FileSettings(new Florin.Platform.Settings(new ConfigurationBuilder().AddInMemoryCollection(values).Build()));
    }

    /// <summary>A sender that goes away in the middle.</summary>
    private sealed class Breaking(byte[] content) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position > 7_000_000 ? throw new InvalidOperationException("gone") : base.ReadAsync(buffer, cancellationToken);
    }
}
