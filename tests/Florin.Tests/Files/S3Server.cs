using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Florin.Tests.Files;

/// <summary>
/// A small strict S3: one bucket in memory. It recomputes every signature from the request as it came over the wire, by its own code, and answers faults in
/// the XML of the Amazon S3 API Reference.
/// </summary>
internal sealed class S3Server : IAsyncDisposable
{
    public const string Bucket = "florin-files";
    public const string AccessKey = "FLORINTESTACCESSKEY1";
    public const string SecretKey = "a/secret+key/of/forty/characters/0123456";
    public const string Region = "eu-north-1";
    private const int LeastPart = 5 * 1024 * 1024;
    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, SortedDictionary<int, byte[]>> uploads = new(StringComparer.Ordinal);

    private S3Server(WebApplication app) => this.app = app;

    /// <summary>Objects by their key.</summary>
    public ConcurrentDictionary<string, byte[]> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>What it was asked, as <c>PUT</c>, <c>PUT part</c>, <c>POST uploads</c> …</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Whether what was asked is to fail, and how: a status and a code, or null.</summary>
    public Func<string, (int Status, string Code)?> Fail { get; set; } = _ => null;

    /// <summary>Uploads in parts that were neither completed nor aborted.</summary>
    public int Unfinished => uploads.Count;

    public Uri Address { get; private set; } = null!;

    public static async Task<S3Server> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var built = builder.Build();
        var server = new S3Server(built);
        built.Run(server.HandleAsync);
        await built.StartAsync();
        server.Address = new Uri(built.Urls.First());
        return server;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task HandleAsync(HttpContext http)
    {
        using var buffer = new MemoryStream();
        await http.Request.Body.CopyToAsync(buffer, http.RequestAborted);
        var content = buffer.ToArray();
        var call =
            http.Request.Method
            + (
                http.Request.Query.ContainsKey("partNumber") ? " part"
                : http.Request.Query.Count > 0 ? " " + http.Request.Query.Keys.First()
                : ""
            );
        Calls.Enqueue(call);
        if (WrongSignature(http, content) is { } wrong)
        {
            await FaultAsync(http, 403, wrong);
        }
        else if (!http.Request.Path.Value!.StartsWith($"/{Bucket}/", StringComparison.Ordinal))
        {
            await FaultAsync(http, 404, "NoSuchBucket");
        }
        else if (Fail(call) is var (status, code))
        {
            await FaultAsync(http, status, code);
        }
        else
        {
            await ServeAsync(http, http.Request.Path.Value[(Bucket.Length + 2)..], content);
        }
    }

    private Task ServeAsync(HttpContext http, string key, byte[] content)
    {
        var query = http.Request.Query;
        return (http.Request.Method, query.ContainsKey("uploads"), query["uploadId"].ToString()) switch
        {
            ("POST", true, _) => BeginAsync(http, key),
            ("POST", _, { Length: > 0 } upload) => CompleteAsync(http, key, upload, content),
            ("PUT", _, { Length: > 0 } upload) => PartAsync(http, upload, int.Parse(query["partNumber"]!, CultureInfo.InvariantCulture), content),
            ("PUT", _, _) => PutAsync(http, key, content),
            ("DELETE", _, { Length: > 0 } upload) => AbortAsync(http, upload),
            ("DELETE", _, _) => DeleteAsync(http, key),
            ("HEAD", _, _) => HeadAsync(http, key),
            ("GET", _, _) => GetAsync(http, key),
            _ => FaultAsync(http, 405, "MethodNotAllowed"),
        };
    }

    private Task PutAsync(HttpContext http, string key, byte[] content)
    {
        Objects[key] = content;
        http.Response.Headers.ETag = Tag(content);
        return Task.CompletedTask;
    }

    private Task DeleteAsync(HttpContext http, string key)
    {
        Objects.TryRemove(key, out _);
        http.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    private Task HeadAsync(HttpContext http, string key)
    {
        http.Response.StatusCode = Objects.TryGetValue(key, out var content) ? 200 : 404;
        http.Response.ContentLength = content?.Length;
        return Task.CompletedTask;
    }

    private async Task GetAsync(HttpContext http, string key)
    {
        if (!Objects.TryGetValue(key, out var content))
        {
            await FaultAsync(http, 404, "NoSuchKey");
            return;
        }

        var from = int.Parse(http.Request.Headers.Range.ToString()["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture);
        http.Response.StatusCode = 206;
        http.Response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{content.Length - 1}/{content.Length}");
        await http.Response.Body.WriteAsync(content.AsMemory(from), http.RequestAborted);
    }

    private Task BeginAsync(HttpContext http, string key)
    {
        var upload = "up+/=" + Guid.NewGuid().ToString("N"); // ids are opaque, and must be encoded
        uploads[upload] = [];
        return XmlAsync(
            http,
            200,
            new XElement(
                Name("InitiateMultipartUploadResult"),
                new XElement(Name("Bucket"), Bucket),
                new XElement(Name("Key"), key),
                new XElement(Name("UploadId"), upload)
            )
        );
    }

    private Task PartAsync(HttpContext http, string upload, int number, byte[] content)
    {
        if (!uploads.TryGetValue(upload, out var parts))
        {
            return FaultAsync(http, 404, "NoSuchUpload");
        }

        parts[number] = content;
        http.Response.Headers.ETag = Tag(content);
        return Task.CompletedTask;
    }

    private Task AbortAsync(HttpContext http, string upload)
    {
        http.Response.StatusCode = 204;
        return uploads.TryRemove(upload, out _) ? Task.CompletedTask : FaultAsync(http, 404, "NoSuchUpload");
    }

    private Task CompleteAsync(HttpContext http, string key, string upload, byte[] content)
    {
        if (!uploads.TryGetValue(upload, out var parts))
        {
            return FaultAsync(http, 404, "NoSuchUpload");
        }

        var named = XElement
            .Parse(Encoding.UTF8.GetString(content))
            .Elements(Name("Part"))
            .Select(part => (Number: (int)part.Element(Name("PartNumber"))!, Tag: (string)part.Element(Name("ETag"))!))
            .ToList();
        if (!named.SequenceEqual(parts.Select(part => (part.Key, Tag(part.Value)))))
        {
            return FaultAsync(http, 400, "InvalidPart");
        }

        if (parts.Values.SkipLast(1).Any(part => part.Length < LeastPart))
        {
            return FaultAsync(http, 400, "EntityTooSmall");
        }

        if (Fail("late") is var (_, code))
        {
            return FaultAsync(http, 200, code); // it had said 200 before it knew
        }

        Objects[key] = [.. parts.Values.SelectMany(part => part)];
        uploads.TryRemove(upload, out _);
        return XmlAsync(http, 200, new XElement(Name("CompleteMultipartUploadResult"), new XElement(Name("Key"), key)));
    }

    // "Signature Calculations for the Authorization Header", Amazon S3 API Reference, from what came over the wire.
    private static string? WrongSignature(HttpContext http, byte[] content)
    {
        var given = http.Request.Headers.Authorization.ToString();
        var fields = given
            .Replace("AWS4-HMAC-SHA256 ", "", StringComparison.Ordinal)
            .Split(',')
            .Select(field => field.Split('=', 2))
            .ToDictionary(field => field[0], field => field[^1], StringComparer.Ordinal);
        var date = http.Request.Headers["x-amz-date"].ToString();
        if (!fields.TryGetValue("SignedHeaders", out var names) || date.Length != 16)
        {
            return "AccessDenied";
        }

        if (!names.Split(';').Contains("host", StringComparer.Ordinal) || !names.Contains("x-amz-content-sha256", StringComparison.Ordinal))
        {
            return "SignatureDoesNotMatch";
        }

        if (!string.Equals(http.Request.Headers["x-amz-content-sha256"], Convert.ToHexStringLower(SHA256.HashData(content)), StringComparison.Ordinal))
        {
            return "XAmzContentSHA256Mismatch";
        }

        var raw = http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget.Split('?', 2);
        var query =
            raw.Length < 2
                ? ""
                : string.Join(
                    '&',
                    raw[1].Split('&').Select(one => one.Contains('=', StringComparison.Ordinal) ? one : one + "=").Order(StringComparer.Ordinal)
                );
        var headers = string.Concat(names.Split(';').Select(name => $"{name}:{http.Request.Headers[name].ToString().Trim()}\n"));
        var canonical = $"{http.Request.Method}\n{raw[0]}\n{query}\n{headers}\n{names}\n{http.Request.Headers["x-amz-content-sha256"]}";
        var scope = $"{date[..8]}/{Region}/s3/aws4_request";
        var text = $"AWS4-HMAC-SHA256\n{date}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + SecretKey);
        foreach (var step in scope.Split('/').Append(text))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(step));
        }

        return
            string.Equals(fields["Credential"], $"{AccessKey}/{scope}", StringComparison.Ordinal)
            && string.Equals(fields["Signature"], Convert.ToHexStringLower(key), StringComparison.Ordinal)
            ? null
            : "SignatureDoesNotMatch";
    }

    private static XName Name(string name) => XName.Get(name, "http://s3.amazonaws.com/doc/2006-03-01/");

    private static string Tag(byte[] content) => $"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..32]}\"";

    private static Task FaultAsync(HttpContext http, int status, string code) =>
        XmlAsync(http, status, new XElement("Error", new XElement("Code", code), new XElement("Message", "no"), new XElement("RequestId", "1")));

    private static Task XmlAsync(HttpContext http, int status, XElement xml)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/xml";
        return HttpMethods.IsHead(http.Request.Method)
            ? Task.CompletedTask
            : http.Response.WriteAsync("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + xml, http.RequestAborted);
    }
}
