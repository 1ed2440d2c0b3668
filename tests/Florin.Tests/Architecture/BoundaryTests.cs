using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Florin.Tests.Architecture;

public sealed class BoundaryTests
{
    [Fact]
    public void The_sources_are_bound_completely()
    {
        // Partial methods that source generators fill in are missing here, and nothing else: a name that is not bound would hide a reference.
        var errors = Sources
            .Compilation.GetDiagnostics(TestContext.Current.CancellationToken)
            .Where(d => d.Severity == DiagnosticSeverity.Error && d.Id is not "CS8795" and not "CS0762");
        KnownOffenders.None(errors.Select(error => error.ToString()));
    }

    [Fact]
    public void A_module_uses_only_modules_left_of_it()
    {
        var references = InProduct.Value;
        Assert.True(references.Count > 500, $"only {references.Count} references between modules were seen");
        var wrong = references
            .Where(reference => !Modules.MayUse(reference.From, reference.To))
            .Select(reference => reference.ToString())
            .Distinct(StringComparer.Ordinal);
        KnownOffenders.None(wrong);
    }

    [Fact]
    public void A_module_uses_only_what_another_shows()
    {
        var hidden = InProduct.Value.Where(reference => reference.Crosses && reference.Hidden);
        KnownOffenders.Compare("uses-internal", hidden.Select(reference => $"{reference.From} {reference.Name}"));
    }

    [Fact]
    public void Every_module_stands_in_the_table()
    {
        var folders = Sources.Product.Select(Sources.ModuleOf).OfType<string>().Distinct(StringComparer.Ordinal);
        Assert.All(folders, module => Assert.True(Modules.IsKnown(module), module));
    }

    [Fact]
    public void The_folder_is_the_namespace()
    {
        // The parts of FlorinDb stand in their modules' folders and are one class of Platform.
        var wrong =
            from tree in Sources.Compilation.SyntaxTrees
            let module = Sources.ModuleOf(tree.FilePath)
            where module is not null
            from space in tree.GetRoot().DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>()
            let name = space.Name.ToString()
            where !$"{name}.".StartsWith($"Florin.{module}.", StringComparison.Ordinal)
            where space.Members.OfType<TypeDeclarationSyntax>().Any(type => type.Identifier.Text is not "FlorinDb")
            select $"{tree.FilePath}: {name}";
        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("Florin.Wallets", "Florin.Ledger", 1)] // leftwards
    [InlineData("Florin.Ledger", "Florin.Wallets", 0)] // rightwards
    [InlineData("Florin.Gateways", "Florin.Shops", 0)] // neighbours
    [InlineData("Florin.Shops", "Florin.Nowhere", 0)] // not in the table
    public void A_forbidden_reference_is_caught(string from, string to, int allowed)
    {
        var compilation = Sources.Compile([
            ("src/Florin/" + to[7..] + "/Target.cs", $"namespace {to}; public static class Target {{ public static int One() => 1; }}"),
            ("src/Florin/" + from[7..] + "/Source.cs", $"namespace {from}; internal static class Source {{ static int Two() => {to}.Target.One() + 1; }}"),
        ]);
        var crossing = References(compilation).Where(reference => reference.Crosses).ToList();
        Assert.NotEmpty(crossing);
        Assert.Equal(allowed == 1, crossing.TrueForAll(reference => Modules.MayUse(reference.From, reference.To)));
    }

    [Fact]
    public void The_use_of_something_internal_is_caught()
    {
        var compilation = Sources.Compile([
            ("src/Florin/Ledger/Target.cs", "namespace Florin.Ledger; internal static class Target { public static int One() => 1; }"),
            ("src/Florin/Wallets/Source.cs", "using Florin.Ledger; namespace Florin.Wallets; class Source { int Two() => Target.One(); }"),
        ]);
        Assert.Contains(References(compilation), reference => reference is { From: "Wallets", To: "Ledger", Hidden: true });
    }

    // Each look at a model binds its file anew, so all tests share one.
    private static readonly Lazy<List<Reference>> InProduct = new(() => References(Sources.Compilation));

    private sealed record Reference(string From, string To, ISymbol Symbol, SyntaxNode At)
    {
        public bool Crosses => !string.Equals(From, To, StringComparison.Ordinal);

        public bool Hidden => IsHidden(Symbol);

        public string Name => Symbol.OriginalDefinition.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat).TrimEnd('?');

        public string Place => $"{At.SyntaxTree.FilePath}:{At.GetLocation().GetLineSpan().StartLinePosition.Line + 1}";

        public override string ToString() => $"{From} may not use {To}: {Name} at {Place}";
    }

    private static List<Reference> References(CSharpCompilation compilation)
    {
        var found = new List<Reference>();
        foreach (var tree in compilation.SyntaxTrees)
        {
            if (Sources.ModuleOf(tree.FilePath) is not { } from)
            {
                continue;
            }

            var model = compilation.GetSemanticModel(tree);
            foreach (var name in tree.GetRoot().DescendantNodes().Where(node => node is SimpleNameSyntax or ImplicitObjectCreationExpressionSyntax))
            {
                var info = model.GetSymbolInfo(name);
                var symbol = info.Symbol ?? info.CandidateSymbols.FirstOrDefault();
                symbol = symbol is IAliasSymbol alias ? alias.Target : symbol;
                symbol = symbol is IMethodSymbol { ReducedFrom: { } extension } ? extension : symbol;
                if (symbol is not null && ModuleOf(symbol.OriginalDefinition) is { } to)
                {
                    found.Add(new Reference(from, to, symbol, name));
                }
            }
        }

        return found;
    }

    // A member belongs to the folder that declares it (a part of FlorinDb to its module), a type or namespace to its name.
    private static string? ModuleOf(ISymbol symbol) =>
        symbol switch
        {
            ILocalSymbol or IParameterSymbol or ITypeParameterSymbol or IRangeVariableSymbol or ILabelSymbol => null,
            INamespaceSymbol space => ModuleOf(space),
            ITypeSymbol type => ModuleOf(type.ContainingNamespace),
            { DeclaringSyntaxReferences: [var declaration, ..] } when Sources.ModuleOf(declaration.SyntaxTree.FilePath) is { } module => module,
            { ContainingType: { } type } => ModuleOf(type.ContainingNamespace),
            _ => null,
        };

    private static string? ModuleOf(INamespaceSymbol? space)
    {
        var name = space?.ToDisplayString() ?? "";
        return name.StartsWith("Florin.", StringComparison.Ordinal) ? name.Split('.')[1] : null;
    }

    private static bool IsHidden(ISymbol symbol)
    {
        for (var outer = symbol; outer is not null and not INamespaceSymbol; outer = outer.ContainingType)
        {
            if (outer.DeclaredAccessibility is Accessibility.Internal or Accessibility.Private or Accessibility.ProtectedAndInternal)
            {
                return true;
            }
        }

        return false;
    }
}
