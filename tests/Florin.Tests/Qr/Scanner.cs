using System.Diagnostics;
using Florin.Tests.Wallets;

namespace Florin.Tests.Qr;

/// <summary>Reads QR codes as a stranger would: with zbarimg, which knows nothing of us. <c>./test</c> installs it.</summary>
internal static class Scanner
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>What stands in a PNG.</summary>
    public static async Task<string> ReadAsync(byte[] png) => await ReadFileAsync(png, "cp $0 $1");

    /// <summary>What stands in it after it went through a JPEG of this quality.</summary>
    public static async Task<string> ReadJpegAsync(byte[] png, int quality) =>
        await ReadFileAsync(png, $"pngtopnm $0 | pbmtopgm 1 1 | cjpeg -quality {quality} >$1");

    /// <summary>Fetches an image and reads it.</summary>
    public static async Task<string> ReadAsync(Customer who, string address)
    {
        var image = await who.GetAsync(address);
        image.Must200("image/png");
        return await ReadAsync(image.Bytes);
    }

    private static async Task<string> ReadFileAsync(byte[] png, string change)
    {
        var folder = Directory.CreateTempSubdirectory("florin-qr-").FullName;
        try
        {
            var (from, to) = (Path.Combine(folder, "a.png"), Path.Combine(folder, "b"));
            await File.WriteAllBytesAsync(from, png, Cancel);
            await ShellAsync(change, from, to);
            return (await ShellAsync("zbarimg --quiet --raw -Sdisable -Sqrcode.enable $0", to)).TrimEnd('\n');
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> ShellAsync(string command, params string[] files)
    {
        var start = new ProcessStartInfo("bash", ["-o", "pipefail", "-c", command, .. files])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var said = process.StandardError.ReadToEndAsync(Cancel);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, $"{command}: {process.ExitCode} {await said}");
        return output;
    }
}
