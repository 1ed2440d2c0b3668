using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Florin.Tests.Architecture;

/// <summary>House rules on size and words. What is known to break one stands in <c>known-offenders.txt</c>.</summary>
public sealed partial class TidyTests
{
    private const int LongestFunction = 70;
    private const int LongestFile = 400;
    private static readonly string[] WithMoney = ["Money", "Ledger", "Wallets", "Fx", "Payments"];

    [Fact]
    public void No_function_is_longer_than_70_lines()
    {
        var written = Sources.Compilation.SyntaxTrees.Where(tree => tree.FilePath.EndsWith(".cs", StringComparison.Ordinal)); // components' markup is no function
        var trees = written.Concat(Sources.Tests.Select(file => CSharpSyntaxTree.ParseText(Sources.Read(file), path: file)));
        KnownOffenders.Compare("long-function", trees.SelectMany(tree => LongFunctions(tree).Select(name => $"{tree.FilePath} {name}")));
    }

    [Fact]
    public void No_file_is_longer_than_400_lines()
    {
        var files = Sources.Product.Concat(Sources.Tests).Where(file => Sources.Read(file).AsSpan().TrimEnd().Count('\n') >= LongestFile);
        KnownOffenders.Compare("long-file", files);
    }

    [Fact]
    public void No_type_is_named_manager_helper_service_util_dto_or_transaction()
    {
        var types = Trees()
            .SelectMany(tree => tree.GetRoot().DescendantNodes().OfType<BaseTypeDeclarationSyntax>().Select(type => (tree.FilePath, type.Identifier.Text)));
        KnownOffenders.Compare("banned-word", types.Where(type => BannedWord().IsMatch(type.Text)).Select(type => $"{type.FilePath} {type.Text}"));
    }

    [Fact]
    public void Nothing_outside_Platform_catches_every_exception()
    {
        var outside = Trees().Where(tree => Sources.ModuleOf(tree.FilePath) is not "Platform");
        KnownOffenders.Compare("catches-all", outside.SelectMany(tree => CatchesAll(tree).Select(function => $"{tree.FilePath} {function}")));
    }

    [Fact]
    public void No_floating_point_stands_near_money()
    {
        var near = Trees().Where(tree => WithMoney.Contains(Sources.ModuleOf(tree.FilePath), StringComparer.Ordinal)).ToList();
        Assert.NotEmpty(near);
        KnownOffenders.Compare(
            "floating-point",
            near.SelectMany(tree => FloatingPoint(Sources.Compilation, tree).Select(function => $"{tree.FilePath} {function}"))
        );
    }

    [Fact]
    public void Every_interface_has_two_implementations() => KnownOffenders.Compare("lone-interface", LoneInterfaces(Sources.Compilation));

    [Fact]
    public void Controls_offenders_are_caught()
    {
        var lines = string.Concat(Enumerable.Repeat("\n", LongestFunction));
        var code = $$"""
            namespace Florin.Money;
            interface IOne { }
            class Only : IOne
            {
                void Long() { {{lines}} }
                void Catch() { try { } catch (System.Exception) { } try { } catch { } try { } catch (System.IO.IOException) { } }
                void Two() { try { } catch (System.Exception e) when (e is System.IO.IOException or System.FormatException) { } }
                void Not() { try { } catch (System.Exception e) when (e is not System.FormatException) { } }
                object Half() => 0.5;
                System.Double Wide() => default;
                decimal Exact() => 0.5m;
            }
            """;
        var compilation = Sources.Compile([("src/Florin/Money/Only.cs", code)]);
        var tree = compilation.SyntaxTrees[0];
        Assert.Equal(["Only.Long"], LongFunctions(tree));
        Assert.Equal(["Only.Catch", "Only.Catch", "Only.Not"], CatchesAll(tree));
        Assert.Equal(["Only.Half", "Only.Wide"], FloatingPoint(compilation, tree).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        Assert.Equal(["Florin.Money.IOne"], LoneInterfaces(compilation));
        Assert.All(
            ["WalletManager", "IdHelper", "MailService", "TextUtils", "PersonDto", "TransactionLog", "Services"],
            name => Assert.Matches(BannedWord(), name)
        );
        Assert.All(["Wallet", "Managed", "Serviced", "Utility"], name => Assert.DoesNotMatch(BannedWord(), name));
    }

    private static IEnumerable<SyntaxTree> Trees() => Sources.Compilation.SyntaxTrees.Where(tree => tree.FilePath.StartsWith("src/", StringComparison.Ordinal));

    private static IEnumerable<string> LongFunctions(SyntaxTree tree) =>
        from node in tree.GetRoot().DescendantNodes()
        where node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax or AnonymousFunctionExpressionSyntax
        let span = tree.GetLineSpan(node.Span)
        where span.EndLinePosition.Line - span.StartLinePosition.Line + 1 > LongestFunction
        select NameOf(node);

    private static IEnumerable<string> CatchesAll(SyntaxTree tree) =>
        from node in tree.GetRoot().DescendantNodes().OfType<CatchClauseSyntax>()
        where node.Declaration is null || node.Declaration.Type.ToString() is "Exception" or "System.Exception" or "SystemException"
        where node.Filter is null || !NamesTypes(node.Filter.FilterExpression)
        select NameOf(node);

    // when (e is IOException or FormatException): another way to say two catches.
    private static bool NamesTypes(ExpressionSyntax filter) =>
        filter is IsPatternExpressionSyntax { Expression: IdentifierNameSyntax } pattern
        && !pattern.DescendantNodes().Any(node => node is UnaryPatternSyntax or VarPatternSyntax or DiscardPatternSyntax);

    private static IEnumerable<string> FloatingPoint(CSharpCompilation compilation, SyntaxTree tree)
    {
        var model = compilation.GetSemanticModel(tree);
        return from node in tree.GetRoot().DescendantNodes()
            where node is PredefinedTypeSyntax or IdentifierNameSyntax or LiteralExpressionSyntax
            let type = node is IdentifierNameSyntax ? model.GetSymbolInfo(node).Symbol as ITypeSymbol : model.GetTypeInfo(node).Type
            where type?.SpecialType is SpecialType.System_Double or SpecialType.System_Single
            select NameOf(node);
    }

    private static IEnumerable<string> LoneInterfaces(CSharpCompilation compilation)
    {
        var types = compilation.GetSymbolsWithName(_ => true, SymbolFilter.Type).OfType<INamedTypeSymbol>().ToList();
        return from contract in types
            where contract.TypeKind == TypeKind.Interface
            let count = types.Count(type =>
                type.TypeKind != TypeKind.Interface && type.AllInterfaces.Any(one => SymbolEqualityComparer.Default.Equals(one.OriginalDefinition, contract))
            )
            where count < 2
            select contract.ToDisplayString();
    }

    // Type and member that a node stands in: stable while lines move.
    private static string NameOf(SyntaxNode node)
    {
        var type = node.AncestorsAndSelf().OfType<BaseTypeDeclarationSyntax>().FirstOrDefault()?.Identifier.Text ?? "";
        var member = node.AncestorsAndSelf()
            .Select(outer =>
                outer switch
                {
                    LocalFunctionStatementSyntax function => function.Identifier.Text,
                    MethodDeclarationSyntax method => method.Identifier.Text,
                    ConstructorDeclarationSyntax => "constructor",
                    PropertyDeclarationSyntax property => property.Identifier.Text,
                    FieldDeclarationSyntax field => field.Declaration.Variables[0].Identifier.Text,
                    _ => null,
                }
            )
            .FirstOrDefault(name => name is not null);
        return $"{type}.{member ?? "(declaration)"}";
    }

    [GeneratedRegex("(Manager|Helper|Service|Util|Dto|DTO|Transaction)s?(?![a-z])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BannedWord();
}
