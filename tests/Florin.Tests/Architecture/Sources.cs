using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Florin.Tests.Architecture;

/// <summary>The product's sources, parsed and bound once for all architecture tests.</summary>
internal static class Sources
{
    // What ImplicitUsings adds for Microsoft.NET.Sdk.Web.
    private static readonly string[] ImplicitUsings =
    [
        "System",
        "System.Collections.Generic",
        "System.IO",
        "System.Linq",
        "System.Net.Http",
        "System.Net.Http.Json",
        "System.Threading",
        "System.Threading.Tasks",
        "Microsoft.AspNetCore.Builder",
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Http",
        "Microsoft.AspNetCore.Routing",
        "Microsoft.Extensions.Configuration",
        "Microsoft.Extensions.DependencyInjection",
        "Microsoft.Extensions.Hosting",
        "Microsoft.Extensions.Logging",
    ];

    /// <summary>The folder of the checkout.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The product's files, relative to <see cref="Root"/>, with forward slashes.</summary>
    public static ImmutableArray<string> Product { get; } = Files("src/Florin", "*.cs");

    /// <summary>The tests' files.</summary>
    public static ImmutableArray<string> Tests { get; } = Files("tests", "*.cs");

    /// <summary>The migrations.</summary>
    public static ImmutableArray<string> Migrations { get; } = Files("src/Florin/Migrations", "*.sql");

    /// <summary>What the compiler made of the components, each under the path of its component.</summary>
    public static ImmutableArray<(string Path, string Text)> Components { get; } =
    [
        .. Directory
            .EnumerateFiles(Path.Combine(Root, RazorOutput), "*_razor.g.cs", SearchOption.AllDirectories)
            .Select(path =>
                (
                    "src/Florin/" + Path.GetRelativePath(Path.Combine(Root, RazorOutput), path).Replace("_razor.g.cs", ".razor", StringComparison.Ordinal),
                    File.ReadAllText(path)
                )
            )
            .Where(component => File.Exists(Path.Combine(Root, component.Item1))),
    ];

    private const string RazorOutput =
        "src/Florin/obj/generated/Microsoft.CodeAnalysis.Razor.Compiler/Microsoft.NET.Sdk.Razor.SourceGenerators.RazorSourceGenerator";

    private static readonly Lazy<CSharpCompilation> Bound = new(() => Compile([.. Product.Select(file => (file, Read(file))), .. Components]));

    /// <summary>The product's sources as one bound compilation.</summary>
    public static CSharpCompilation Compilation => Bound.Value;

    /// <summary>Reads a file of the checkout.</summary>
    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    /// <summary>Compiles sources against what the tests run on, as the SDK would.</summary>
    public static CSharpCompilation Compile(IEnumerable<(string Path, string Text)> files)
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        var usings = string.Concat(ImplicitUsings.Select(name => $"global using {name};\n"));
        var trees = files.Append(("implicit-usings.cs", usings)).Select(file => CSharpSyntaxTree.ParseText(file.Item2, options, file.Item1));
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("Florin", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path));
        return CSharpCompilation.Create("Sources", trees, references, new CSharpCompilationOptions(OutputKind.ConsoleApplication));
    }

    /// <summary>The module that a file belongs to by its folder; null for <c>Program.cs</c> and what is not the product's.</summary>
    public static string? ModuleOf(string file)
    {
        var parts = file.Split('/');
        return parts is ["src", "Florin", var module, _, ..] ? module : null;
    }

    private static ImmutableArray<string> Files(string folder, string pattern) =>
        [
            .. Directory
                .EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
                .Where(path => !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];

    private static string FindRoot([CallerFilePath] string here = "")
    {
        // The place where it was compiled, else up from where it runs.
        for (var folder = Directory.Exists(Path.GetDirectoryName(here)) ? Path.GetDirectoryName(here) : AppContext.BaseDirectory; folder is not null; )
        {
            if (File.Exists(Path.Combine(folder, "Florin.slnx")))
            {
                return folder;
            }

            folder = Path.GetDirectoryName(folder);
        }

        throw new InvalidOperationException("The sources are not here: no Florin.slnx above the tests.");
    }
}
