using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Florin.Tests.Architecture;

/// <summary>No SQL text names another module's schema.</summary>
public sealed partial class SqlSchemaTests
{
    // Stands for a value that is put into the text when it runs.
    private const char Hole = '\u25a1';

    private static readonly Lazy<(HashSet<string> Schemas, HashSet<string> Objects)> Known = new(ReadMigrations);

    [Fact]
    public void Code_names_only_its_own_schema()
    {
        var texts = Texts(Sources.Compilation).ToList();
        var named = texts.SelectMany(text => Named(text).Select(schema => (text.Module, Schema: schema, text.Place))).ToList();
        Assert.True(named.Count > 10, $"only {named.Count} names of tables were seen");
        var wrong = named.Where(name => !Owns(name.Module, name.Schema)).Select(name => $"{name.Module} names schema {name.Schema} at {name.Place}");
        KnownOffenders.None(wrong);
    }

    [Fact]
    public void Mapped_tables_stand_in_the_module_s_own_schema()
    {
        var wrong =
            from tree in Sources.Compilation.SyntaxTrees
            let module = Sources.ModuleOf(tree.FilePath)
            where module is not null
            from call in tree.GetRoot().DescendantNodes().OfType<InvocationExpressionSyntax>()
            where call.Expression is MemberAccessExpressionSyntax { Name.Identifier.Text: "ToTable" or "ToView" or "HasDefaultSchema" }
            let schema = call
                .ArgumentList.Arguments.Where(argument => argument.Expression is LiteralExpressionSyntax)
                .Select(argument => argument.Expression)
                .LastOrDefault()
            where !Owns(module, (schema as LiteralExpressionSyntax)?.Token.ValueText)
            select $"{tree.FilePath}: {call}";
        KnownOffenders.None(wrong);
    }

    [Fact]
    public void A_migration_touches_only_its_own_schema()
    {
        Assert.NotEmpty(Sources.Migrations);
        var wrong = Sources.Migrations.SelectMany(file => ForeignNames(file, Sources.Read(file)).Select(name => $"{file} names {name}"));
        KnownOffenders.None(wrong);
    }

    [Theory]
    [InlineData("\"select balance from ledger.accounts\"")]
    [InlineData("\"select balance from \" + \"led\" + \"ger.accounts\"")]
    [InlineData("$\"select balance from ledger.{table}\"")]
    [InlineData("$$\"\"\"update ledger . \"accounts\" set balance = {{table}}\"\"\"")]
    [InlineData("\"ledger.accounts\"")]
    [InlineData("$\"select balance from {Schema}.accounts\"")]
    [InlineData("\"set search_path to ledger\"")]
    public void Another_module_s_schema_is_caught(string expression)
    {
        var code = $$"""namespace Florin.Wallets; class Source { const string Schema = "ledger"; string Sql(string table) => {{expression}}; }""";
        var compilation = Sources.Compile([("src/Florin/Wallets/Source.cs", code)]);
        Assert.Contains("ledger", Texts(compilation).SelectMany(Named));
    }

    [Theory]
    [InlineData("\"ledger.posted\"")] // a topic, not a table
    [InlineData("\"select * from wallets.things\"")]
    [InlineData("\"see the ledger. Accounts are there\"")]
    public void What_is_no_table_of_another_module_passes(string expression)
    {
        var compilation = Sources.Compile([("src/Florin/Wallets/Source.cs", $"namespace Florin.Wallets; class Source {{ string Text => {expression}; }}")]);
        Assert.DoesNotContain("ledger", Texts(compilation).SelectMany(Named));
    }

    [Fact]
    public void A_migration_that_reaches_out_is_caught()
    {
        const string sql = """
            -- ledger.accounts in a comment is no matter
            grant select on ledger.accounts to {{server}};
            create table activity.more (account bigint references ledger.accounts (id));
            """;
        Assert.Equal(["ledger.accounts"], ForeignNames("src/Florin/Migrations/0009_activity_more.sql", sql));
        Assert.Equal(["ledger.accounts"], ForeignNames("src/Florin/Migrations/0009_more.sql", sql));
    }

    // Quartz's tables have a schema of their own, and are Platform's.
    private static bool Owns(string module, string? schema) =>
        string.Equals(module, schema, StringComparison.OrdinalIgnoreCase) || (module is "Platform" && schema is "jobs");

    private sealed record Text(string Module, string Value, string Place);

    // Every string expression at its outermost: concatenations and constants put together, values that are not constant as holes.
    private static IEnumerable<Text> Texts(CSharpCompilation compilation)
    {
        foreach (var tree in compilation.SyntaxTrees)
        {
            if (Sources.ModuleOf(tree.FilePath) is not { } module)
            {
                continue;
            }

            var model = compilation.GetSemanticModel(tree);
            foreach (
                var expression in tree.GetRoot().DescendantNodes(node => !IsText(node, model)).OfType<ExpressionSyntax>().Where(node => IsText(node, model))
            )
            {
                yield return new Text(
                    module,
                    Flatten(expression, model),
                    $"{tree.FilePath}:{expression.GetLocation().GetLineSpan().StartLinePosition.Line + 1}"
                );
            }
        }
    }

    private static bool IsText(SyntaxNode node, SemanticModel model) =>
        node switch
        {
            LiteralExpressionSyntax literal => literal.IsKind(SyntaxKind.StringLiteralExpression) || literal.IsKind(SyntaxKind.Utf8StringLiteralExpression),
            InterpolatedStringExpressionSyntax => true,
            BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression } sum => model.GetTypeInfo(sum).Type?.SpecialType == SpecialType.System_String,
            _ => false,
        };

    private static string Flatten(SyntaxNode node, SemanticModel model) =>
        node switch
        {
            LiteralExpressionSyntax literal => literal.Token.ValueText,
            BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression } sum => Flatten(sum.Left, model) + Flatten(sum.Right, model),
            InterpolatedStringExpressionSyntax text => string.Concat(text.Contents.Select(part => Flatten(part, model))),
            InterpolatedStringTextSyntax part => part.TextToken.ValueText,
            InterpolationSyntax hole => Flatten(hole.Expression, model),
            ParenthesizedExpressionSyntax inner => Flatten(inner.Expression, model),
            ExpressionSyntax other when model.GetConstantValue(other) is { HasValue: true, Value: string constant } => constant,
            _ => Hole.ToString(),
        };

    private static IEnumerable<string> Named(Text text)
    {
        var isSql = SqlWords().IsMatch(text.Value);
        foreach (Match match in QualifiedName().Matches(text.Value))
        {
            var schema = match.Groups["schema"].Value;
            var name = match.Groups["name"].Value;
            if (Known.Value.Schemas.Contains(schema) && (isSql || name[0] == Hole || Known.Value.Objects.Contains($"{schema}.{name}")))
            {
                yield return schema;
            }
        }

        if (text.Value.Contains("search_path", StringComparison.Ordinal))
        {
            foreach (var schema in Known.Value.Schemas.Where(schema => text.Value.Contains(schema, StringComparison.Ordinal)))
            {
                yield return schema;
            }
        }
    }

    // A file is its schema's by its name (0004_identity.sql), or else by the first schema that it names (0009_credentials.sql).
    private static IEnumerable<string> ForeignNames(string file, string sql)
    {
        var name = Path.GetFileNameWithoutExtension(file)[5..] + "_";
        var named = SqlComment()
            .Replace(sql, "")
            .Split(';')
            .Where(statement => !statement.TrimStart().StartsWith("grant", StringComparison.OrdinalIgnoreCase))
            .SelectMany(statement => QualifiedName().Matches(statement))
            .Select(match => (Schema: match.Groups["schema"].Value, Text: $"{match.Groups["schema"].Value}.{match.Groups["name"].Value}"))
            .Where(one => Known.Value.Schemas.Contains(one.Schema))
            .ToList();
        var own = Known.Value.Schemas.FirstOrDefault(schema => name.StartsWith(schema + "_", StringComparison.Ordinal)) ?? named.FirstOrDefault().Schema;
        return named.Where(one => !string.Equals(one.Schema, own, StringComparison.Ordinal)).Select(one => one.Text);
    }

    private static (HashSet<string> Schemas, HashSet<string> Objects) ReadMigrations()
    {
        var sql = SqlComment().Replace(string.Concat(Sources.Migrations.Select(Sources.Read)), "");
        var schemas = CreateSchema().Matches(sql).Select(match => match.Groups["schema"].Value).Append("platform").ToHashSet(StringComparer.Ordinal);
        var objects = QualifiedName()
            .Matches(sql)
            .Select(match => $"{match.Groups["schema"].Value}.{match.Groups["name"].Value}")
            .ToHashSet(StringComparer.Ordinal);
        return (schemas, objects);
    }

    [GeneratedRegex(
        @"(?<![\w.])""?(?<schema>[a-z_]+)""?\s*\.\s*""?(?<name>[a-z_]\w*|\u25a1)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex QualifiedName();

    [GeneratedRegex(
        @"\b(select\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|truncate\s|lock\s+table\s|copy\s+\S+\s+(from|to)\s|\s(join|from)\s)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase,
        1000
    )]
    private static partial Regex SqlWords();

    [GeneratedRegex(@"\bcreate\s+schema\s+(if\s+not\s+exists\s+)?(?<schema>[a-z_]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CreateSchema();

    [GeneratedRegex("--[^\n]*", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SqlComment();
}
