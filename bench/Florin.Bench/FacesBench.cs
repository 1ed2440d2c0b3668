using System.Diagnostics;
using System.Globalization;
using Florin.Biometrics;
using Florin.Platform;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Florin.Bench;

/// <summary>
/// Error rates of the 1:1 face check on a folder of pictures with a <c>pairs.csv</c>, through the server's own client and supervisor: one photo against one,
/// and three photos against two frames; latency and memory of the engine; and how soon it is back after a <c>kill -9</c>.
/// </summary>
internal static class FacesBench
{
    private const double OneToOne = 0.945;
    private const double ThreeToTwo = 0.96;

    public static async Task<int> RunAsync(string[] args)
    {
        var tight = Option(args, "--tight") ?? "orl";
        var pictures = int.Parse(Option(args, "--pictures") ?? "0", CultureInfo.InvariantCulture);
        var folder = Option(args, "--set") ?? args.FirstOrDefault(arg => !arg.StartsWith("--", StringComparison.Ordinal));
        if (folder is null || !File.Exists(Path.Combine(folder, "pairs.csv")))
        {
            await Console.Error.WriteLineAsync("usage: ./bench/run faces FOLDER [--tight SET,SET] [--pictures N]: the folder holds pictures and a pairs.csv");
            return 2;
        }

        var work = Environment.GetEnvironmentVariable("FLORIN_BENCH_DIR") ?? Directory.CreateTempSubdirectory("florin-bench-").FullName;
        var set = new FaceSet(folder, tight.Split(','), work);
        await using var bench = await EngineUnderTest.StartAsync(work);
        await set.PrepareAsync(bench.Folder);
        var report = new Report($"Faces of {set.Images.Count} pictures; genuine and impostor pairs as pairs.csv has them");
        var vectors = await DescribeAllAsync(bench, set, pictures, report);
        foreach (var name in set.Pairs.Select(pair => pair.Set).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Append("all"))
        {
            Compare(report, name, One(set, name, vectors), "1_1", "one photo", OneToOne);
            Compare(report, name, Several(set, name, vectors), "3_2", "three photos, two frames", ThreeToTwo);
        }

        await RestartAsync(bench, await set.ReadAsync(set.Images[0]), report);
        report.Print();
        return 0;
    }

    private static string? Option(string[] args, string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    private static async Task<Dictionary<string, float[]>> DescribeAllAsync(EngineUnderTest bench, FaceSet set, int pictures, Report report)
    {
        var vectors = new Dictionary<string, float[]>(StringComparer.Ordinal);
        var (roundTrips, engine, none, several) = (new List<double>(), new List<double>(), 0, 0);
        var (memory, first) = (new List<double>(), 0.0);
        for (var i = 0; i < Math.Max(pictures, set.Images.Count); i++)
        {
            var image = set.Images[i % set.Images.Count];
            var bytes = await set.ReadAsync(image);
            var clock = Stopwatch.GetTimestamp();
            var seen = await bench.Engine.DescribeAsync(bytes, FacePurpose.Verify, CancellationToken.None);
            roundTrips.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
            engine.Add(seen.TimingMs);
            memory.Add(bench.ResidentMegabytes);
            first = i == 99 ? memory[^1] : first;
            if (i < set.Images.Count)
            {
                none += seen.FaceCount == 0 ? 1 : 0;
                several += seen.FaceCount > 1 ? 1 : 0;
                if (seen.FaceCount > 0)
                {
                    vectors[image] = [.. seen.Faces[0].Embedding]; // the largest
                }
            }
        }

        report.Add("pictures", roundTrips.Count, "pictures described");
        report.Add("no_face", none, "no face found", Of(set.Images.Count));
        report.Add("several_faces", several, "more than one face found", Of(set.Images.Count));
        report.Add("round_trip_p50_ms", At(roundTrips, 0.5), "round trip, p50", "ms");
        report.Add("round_trip_p95_ms", At(roundTrips, 0.95), "round trip, p95", "ms");
        report.Add("engine_p50_ms", At(engine, 0.5), "in the engine, p50", "ms");
        report.Add("engine_p95_ms", At(engine, 0.95), "in the engine, p95", "ms");
        report.Add("rss_100_mb", first, "memory after 100 pictures", "MB");
        report.Add("rss_end_mb", memory[^1], "memory at the end", "MB");
        report.Add("rss_most_mb", memory.Max(), "memory at most", "MB");
        return vectors;
    }

    private static FaceErrors One(FaceSet set, string name, Dictionary<string, float[]> vectors)
    {
        var errors = new FaceErrors();
        foreach (var pair in set.Pairs.Where(pair => name is "all" || string.Equals(pair.Set, name, StringComparison.Ordinal)))
        {
            if (vectors.TryGetValue(pair.A, out var a) && vectors.TryGetValue(pair.B, out var b))
            {
                errors.Add(pair.Genuine, Dot(a, b));
            }
        }

        return errors;
    }

    // The first three pictures of a person are enrolled; every two of the others are frames, compared with the template of everybody in the set.
    private static FaceErrors Several(FaceSet set, string name, Dictionary<string, float[]> vectors)
    {
        var errors = new FaceErrors();
        var people = set.People()
            .Where(person => name is "all" || string.Equals(person.Set, name, StringComparison.Ordinal))
            .Select(person => person.Images.Where(vectors.ContainsKey).Select(image => vectors[image]).ToList())
            .Where(images => images.Count >= 5)
            .ToList();
        var templates = people.ConvertAll(images => Mean(images[..3]));
        for (var person = 0; person < people.Count; person++)
        {
            var frames = people[person][3..];
            for (var i = 0; i < frames.Count; i++)
            {
                for (var j = i + 1; j < frames.Count; j++)
                {
                    var probe = Mean([frames[i], frames[j]]);
                    for (var other = 0; other < people.Count; other++)
                    {
                        errors.Add(person == other, Dot(probe, templates[other]));
                    }
                }
            }
        }

        return errors;
    }

    private static void Compare(Report report, string name, FaceErrors errors, string key, string label, double shipped)
    {
        if (errors.Genuine == 0 || errors.Impostor == 0)
        {
            return;
        }

        var title = $"{name}, {label}";
        report.Add(
            $"{name}_{key}_eer",
            100 * errors.EqualErrorRate(),
            $"{title}: equal error rate",
            $"% ({errors.Genuine} genuine, {errors.Impostor} impostor)"
        );
        foreach (var (far, of) in new[] { (0.01, "1"), (0.001, "0.1"), (0.0001, "0.01") })
        {
            var threshold = errors.ThresholdAt(far);
            var rejects = errors.FalseRejects(threshold);
            var figure = $"{name}_{key}_frr_at_far_{of.Replace(".", "", StringComparison.Ordinal)}";
            report.Add(
                figure,
                100.0 * rejects / errors.Genuine,
                $"{title}: false rejects at {of} % false accepts",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"% ({rejects} of {errors.Genuine}; threshold {threshold:0.0000}, {errors.FalseAccepts(threshold)} of {errors.Impostor} accepted)"
                )
            );
        }

        var at = shipped.ToString(CultureInfo.InvariantCulture);
        report.Add($"{name}_{key}_shipped_rejects", errors.FalseRejects(shipped), $"{title}: false rejects at {at}", Of(errors.Genuine));
        report.Add($"{name}_{key}_shipped_accepts", errors.FalseAccepts(shipped), $"{title}: false accepts at {at}", Of(errors.Impostor));
    }

    private static async Task RestartAsync(EngineUnderTest bench, byte[] picture, Report report)
    {
        var times = new List<double>();
        for (var round = 0; round < 3; round++)
        {
            var clock = Stopwatch.StartNew();
            using (var process = Process.GetProcessById(bench.ProcessId))
            {
                process.Kill();
            }

            while (true)
            {
                try
                {
                    await bench.Engine.DescribeAsync(picture, FacePurpose.Verify, CancellationToken.None);
                    break;
                }
                catch (Refusal)
                {
                    await Task.Delay(5);
                }
            }

            times.Add(clock.Elapsed.TotalSeconds);
        }

        report.Add("back_after_kill_s", times[0], "from kill -9 to the next description, the first time", "s");
        report.Add("back_after_third_kill_s", times[^1], "the third time within a minute", "s");
    }

    private static string Of(int count) => string.Create(CultureInfo.InvariantCulture, $"of {count}");

    private static double At(List<double> values, double share) => values.Order().ElementAt((int)((values.Count - 1) * share));

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    private static float[] Mean(IReadOnlyList<float[]> vectors)
    {
        var sum = Enumerable.Range(0, vectors[0].Length).Select(i => vectors.Sum(vector => (double)vector[i])).ToArray();
        var length = Math.Sqrt(sum.Sum(x => x * x));
        return [.. sum.Select(x => (float)(x / length))];
    }

    /// <summary>The engine, started and watched as the server does.</summary>
    internal sealed class EngineUnderTest(FaceEngine engine, FaceEngineProcess process, FaceEngineSettings settings) : IAsyncDisposable
    {
        public FaceEngine Engine => engine;

        public string Folder => settings.Folder!;

        public int ProcessId => process.Current?.ProcessId ?? throw new InvalidOperationException("the engine is away");

        public double ResidentMegabytes
        {
            get
            {
                using var running = Process.GetProcessById(ProcessId);
                return running.WorkingSet64 / 1024.0 / 1024.0;
            }
        }

        public static async Task<EngineUnderTest> StartAsync(string data)
        {
            var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("FLORIN_DATA", data)]).Build();
            var settings = new FaceEngineSettings(new Settings(configuration));
            var queue = new FaceEngineQueue(settings);
            var process = new FaceEngineProcess(settings, queue, TimeProvider.System, NullLogger<FaceEngineProcess>.Instance);
            await process.StartAsync(CancellationToken.None);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            await process.AvailableAsync(patience.Token);
            return new EngineUnderTest(new FaceEngine(settings, queue, process, TimeProvider.System), process, settings);
        }

        public async ValueTask DisposeAsync()
        {
            await process.StopAsync(CancellationToken.None);
            process.Dispose();
        }
    }
}
