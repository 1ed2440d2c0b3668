using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Florin.Money;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Florin.Platform;

/// <summary><c>/openapi/v1.json</c>: what the API takes and answers, read off the routes; and <c>/docs</c>, a page that shows it.</summary>
internal static class ApiDescription
{
    private const string Problem = "Problem";
    private const string Bearer = "bearer";

    internal static void AddApiDescription(this IServiceCollection services) =>
        services.AddOpenApi(
            "v1",
            options =>
            {
                options.ShouldInclude = route =>
                    route.RelativePath is { } path
                    && (path.StartsWith("v1/", StringComparison.Ordinal) || path.StartsWith("health/", StringComparison.Ordinal));
                options.CreateSchemaReferenceId = NameOf;
                options.AddSchemaTransformer(DescribeSchema);
                options.AddOperationTransformer(DescribeOperation);
                options.AddDocumentTransformer(DescribeDocument);
            }
        );

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi().AllowAnonymous();
        routes
            .MapSwaggerUI(
                "docs",
                page =>
                {
                    page.DocumentTitle = "Florin API";
                    page.SwaggerEndpoint("/openapi/v1.json", "Florin v1");
                }
            )
            .AllowAnonymous();
    }

    private static Task DescribeDocument(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancel)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Florin",
            Version = "v1",
            Description =
                "Money is a decimal string with exactly the currency's digits. Refusals are problem documents (RFC 9457) with a permanent `code`. "
                + "Lists are newest first and continue with `cursor`.",
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
        };
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
        document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = Bearer,
            BearerFormat = "JWT",
            Description = "The access token of a session, or an API key.",
        };
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        document.Components.Schemas[Problem] = ProblemSchema();
        return Task.CompletedTask;
    }

    private static Task DescribeOperation(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Responses ??= [];
        operation.Responses.TryAdd(
            "default",
            new OpenApiResponse
            {
                Description = "A refusal; its permanent code says which.",
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    ["application/problem+json"] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(Problem, context.Document) },
                },
            }
        );
        if (!metadata.OfType<IAllowAnonymous>().Any())
        {
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
        }

        if (IsKeyed(metadata))
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(
                new OpenApiParameter
                {
                    Name = Idempotency.Header,
                    In = ParameterLocation.Header,
                    Required = true,
                    Description = "Two calls with one key are one call: the second is given the first one's answer, with Idempotency-Replayed: true.",
                    Schema = new OpenApiSchema
                    {
                        Type = JsonSchemaType.String,
                        MinLength = 1,
                        MaxLength = 255,
                    },
                }
            );
        }

        return Task.CompletedTask;
    }

    /// <summary>Whether the route reads an idempotency key: its handler asks for <see cref="Idempotency"/>.</summary>
    private static bool IsKeyed(IEnumerable<object> metadata) =>
        metadata.OfType<MethodInfo>().Any(handler => handler.GetParameters().Any(parameter => parameter.ParameterType == typeof(Idempotency)));

    private static async Task DescribeSchema(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancel)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (type == typeof(Amount))
        {
            schema.Type = JsonSchemaType.Object;
            schema.Description = "Money: a decimal string with exactly the currency's digits after the point.";
            schema.Required = new HashSet<string>(StringComparer.Ordinal) { "amount", "currency" };
            schema.AdditionalPropertiesAllowed = false;
            schema.Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
            {
                ["amount"] = Text(@"^-?(0|[1-9]\d*)(\.\d+)?$", "12.34"),
                ["currency"] = Text("^[A-Z]{3}$", "KZT"),
            };
        }
        else if (type == typeof(Currency))
        {
            schema.Type = JsonSchemaType.String;
            schema.Pattern = "^[A-Z]{3}$";
        }
        else if (type == typeof(DateTimeOffset))
        {
            schema.Type = JsonSchemaType.String;
            schema.Format = "date-time";
        }
        else if (IsOptional(type))
        {
            // What may be left out is on the wire what it is where it is given.
            var given = await context.GetOrCreateSchemaAsync(type.GetGenericArguments()[0], null, cancel);
            schema.Type = given.Type is null ? null : given.Type | JsonSchemaType.Null;
            schema.Format = given.Format;
            schema.Pattern = given.Pattern;
            schema.Items = given.Items;
            schema.Properties = given.Properties;
            schema.Required = given.Required;
        }
    }

    private static OpenApiSchema ProblemSchema() =>
        new()
        {
            Type = JsonSchemaType.Object,
            Description = "RFC 9457. Further members may say more about the case.",
            Required = new HashSet<string>(StringComparer.Ordinal) { "title", "status", "code", "request_id" },
            Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
            {
                ["type"] = Text(null, "about:blank"),
                ["title"] = Text(null, PlatformRefusals.InvalidRequest.Title),
                ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Examples = [JsonValue.Create(400)] },
                ["code"] = Text("^[a-z0-9_]+$", PlatformRefusals.InvalidRequest.Code),
                ["detail"] = Text(null, null),
                ["request_id"] = Text(null, null),
                ["errors"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Description = "Messages by field of the request.",
                    AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = Text(null, null) },
                },
            },
        };

    private static OpenApiSchema Text(string? pattern, string? example) =>
        new()
        {
            Type = JsonSchemaType.String,
            Pattern = pattern,
            Examples = example is null ? null : [JsonValue.Create(example)],
        };

    // Use cases nest types that are all called Request and Response, some of them in a Page.
    private static string? NameOf(JsonTypeInfo type) =>
        IsOptional(type.Type) || type.Type == typeof(Currency) || OpenApiOptions.CreateDefaultSchemaReferenceId(type) is null ? null : NameOf(type.Type);

    private static string NameOf(Type type)
    {
        var own = type.Name.Split('`')[0].Replace("[]", "List", StringComparison.Ordinal);
        own = type.IsGenericType ? $"{own}Of{string.Concat(type.GetGenericArguments().Select(NameOf))}" : own;
        return type is { DeclaringType: { } outer, IsGenericParameter: false } ? outer.Name + own : own;
    }

    private static bool IsOptional(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Optional<>);
}
