using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Florin.Platform;

namespace Florin.Biometrics;

/// <summary>What an engine says of itself.</summary>
internal sealed record FaceEngineVersion(int Contract, string Modality, string Engine, string ModelId, int Dim, string Metric, string WeightsSha256);

/// <summary>The engine answered with something that the contract does not know, or failed on the picture.</summary>
internal sealed class FaceEngineFaultException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Speaks the engine's contract over its unix socket. An engine is not believed more than a stranger: its answers are checked.</summary>
internal sealed class FaceEngineClient : IDisposable
{
    /// <summary>The version of the contract that is spoken here.</summary>
    public const int Contract = 1;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        MaxDepth = 8,
    };

    private readonly HttpClient http;

    /// <summary>A client of the engine that listens there.</summary>
    public FaceEngineClient(string socketPath)
    {
        var endpoint = new UnixDomainSocketEndPoint(socketPath);
        http = new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false,
                MaxConnectionsPerServer = 4,
                ConnectCallback = (_, cancel) => ConnectAsync(endpoint, cancel),
            }
        )
        {
            BaseAddress = new Uri("http://engine/v1/"),
            Timeout = Timeout.InfiniteTimeSpan, // the caller's token has the limit
            MaxResponseContentBufferSize = 1024 * 1024,
        };
    }

    /// <summary>What the engine says of itself, once it is ready; null before.</summary>
    /// <exception cref="FaceEngineFaultException">It speaks another contract, or is no engine for faces.</exception>
    public async Task<FaceEngineVersion?> ReadyVersionAsync(CancellationToken cancel)
    {
        try
        {
            using var health = await http.GetAsync(new Uri("health", UriKind.Relative), cancel);
            if (!health.IsSuccessStatusCode)
            {
                return null;
            }

            using var answer = await http.GetAsync(new Uri("version", UriKind.Relative), cancel);
            var version = await ReadAsync<FaceEngineVersion>(answer, cancel);
            return version is { Contract: Contract, Modality: "face", Metric: "cosine", Dim: > 0 and <= 4096, ModelId.Length: > 0 }
                ? version
                : throw new FaceEngineFaultException("the engine speaks another contract");
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Describes one picture.</summary>
    /// <exception cref="Refusal">The picture was declined.</exception>
    /// <exception cref="FaceEngineFaultException">The engine failed, went away, or answered nonsense.</exception>
    /// <exception cref="OperationCanceledException">The time was over.</exception>
    public async Task<FaceDescription> DescribeAsync(ReadOnlyMemory<byte> image, FacePurpose purpose, FaceEngineVersion version, CancellationToken cancel)
    {
        using var body = new ReadOnlyMemoryContent(image);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream"); // it looks at the content
        try
        {
            using var answer = await http.PostAsync(
                new Uri(purpose is FacePurpose.Verify ? "describe?purpose=verify" : "describe?purpose=enrol", UriKind.Relative),
                body,
                cancel
            );
            if (RefusalOf(answer.StatusCode) is { } refusal)
            {
                throw refusal.With();
            }

            var description = await ReadAsync<FaceDescription>(answer, cancel);
            return IsSound(description, version) ? description : throw new FaceEngineFaultException("the engine's answer contradicts itself");
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or ObjectDisposedException)
        {
            throw new FaceEngineFaultException("the engine went away", fault);
        }
        catch (OperationCanceledException fault) when (!cancel.IsCancellationRequested)
        {
            throw new FaceEngineFaultException("the engine was replaced", fault);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private static async ValueTask<Stream> ConnectAsync(UnixDomainSocketEndPoint endpoint, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var connected = false;
        try
        {
            await socket.ConnectAsync(endpoint, cancel);
            connected = true;
            return new NetworkStream(socket, ownsSocket: true);
        }
        finally
        {
            if (!connected)
            {
                socket.Dispose();
            }
        }
    }

    private static RefusalCode? RefusalOf(HttpStatusCode status) =>
        status switch
        {
            HttpStatusCode.RequestEntityTooLarge => BiometricsEngineRefusals.ImageTooLarge,
            HttpStatusCode.UnsupportedMediaType => BiometricsEngineRefusals.ImageType,
            HttpStatusCode.UnprocessableEntity => BiometricsEngineRefusals.BadImage,
            HttpStatusCode.TooManyRequests => BiometricsEngineRefusals.Busy,
            HttpStatusCode.ServiceUnavailable => BiometricsEngineRefusals.Unavailable,
            _ => null,
        };

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, CancellationToken cancel)
    {
        if (answer.StatusCode is not HttpStatusCode.OK)
        {
            throw new FaceEngineFaultException($"the engine answered with status {(int)answer.StatusCode}");
        }

        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(cancel);
            return await JsonSerializer.DeserializeAsync<T>(body, Json, cancel) ?? throw new FaceEngineFaultException("the engine answered with nothing");
        }
        catch (JsonException fault)
        {
            throw new FaceEngineFaultException("the engine's answer is malformed", fault);
        }
    }

    private static bool IsSound(FaceDescription description, FaceEngineVersion version) =>
        string.Equals(description.ModelId, version.ModelId, StringComparison.Ordinal)
        && description.FaceCount == description.Faces.Count
        && description.Image is { Width: > 0, Height: > 0 }
        && description.Faces.All(face => IsSound(face, version.Dim));

    private static bool IsSound(DescribedFace face, int dimensions) =>
        face.Embedding.Count == dimensions
        && face.Embedding.Sum(x => (double)x * x) is > 0.98 and < 1.02 // no infinity and no NaN passes this
        && double.IsFinite(face.Score)
        && face.Box is { Width: > 0, Height: > 0 }
        && double.IsFinite(face.Box.X + face.Box.Y + face.Box.Width + face.Box.Height)
        && double.IsFinite(face.Pose.Yaw + face.Pose.Pitch + face.Pose.Roll)
        && double.IsFinite(face.Quality.FacePx + face.Quality.Sharpness + face.Quality.Brightness)
        && face.Quality.Ok == (face.Quality.Reasons.Count == 0)
        && face.Points.All(point => double.IsFinite(point.X + point.Y));
}
