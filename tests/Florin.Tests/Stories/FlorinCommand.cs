using System.Diagnostics;

namespace Florin.Tests.Stories;

/// <summary>A run of the real program to its end, such as <c>verify</c>, or a start that is to be refused.</summary>
/// <param name="ExitCode">0 where all went well.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Errors">What it complained of.</param>
internal sealed record FlorinCommand(int ExitCode, string Output, string Errors)
{
    public static Task<FlorinCommand> RunAsync(string name, IReadOnlyDictionary<string, string> settings, params (string Name, string Value)[] others) =>
        RunAsync([name], settings, "", others);

    /// <summary>With words and options after the command's name, and what is typed into it.</summary>
    public static async Task<FlorinCommand> RunAsync(
        string[] typed,
        IReadOnlyDictionary<string, string> settings,
        string input,
        params (string Name, string Value)[] others
    )
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Florin.dll"), .. typed])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (setting, value) in settings.Select(one => (one.Key, one.Value)).Concat(others))
        {
            start.Environment[setting] = value;
        }

        using var process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(120));
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new FlorinCommand(process.ExitCode, output, await errors);
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            return new FlorinCommand(0, "", "it goes on, and serves");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
