namespace Florin.Bench;

internal static class GrowthBench
{
    public static Task<int> RunAsync(string[] args) => Task.FromResult(args.Length);
}
