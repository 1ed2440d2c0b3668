using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Florin.Biometrics;

namespace Florin.Bench;

/// <summary>
/// The head-turn challenge on a folder of pictures with a <c>pairs.csv</c>: pictures of one person in the asked order; one photo, panned, scaled and tilted
/// before the camera, also those in <c>pad/</c>; and frames of two people. Quality is left out, since small crops are in such sets: what is measured are
/// turn, relief and likeness, as the server decides them. Every choice comes from the seed.
/// </summary>
internal sealed class FaceChallengeBench(string folder, string work, FaceEngine engine, int seed)
{
    private const string Script = "bench/Florin.Bench/face-warps.mjs"; // bench/run works from the checkout
    private static readonly int[] Tilts = [15, 25, 35, 45];
    private static readonly int[] Nods = [0, 12];
    private readonly Dictionary<string, DescribedFace> seen = new(StringComparer.Ordinal);
    private uint state = (uint)seed;
    private int files;

    public static async Task<int> RunAsync(string[] args)
    {
        var at = Array.IndexOf(args, "--set");
        var folder = at >= 0 && at + 1 < args.Length ? args[at + 1] : args.FirstOrDefault();
        var seedAt = Array.IndexOf(args, "--seed");
        var seed = seedAt >= 0 && seedAt + 1 < args.Length ? int.Parse(args[seedAt + 1], CultureInfo.InvariantCulture) : 1;
        if (folder is null || !File.Exists(Path.Combine(folder, "pairs.csv")))
        {
            await Console.Error.WriteLineAsync("usage: ./bench/run face-challenge [--set] FOLDER [--seed 1]: the folder holds pictures and a pairs.csv");
            return 2;
        }

        var work = Environment.GetEnvironmentVariable("FLORIN_BENCH_DIR") ?? Directory.CreateTempSubdirectory("florin-bench-").FullName;
        await using var bench = await FacesBench.EngineUnderTest.StartAsync(work);
        var report = new Report($"The head-turn challenge, seed {seed}: turn {FaceDecision.LeastTurn}°, relief {FaceDecision.LeastRelief}");
        await new FaceChallengeBench(folder, work, bench.Engine, seed).MeasureAsync(bench.Folder, report);
        report.Print();
        return 0;
    }

    private async Task MeasureAsync(string engineFolder, Report report)
    {
        var people = PeopleOf(Path.Combine(folder, "pairs.csv"));
        await LookAsync(engineFolder, people.SelectMany(person => person).Select(image => (image, (object)Job(image))));
        Genuine(people, report);
        Mixed(people, report);
        var photos = people.Select(person => person.Where(seen.ContainsKey).MinBy(image => Math.Abs(seen[image].Pose.Yaw))).OfType<string>().ToList();
        await FlatAsync(engineFolder, "still", "one photo of each person, moved about", photos, report);
        var pad = Path.Combine(folder, "pad");
        if (Directory.Exists(pad))
        {
            foreach (var kind in new[] { "print", "screen", "spoof", "true" })
            {
                var pictures = Directory.GetFiles(pad, kind + "_*").Order(StringComparer.Ordinal).Select(file => Path.GetRelativePath(folder, file)).ToList();
                await FlatAsync(engineFolder, kind, $"pad/{kind}_*, moved about", pictures, report);
            }
        }
    }

    // Every order that a person's pictures allow, with pictures drawn for it.
    private void Genuine(List<List<string>> people, Report report)
    {
        var tally = new Tally();
        foreach (var person in people)
        {
            foreach (var order in HeadTurns.Possible)
            {
                if (Draw(person, order) is { } frames)
                {
                    var rest = person.Where(seen.ContainsKey).Where(image => !frames.Contains(image, StringComparer.Ordinal)).Take(3).ToList();
                    tally.Add(Decide(rest.Count == 0 ? [frames[0]] : rest, order, frames));
                }
            }
        }

        tally.Report(report, "genuine", "one real person in the asked order");
    }

    // The frontal frames of one, whose face is enrolled, the turned ones of another, and the other way round.
    private void Mixed(List<List<string>> people, Report report)
    {
        var tally = new Tally();
        foreach (var order in HeadTurns.Possible)
        {
            var able = people.Select(person => (Person: person, Frames: Draw(person, order))).Where(one => one.Frames is not null).ToList();
            foreach (var (person, frames) in able)
            {
                foreach (var (_, others) in able.Where(other => !ReferenceEquals(other.Person, person)))
                {
                    var rest = person.Where(image => seen.ContainsKey(image) && !frames!.Contains(image, StringComparer.Ordinal)).Take(3).ToList();
                    rest = rest.Count == 0 ? [frames![0]] : rest;
                    tally.Add(Decide(rest, order, [.. frames!.Select((image, i) => order[i] is HeadTurn.Front ? image : others![i])]));
                    tally.Add(Decide(rest, order, [.. frames!.Select((image, i) => order[i] is HeadTurn.Front ? others![i] : image)]));
                }
            }
        }

        tally.Report(report, "two_people", "frames of two people");
    }

    // The best that one photo can do: for each order every tilt, each picture the one that turns furthest the asked way, the frontal ones panned and scaled.
    private async Task FlatAsync(string engineFolder, string figure, string label, List<string> photos, Report report)
    {
        var tally = new Tally();
        foreach (var photo in photos)
        {
            var views = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                [photo + " 0"] = Job(photo),
                [photo + " 1"] = Job(photo, x: 0.05, scale: 1.15),
            };
            foreach (var (tilt, nod) in Tilts.SelectMany(tilt => Nods.Select(nod => (tilt, nod))))
            {
                views[$"{photo} {tilt} {nod}"] = Job(photo, yaw: tilt, pitch: nod);
                views[$"{photo} {-tilt} {nod}"] = Job(photo, yaw: -tilt, pitch: nod);
            }

            await LookAsync(engineFolder, views.Select(view => (view.Key, view.Value)));
            foreach (var order in HeadTurns.Possible)
            {
                foreach (var tilt in Tilts)
                {
                    var frames = Tilted(photo, order, tilt);
                    if (frames.All(seen.ContainsKey))
                    {
                        tally.Add(Decide([frames[0]], order, frames, copies: false));
                    }
                }
            }
        }

        tally.Report(report, figure, label);
    }

    private string[] Tilted(string photo, IReadOnlyList<HeadTurn> order, int tilt)
    {
        var (fronts, turned) = (0, 0);
        return
        [
            .. order.Select(step =>
            {
                if (step is HeadTurn.Front)
                {
                    return $"{photo} {fronts++}";
                }

                var nod = Nods[turned++ % Nods.Length];
                var (one, other) = ($"{photo} {tilt} {nod}", $"{photo} {-tilt} {nod}");
                if (!seen.TryGetValue(one, out var a) || !seen.TryGetValue(other, out var b))
                {
                    return "";
                }

                return (a.Pose.Yaw > b.Pose.Yaw) == (step is HeadTurn.Left) ? one : other;
            }),
        ];
    }

    private string[]? Draw(List<string> person, IReadOnlyList<HeadTurn> order)
    {
        var images = person.Where(seen.ContainsKey).ToList();
        var front = images.Where(image => Math.Abs(seen[image].Pose.Yaw) <= FaceDecision.MostFrontalSpread / 2).ToList();
        if (front.Count < 2)
        {
            return null;
        }

        var first = Take(front);
        var second = Take(front);
        var straight = (seen[first].Pose.Yaw + seen[second].Pose.Yaw) / 2;
        var left = images.Where(image => seen[image].Pose.Yaw - straight >= FaceDecision.LeastTurn).ToList();
        var right = images.Where(image => straight - seen[image].Pose.Yaw >= FaceDecision.LeastTurn).ToList();
        var frames = new List<string>();
        foreach (var step in order)
        {
            var from = step switch
            {
                HeadTurn.Left => left,
                HeadTurn.Right => right,
                _ => frames.Count == 0 ? [first] : [second],
            };
            if (from.Count == 0)
            {
                return null;
            }

            frames.Add(Take(from));
        }

        return [.. frames];
    }

    private string Take(List<string> from)
    {
        var at = Next(from.Count);
        var taken = from[at];
        from.RemoveAt(at);
        return taken;
    }

    // A linear congruential generator: the same draws in every run.
    private int Next(int most) => (int)(((state = (state * 1664525) + 1013904223) >> 8) % (uint)most);

    private FaceVerdict Decide(List<string> enrolled, IReadOnlyList<HeadTurn> order, IReadOnlyList<string> frames, bool copies = true)
    {
        var template = FaceVectors.Average([.. enrolled.Select(image => seen[image].Embedding)]);
        var thresholds = FaceThresholds.Parse(FaceThresholds.Measured);
        var good = new FaceQuality(200, 100, 130, true, []);
        var views = frames.Select(frame => new FaceDescription("bench", new FaceImage(1, 1), 1, [seen[frame] with { Quality = good }], 0)).ToList();
        var verdict = FaceDecision.OfChallenge(new FaceTemplate(template, enrolled.Count, "bench"), order, views, thresholds);
        // One photo is its own template: that it would be known again is not what is measured here.
        return !copies && verdict.Refusal == BiometricsRefusals.Replay
            ? verdict with
            {
                Refusal = FaceDecision.OfGeometry(order, [.. frames.Select(frame => seen[frame])]),
            }
            : verdict;
    }

    private async Task LookAsync(string engineFolder, IEnumerable<(string Name, object Job)> jobs)
    {
        var start = new ProcessStartInfo("node", [Script, engineFolder, work]) { RedirectStandardInput = true, UseShellExecute = false };
        using var warps = Process.Start(start)!;
        var made = new List<(string Name, string File)>();
        foreach (var (name, job) in jobs)
        {
            var file = string.Create(CultureInfo.InvariantCulture, $"view{files++}.png");
            var line = JsonSerializer.SerializeToNode(job)!;
            line["to"] = file;
            await warps.StandardInput.WriteLineAsync(line.ToJsonString());
            made.Add((name, Path.Combine(work, file)));
        }

        warps.StandardInput.Close();
        await warps.WaitForExitAsync();
        if (warps.ExitCode is not 0)
        {
            throw new InvalidOperationException("the views could not be made");
        }

        foreach (var (name, file) in made)
        {
            var described = await engine.DescribeAsync(await File.ReadAllBytesAsync(file), FacePurpose.Verify, CancellationToken.None);
            File.Delete(file);
            if (described.Faces is [{ } face, ..])
            {
                seen[name] = face;
            }
        }
    }

    private object Job(string image, double yaw = 0, double pitch = 0, double x = 0, double scale = 1) =>
        new
        {
            from = Path.Combine(folder, image),
            border = image.StartsWith("orl/", StringComparison.Ordinal) ? 0.35 : 0, // tight crops
            yaw,
            pitch,
            x,
            scale,
        };

    private static List<List<string>> PeopleOf(string pairs)
    {
        var head = new Dictionary<string, string>(StringComparer.Ordinal);
        string Of(string image)
        {
            head.TryAdd(image, image);
            while (!string.Equals(head[image], image, StringComparison.Ordinal))
            {
                image = head[image];
            }

            return image;
        }

        foreach (var cells in File.ReadLines(pairs).Skip(1).Select(line => line.Split(',')).Where(cells => cells.Length >= 3 && cells[2].Trim() is "1"))
        {
            head[Of(cells[0])] = Of(cells[1]);
        }

        return [.. head.Keys.Order(StringComparer.Ordinal).GroupBy(Of, StringComparer.Ordinal).Select(person => person.ToList())];
    }

    private sealed class Tally
    {
        private readonly Dictionary<string, int> outcomes = new(StringComparer.Ordinal);
        private readonly List<double> reliefs = [];
        private readonly List<double> turns = [];
        private int deep;
        private int turned;
        private int passed;

        public void Add(FaceVerdict verdict)
        {
            var outcome = verdict.Refusal?.Code ?? "accepted";
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            turns.Add(verdict.Turn ?? 0);
            reliefs.Add(verdict.Relief ?? 0);
            deep += verdict.Relief >= FaceDecision.LeastRelief ? 1 : 0;
            if (verdict.Turn >= FaceDecision.LeastTurn)
            {
                turned++;
                passed += verdict.Relief >= FaceDecision.LeastRelief ? 1 : 0;
            }
        }

        public void Report(Report report, string figure, string label)
        {
            var all = outcomes.Values.Sum();
            report.Add(figure, all, label, "challenges");
            report.Add(figure + "_turned", turned, "  turned enough the asked way", $"of {all}");
            report.Add(figure + "_geometry", passed, "  and with relief", $"of {turned}");
            foreach (var (outcome, count) in outcomes.OrderBy(one => one.Key, StringComparer.Ordinal))
            {
                report.Add($"{figure}_{outcome}", count, "  " + outcome, $"of {all}");
            }

            report.Add(figure + "_deep", deep, "  relief, turned or not", $"of {all}");
            Spread(report, figure + "_turn", "smallest turn", turns, "degrees");
            Spread(report, figure + "_relief", "relief", reliefs, "eye distances");
        }

        private static void Spread(Report report, string figure, string label, List<double> values, string unit)
        {
            values.Sort();
            foreach (var (name, share) in values.Count == 0 ? [] : new[] { ("least", 0.0), ("p05", 0.05), ("p50", 0.5), ("p95", 0.95), ("most", 1.0) })
            {
                report.Add($"{figure}_{name}", values[(int)(share * (values.Count - 1))], $"  {label}, {name}", unit);
            }
        }
    }
}
