using System.Text.Json;
using System.Text.Json.Serialization;

namespace Florin.Platform;

/// <summary>
/// A member of a PATCH request that may be left out: what is left out stays as it is, an explicit null clears it (RFC 7396).
/// Give it as a property with <c>get; init;</c>: the description of the API cannot show a constructor parameter with <c>= default</c>.
/// </summary>
/// <param name="Given">Whether the request has the member.</param>
/// <param name="Value">Its value, where given.</param>
[JsonConverter(typeof(OptionalConverterFactory))]
public readonly record struct Optional<T>(bool Given, T? Value)
{
    /// <summary>The given value, else the present one.</summary>
    public T? Or(T? present) => Given ? Value : present;
}

internal sealed class OptionalConverterFactory : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Optional<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(OptionalConverter<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;
}

internal sealed class OptionalConverter<T> : JsonConverter<Optional<T>>
{
    public override bool HandleNull => true;

    public override Optional<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(Given: true, reader.TokenType == JsonTokenType.Null ? default : JsonSerializer.Deserialize<T>(ref reader, options));

    public override void Write(Utf8JsonWriter writer, Optional<T> value, JsonSerializerOptions options)
    {
        if (value.Given)
        {
            JsonSerializer.Serialize(writer, value.Value, options);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
