using Florin.Platform;
using Npgsql;

namespace Florin.Biometrics;

/// <summary>What people agree to.</summary>
internal sealed class ConsentTexts(Database database, TimeProvider clock)
{
    /// <summary>The version in force: the newest that has begun.</summary>
    public async Task<string> CurrentAsync(CancellationToken cancel) => (await TextsAsync(cancel))[0].Version;

    /// <summary>Passes for the version in force.</summary>
    /// <exception cref="Refusal"><c>face_consent_outdated</c>, <c>invalid_request</c> where none is given</exception>
    public async Task DemandCurrentAsync(string? version, CancellationToken cancel)
    {
        if (string.IsNullOrEmpty(version))
        {
            throw PlatformRefusals.InvalidRequest.Field("consent", "must be the version of the text that you agree to");
        }

        if (!string.Equals(version, await CurrentAsync(cancel), StringComparison.Ordinal))
        {
            throw BiometricsRefusals.ConsentOutdated.With();
        }
    }

    /// <summary>The text in force in every language.</summary>
    public async Task<IReadOnlyList<(string Version, string Language, string Body)>> TextsAsync(CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            select version, language, body from biometrics.consent_texts
            where version = (select version from biometrics.consent_texts where since <= $1 order by since desc, version desc limit 1) order by language
            """
        );
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        var texts = new List<(string, string, string)>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            texts.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2)));
        }

        return texts.Count > 0 ? texts : throw new InvalidOperationException("no consent text is in force: is the server's clock right?");
    }
}
