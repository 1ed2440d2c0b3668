using Florin.Bench;

return args.FirstOrDefault() switch
{
    "ledger" => await LedgerBench.RunAsync(args[1..]),
    "http" => await HttpBench.RunAsync(args[1..]),
    "crash" => await CrashBench.RunAsync(args[1..]),
    "growth" => await GrowthBench.RunAsync(args[1..]),
    _ => Unknown(),
};

static int Unknown()
{
    Console.Error.WriteLine("usage: ./bench/run ledger|http|growth|crash|soak [arguments]");
    return 2;
}
