using System.Net;
using System.Net.Http.Headers;
using System.Security;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Florin.Files.Storage;

/// <summary>What an S3-compatible storage answered.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="ETag">Of a part that was taken, quotes and all.</param>
/// <param name="Xml">The body, where it is XML.</param>
internal sealed record S3Answer(HttpStatusCode Status, string? ETag, XElement? Xml)
{
    /// <summary>The storage's own word for what went wrong, such as <c>NoSuchKey</c>.</summary>
    public string? Error => Xml is { Name.LocalName: "Error" } ? Text("Code") : null;

    /// <summary>The text of a member, whatever its namespace.</summary>
    public string? Text(string name) => Xml?.Elements().FirstOrDefault(element => element.Name.LocalName.Equals(name, StringComparison.Ordinal))?.Value;
}

/// <summary>
/// Speaks the wire format of S3 (Amazon S3 API Reference), signed, one object a call. What may go well when it is tried again is tried three times: content is
/// in memory.
/// </summary>
internal sealed class S3Client(HttpClient http, S3Settings settings, TimeProvider clock)
{
    private const int Tries = 3;
    private const int LongestAnswer = 256 * 1024;

    /// <summary>How long a piece of an answer may take: what stops half-way holds no worker for ever.</summary>
    public static readonly TimeSpan ReadPatience = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly S3Signature signature = new(settings.AccessKey, settings.SecretKey, settings.Region);

    /// <summary>Parts of large objects.</summary>
    public int PartBytes => settings.PartBytes;

    /// <summary>Stores an object at once.</summary>
    public async Task PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancel) => await CallAsync(HttpMethod.Put, key, "", content, cancel);

    /// <summary>Begins an object that is sent in parts.</summary>
    /// <returns>The upload's id.</returns>
    public async Task<string> BeginAsync(string key, CancellationToken cancel) =>
        (await CallAsync(HttpMethod.Post, key, "uploads=", default, cancel)).Text("UploadId") ?? throw new StorageFault("the storage gave no upload id");

    /// <summary>Sends a part.</summary>
    /// <returns>Its tag, which completes the object.</returns>
    public async Task<string> PutPartAsync(string key, string upload, int number, ReadOnlyMemory<byte> content, CancellationToken cancel) =>
        (await CallAsync(HttpMethod.Put, key, $"partNumber={number}&uploadId={S3Signature.Encode(upload)}", content, cancel)).ETag
        ?? throw new StorageFault("the storage gave no tag for a part");

    /// <summary>Makes an object of its parts.</summary>
    public async Task CompleteAsync(string key, string upload, IReadOnlyList<string> tags, CancellationToken cancel)
    {
        var parts = tags.Select((tag, i) => $"<Part><PartNumber>{i + 1}</PartNumber><ETag>{SecurityElement.Escape(tag)}</ETag></Part>");
        var body = Encoding.UTF8.GetBytes(
            $"""<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{string.Concat(parts)}</CompleteMultipartUpload>"""
        );
        var answer = await CallAsync(HttpMethod.Post, key, $"uploadId={S3Signature.Encode(upload)}", body, cancel);
        if (answer.Xml is not { Name.LocalName: "CompleteMultipartUploadResult" })
        {
            throw new StorageFault($"the storage did not put the parts together: {answer.Error}"); // it says 200 before it knows
        }
    }

    /// <summary>Forgets the parts of an object that will not be.</summary>
    public Task AbortAsync(string key, string upload, CancellationToken cancel) =>
        CallAsync(HttpMethod.Delete, key, $"uploadId={S3Signature.Encode(upload)}", default, cancel);

    /// <summary>Removes an object; one that is not there is no fault.</summary>
    public Task DeleteAsync(string key, CancellationToken cancel) => CallAsync(HttpMethod.Delete, key, "", default, cancel);

    /// <summary>How long an object is; null where there is none.</summary>
    public async Task<long?> LengthAsync(string key, CancellationToken cancel)
    {
        using var response = await SendAsync(HttpMethod.Head, key, "", default, null, cancel);
        return response.StatusCode switch
        {
            HttpStatusCode.NotFound => null,
            HttpStatusCode.OK => response.Content.Headers.ContentLength ?? throw new StorageFault("the storage does not say how long an object is"),
            _ => throw Fault(response.StatusCode, null),
        };
    }

    /// <summary>Reads an object from an offset on; the caller disposes the answer.</summary>
    public async Task<HttpResponseMessage> GetAsync(string key, long from, CancellationToken cancel)
    {
        var response = await SendAsync(HttpMethod.Get, key, "", default, new RangeHeaderValue(from, null), cancel);
        if (response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == from)
        {
            return response;
        }

        using (response)
        {
            throw Fault(response.StatusCode, (await AnswerOfAsync(response, cancel)).Error);
        }
    }

    private async Task<S3Answer> CallAsync(HttpMethod method, string key, string query, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        using var response = await SendAsync(method, key, query, content, null, cancel);
        var answer = await AnswerOfAsync(response, cancel);
        return response.IsSuccessStatusCode || (method == HttpMethod.Delete && answer.Status == HttpStatusCode.NotFound)
            ? answer
            : throw Fault(answer.Status, answer.Error);
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string key,
        string query,
        ReadOnlyMemory<byte> content,
        RangeHeaderValue? range,
        CancellationToken cancel
    )
    {
        for (var turn = 1; ; turn++)
        {
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                limit.CancelAfter(Patience);
                using var request = Request(method, key, query, content, range);
                var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
                if (turn == Tries || response.StatusCode is not (HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError))
                {
                    return response;
                }

                response.Dispose();
            }
            catch (HttpRequestException fault) when (turn == Tries)
            {
                throw new StorageFault("the storage cannot be reached", fault);
            }
            catch (HttpRequestException)
            {
                // Again, after a pause.
            }
            catch (OperationCanceledException fault) when (!cancel.IsCancellationRequested)
            {
                throw new StorageFault("the storage did not answer in time", fault);
            }

            await Task.Delay(Pause * turn, clock, cancel);
        }
    }

    private HttpRequestMessage Request(HttpMethod method, string key, string query, ReadOnlyMemory<byte> content, RangeHeaderValue? range)
    {
        var endpoint = settings.Endpoint!;
        var address = settings.BucketInHost
            ? $"{endpoint.Scheme}://{settings.Bucket}.{endpoint.Authority}/{S3Signature.Encode(key)}"
            : $"{endpoint.Scheme}://{endpoint.Authority}/{settings.Bucket}/{S3Signature.Encode(key)}";
        var request = new HttpRequestMessage(method, new Uri(query.Length == 0 ? address : $"{address}?{query}"));
        if (range is not null)
        {
            request.Headers.Range = range;
        }

        if (content.Length > 0)
        {
            request.Content = new ReadOnlyMemoryContent(content);
        }

        signature.Sign(request, content.Length == 0 ? S3Signature.NoContent : S3Signature.Hash(content.Span), clock.GetUtcNow());
        return request;
    }

    private static async Task<S3Answer> AnswerOfAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(ReadPatience);
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(limit.Token);
            using var xml = XmlReader.Create(
                body,
                new XmlReaderSettings
                {
                    Async = true,
                    DtdProcessing = DtdProcessing.Prohibit,
                    XmlResolver = null,
                    MaxCharactersInDocument = LongestAnswer,
                }
            );
            return new S3Answer(response.StatusCode, response.Headers.ETag?.ToString(), await XElement.LoadAsync(xml, LoadOptions.None, limit.Token));
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException)
        {
            throw new StorageFault("the storage's answer broke off", fault);
        }
        catch (OperationCanceledException fault) when (!cancel.IsCancellationRequested)
        {
            throw new StorageFault("the storage's answer stopped", fault);
        }
        catch (XmlException)
        {
            return new S3Answer(response.StatusCode, response.Headers.ETag?.ToString(), null); // most answers have no body
        }
        catch (HttpRequestException fault)
        {
            throw new StorageFault("the storage's answer broke off", fault);
        }
    }

    private static StorageFault Fault(HttpStatusCode status, string? error) => new($"the storage answered {(int)status} {error}");
}
