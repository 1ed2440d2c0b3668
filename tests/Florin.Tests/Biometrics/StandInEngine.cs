using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Florin.Biometrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Florin.Tests.Biometrics;

/// <summary>
/// A second face engine: the contract of <c>engines/face/README.md</c> over a unix socket, whose pictures say themselves what is to be seen in them.
/// <code>
/// await using var engine = await StandInEngine.StartAsync();
/// app.Settings["FLORIN_FACE_ENGINE"] = engine.Setting;   // before the app starts
/// var front = new ScriptedPicture { Person = "anna" }.ToPng();
/// var turned = new ScriptedPicture { Person = "anna", Yaw = 20, Take = 1 }.ToPng();
/// await app.Get&lt;FaceEngineProcess&gt;().AvailableAsync(cancel);   // the server finds it within 0.2 s
/// </code>
/// Set <see cref="Away"/> to have it break every connection, as an engine that was killed does.
/// </summary>
public sealed class StandInEngine : IAsyncDisposable
{
    private const int Dim = 128;
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    private readonly WebApplication app;
    private readonly string folder;
    private int described;

    private StandInEngine(WebApplication app, string folder)
    {
        this.app = app;
        this.folder = folder;
    }

    /// <summary>What <c>FLORIN_FACE_ENGINE</c> must be.</summary>
    public string Setting => "unix:" + Path.Combine(folder, "s");

    /// <summary>Whether it breaks every connection.</summary>
    public bool Away { get; set; }

    /// <summary>The model that it says its vectors are of.</summary>
    public string ModelId { get; set; } = "stand-in/1";

    /// <summary>What is to be seen in a picture without a script, such as a camera's, by its purpose; null where it is no picture then.</summary>
    public Func<string, Task<ScriptedPicture>>? Unscripted { get; set; }

    /// <summary>How many pictures it has been given.</summary>
    public int Described => Volatile.Read(ref described);

    /// <summary>Starts one.</summary>
    public static async Task<StandInEngine> StartAsync()
    {
        var place = Directory.CreateTempSubdirectory("florin-stand-in-").FullName;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenUnixSocket(Path.Combine(place, "s"));
            kestrel.Limits.MaxRequestBodySize = 8 * 1024 * 1024;
        });
        var engine = new StandInEngine(builder.Build(), place);
        engine.Map();
        await engine.app.StartAsync();
        return engine;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
        await app.StopAsync(atOnce.Token);
        await app.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>The vector of such a picture.</summary>
    public static float[] Vector(ScriptedPicture picture)
    {
        // Faces have much in common: strangers' vectors are far from perpendicular to each other.
        var ideal = Sum(Direction("everybody"), Math.Sqrt(0.8), Direction("person " + picture.Person), Math.Sqrt(0.2));
        var chance = Direction(string.Create(null, $"{picture.Person} {picture.Take} {picture.Yaw}"));
        var along = chance.Zip(ideal, (a, b) => a * b).Sum();
        var aside = Unit([.. chance.Zip(ideal, (a, b) => a - (along * b))]);
        return [.. Sum(ideal, picture.Likeness, aside, Math.Sqrt(1 - (picture.Likeness * picture.Likeness))).Select(x => (float)x)];
    }

    private void Map()
    {
        app.Use(
            (http, next) =>
            {
                if (!Away)
                {
                    return next(http);
                }

                http.Abort();
                return Task.CompletedTask;
            }
        );
        app.MapGet("/v1/health", () => Results.Json(new { status = "ready" }));
        app.MapGet(
            "/v1/version",
            () =>
                Results.Json(
                    new
                    {
                        contract = 1,
                        modality = "face",
                        engine = "stand-in",
                        model_id = ModelId,
                        dim = Dim,
                        metric = "cosine",
                        weights_sha256 = new string('0', 64),
                    }
                )
        );
        app.MapPost("/v1/describe", (Delegate)DescribeAsync);
    }

    private async Task<IResult> DescribeAsync(HttpContext http)
    {
        Interlocked.Increment(ref described);
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var picture = ScriptedPicture.Read(body.ToArray());
        if (picture is null && Unscripted is { } see)
        {
            picture = await see(http.Request.Query["purpose"].ToString());
        }

        if (picture is null)
        {
            return Results.Json(new { code = "bad_image" }, statusCode: 422);
        }

        await Task.Delay(picture.DelayMs, http.RequestAborted);
        if (picture.Crash)
        {
            http.Abort();
        }

        return picture.Status is not 0 ? Results.Json(new { code = "scripted" }, statusCode: picture.Status) : Results.Json(Describe(picture), Json);
    }

    private FaceDescription Describe(ScriptedPicture picture) => Seen(picture) with { ModelId = ModelId };

    /// <summary>What an engine sees in such a picture.</summary>
    public static FaceDescription Seen(ScriptedPicture picture) =>
        new(
            "stand-in/1",
            new FaceImage(picture.Width, picture.Height),
            picture.Faces,
            [.. Enumerable.Range(0, picture.Faces).Select(i => Face(i == 0 ? picture : picture with { Person = $"{picture.Person}'s neighbour {i}" }))],
            1
        );

    private static DescribedFace Face(ScriptedPicture picture)
    {
        var points = StandInHead.Of(picture);
        var (left, top) = (points.Min(point => point.X), points.Min(point => point.Y));
        return new DescribedFace(
            new FaceBox(left, top, points.Max(point => point.X) - left, points.Max(point => point.Y) - top),
            0.95,
            new FacePose(picture.Yaw, picture.Pitch, 0),
            new FaceQuality(picture.FacePx, picture.Sharpness, picture.Brightness, picture.Reasons.Count == 0, picture.Reasons),
            null,
            points,
            Vector(picture)
        );
    }

    private static double[] Direction(string seed)
    {
        // Sums of twelve bytes are normal enough, and so the direction is uniform.
        var bytes = new byte[Dim * 12];
        for (var block = 0; block < bytes.Length; block += 32)
        {
            SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{block}")).CopyTo(bytes, block);
        }

        return Unit([.. bytes.Chunk(12).Select(part => part.Sum(value => (double)value) - (12 * 127.5))]);
    }

    private static double[] Sum(double[] a, double ofA, double[] b, double ofB) => Unit([.. a.Zip(b, (x, y) => (x * ofA) + (y * ofB))]);

    private static double[] Unit(double[] vector)
    {
        var length = Math.Sqrt(vector.Sum(x => x * x));
        return [.. vector.Select(x => x / length)];
    }
}
