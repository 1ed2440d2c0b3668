using Florin.Platform;

namespace Florin.Biometrics;

/// <summary>Where the face engine is.</summary>
internal sealed record FaceEngineSettings
{
    private const string Prefix = "unix:";

    // A path of a unix socket holds 108 bytes at most, and the name takes some of them.
    private const int LongestFolder = 80;

    /// <summary>Reads them.</summary>
    /// <exception cref="FormatException">A value is malformed.</exception>
    public FaceEngineSettings(Settings settings)
    {
        var value = settings.Text("FLORIN_FACE_ENGINE", "");
        var own = Path.Combine(Path.GetFullPath(settings.Data), "face");
        SocketFolder = own.Length <= LongestFolder ? own : null;
        if (value.StartsWith(Prefix, StringComparison.Ordinal))
        {
            External = value[Prefix.Length..] is ['/', ..] path
                ? path
                : throw new FormatException("FLORIN_FACE_ENGINE must be off, a folder, or unix: and a path from /");
        }
        else if (value is not "off")
        {
            Folder = value.Length > 0 ? Path.GetFullPath(value) : Nearby();
        }
    }

    /// <summary><c>FLORIN_FACE_ENGINE</c> as <c>unix:/path/to.sock</c>: somebody else runs the engine there; null where we do.</summary>
    public string? External { get; }

    /// <summary>The folder of the engine that we start: <c>FLORIN_FACE_ENGINE</c>, else the checkout's where it is installed; null for none.</summary>
    public string? Folder { get; }

    /// <summary>The folder of its socket, open to this user only; null for one in the folder for temporary files.</summary>
    public string? SocketFolder { get; }

    /// <summary>How long the engine may look at one picture.</summary>
    public TimeSpan PictureTime { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How many pictures may wait, the one that is looked at included.</summary>
    public int Waiting { get; init; } = 8;

    /// <summary>How many of these may be checks of photos that people take to enrol: tills always find the other places.</summary>
    public int WaitingChecks { get; init; } = 2;

    /// <summary>After so many pictures a fresh process takes over.</summary>
    public int PicturesPerProcess { get; init; } = 5_000;

    /// <summary>At so many bytes of memory a fresh process takes over.</summary>
    public long MemoryPerProcess { get; init; } = 800L * 1024 * 1024;

    /// <summary>The Node.js to run.</summary>
    public string Node { get; init; } = "node";

    // The program stands in src/Florin/bin/…, tests and benchmarks elsewhere below the checkout.
    private static string? Nearby()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var engine = Path.Combine(folder.FullName, "engines", "face");
            if (File.Exists(Path.Combine(engine, "server.mjs")))
            {
                return engine;
            }
        }

        return null;
    }
}
