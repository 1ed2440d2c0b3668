namespace Florin.Bench;

/// <summary><c>./bench/run NAME [arguments]</c></summary>
internal static class Benchmarks
{
    public static Task<int> Main(string[] args) =>
        args.FirstOrDefault() switch
        {
            "ledger" => LedgerBench.RunAsync(args[1..]),
            "http" => HttpBench.RunAsync(args[1..]),
            "growth" => GrowthBench.RunAsync(args[1..]),
            "crash" => CrashBench.RunAsync(args[1..]),
            "soak" => SoakBench.RunAsync(args[1..]),
            "payments" => PaymentsBench.RunAsync(args[1..]),
            "gateways" => GatewaysBench.RunAsync(args[1..]),
            "live" => LiveBench.RunAsync(args[1..]),
            "screens" => ScreensBench.RunAsync(args[1..]),
            "files" => FilesBench.RunAsync(args[1..]),
            "faces" => FacesBench.RunAsync(args[1..]),
            "face-challenge" => FaceChallengeBench.RunAsync(args[1..]),
            "face-journey" => FaceJourneyBench.RunAsync(args[1..]),
            "admin" => AdminBench.RunAsync(args[1..]),
            "import" => ImportBench.RunAsync(args[1..]),
            "webhooks" => WebhooksBench.RunAsync(args[1..]),
            _ => UnknownAsync(),
        };

    private static async Task<int> UnknownAsync()
    {
        await Console.Error.WriteLineAsync(
            "usage: ./bench/run ledger|http|growth|crash|soak|payments|files|gateways|live|screens|faces|face-challenge|face-journey|webhooks|admin|import [arguments]"
        );
        return 2;
    }
}
