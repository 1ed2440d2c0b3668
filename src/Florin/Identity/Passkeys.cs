using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Florin.Platform;
using Microsoft.AspNetCore.Identity;
using Npgsql;

namespace Florin.Identity;

/// <summary>A question to a device.</summary>
/// <param name="Options">For <c>navigator.credentials</c>: <c>parseCreationOptionsFromJSON</c> or <c>parseRequestOptionsFromJSON</c>.</param>
/// <param name="State">Comes back with the answer.</param>
/// <param name="ExpiresAt">Not valid from then on.</param>
public sealed record PasskeyQuestion(JsonElement Options, string State, DateTimeOffset ExpiresAt);

/// <summary>A device's answer.</summary>
/// <param name="State">That of the question.</param>
/// <param name="Credential">What <c>navigator.credentials</c> gave, as <c>toJSON()</c> shows it.</param>
public sealed record PasskeyAnswer([property: Secret] string State, [property: Secret] JsonElement Credential);

/// <summary>
/// Asks devices for passkeys and checks what they answer, by the framework's own WebAuthn. The person is always verified by the device (fingerprint,
/// face, its PIN), so that one passkey is two factors. A question is for one purpose, lives five minutes and is answered once.
/// </summary>
public sealed class Passkeys
{
    /// <summary>The purpose of signing in.</summary>
    public const string SignIn = "sign_in";

    /// <summary>The purpose of making a passkey.</summary>
    public const string Make = "make";

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    private readonly IPasskeyHandler<Person> handler;
    private readonly Secrets secrets;
    private readonly Database database;
    private readonly TimeProvider clock;

    internal Passkeys(IPasskeyHandler<Person> handler, Secrets secrets, Database database, TimeProvider clock)
    {
        this.handler = handler;
        this.secrets = secrets;
        this.database = database;
        this.clock = clock;
    }

    /// <summary>Asks for any passkey of a person; of anybody where null, and the device says whose.</summary>
    /// <param name="http">The request.</param>
    /// <param name="person">Who must answer.</param>
    /// <param name="purpose">What the answer is good for, such as <c>pay/pay_…</c>.</param>
    public async Task<PasskeyQuestion> AskAsync(HttpContext http, Person? person, string purpose)
    {
        var asked = await handler.MakeRequestOptionsAsync(person, http);
        return Question(asked.RequestOptionsJson, asked.AssertionState ?? "", purpose);
    }

    /// <summary>Checks an answer.</summary>
    /// <returns>Whose passkey it is.</returns>
    /// <exception cref="Refusal"><c>passkey_not_valid</c></exception>
    public async Task<Person> CheckAsync(HttpContext http, PasskeyAnswer answer, string purpose, CancellationToken cancel)
    {
        var state = Open(answer.State, purpose);
        var context = new PasskeyAssertionContext
        {
            HttpContext = http,
            CredentialJson = answer.Credential.GetRawText(),
            AssertionState = state,
        };
        var result = await handler.PerformAssertionAsync(context);
        if (!result.Succeeded)
        {
            throw CredentialRefusals.PasskeyNotValid.With();
        }

        await UseUpAsync(answer.State, cancel);
        // Guarded by the count that was compared: of two answers of a copied passkey one is late.
        await using var used = database.Source.CreateCommand(
            """
            update identity.passkeys set sign_count = $2, backed_up = $3, last_used_at = $4
            where credential_id = $1 and ($2 = 0 or sign_count < $2)
            """
        );
        used.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = result.Passkey.CredentialId });
        used.Parameters.Add(new NpgsqlParameter<long> { TypedValue = result.Passkey.SignCount });
        used.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = result.Passkey.IsBackedUp });
        used.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        return await used.ExecuteNonQueryAsync(cancel) == 1 ? result.User : throw CredentialRefusals.PasskeyNotValid.With();
    }

    /// <summary>Asks for a new passkey.</summary>
    internal async Task<PasskeyQuestion> AskForNewAsync(HttpContext http, Person person)
    {
        var asked = await handler.MakeCreationOptionsAsync(
            new PasskeyUserEntity
            {
                Id = PasskeyStore.Handle(person.Id),
                Name = person.Username ?? person.Email ?? person.Phone ?? person.DisplayName,
                DisplayName = person.DisplayName,
            },
            http
        );
        return Question(asked.CreationOptionsJson, asked.AttestationState ?? "", Make);
    }

    /// <summary>Checks a new passkey.</summary>
    /// <exception cref="Refusal"><c>passkey_not_valid</c></exception>
    internal async Task<UserPasskeyInfo> CheckNewAsync(HttpContext http, Guid person, PasskeyAnswer answer, CancellationToken cancel)
    {
        var context = new PasskeyAttestationContext
        {
            HttpContext = http,
            CredentialJson = answer.Credential.GetRawText(),
            AttestationState = Open(answer.State, Make),
        };
        var result = await handler.PerformAttestationAsync(context);
        if (!result.Succeeded || !string.Equals(result.UserEntity.Id, PasskeyStore.Handle(person), StringComparison.Ordinal))
        {
            throw CredentialRefusals.PasskeyNotValid.With();
        }

        await UseUpAsync(answer.State, cancel);
        return result.Passkey;
    }

    private PasskeyQuestion Question(string options, string state, string purpose)
    {
        var expires = clock.GetUtcNow() + Life;
        using var document = JsonDocument.Parse(options);
        var text = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{expires.UtcTicks} {state}");
        return new PasskeyQuestion(
            document.RootElement.Clone(),
            Base64Url.EncodeToString(secrets.Encrypt(Encoding.UTF8.GetBytes(text), Context(purpose))),
            expires
        );
    }

    private string Open(string sealedState, string purpose)
    {
        try
        {
            var text = Encoding.UTF8.GetString(secrets.Decrypt(Base64Url.DecodeFromChars(sealedState), Context(purpose)));
            var end = text.IndexOf(' ', StringComparison.Ordinal);
            var expires = long.Parse(text[..end], System.Globalization.CultureInfo.InvariantCulture);
            return clock.GetUtcNow().UtcTicks < expires ? text[(end + 1)..] : throw CredentialRefusals.PasskeyNotValid.With();
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            throw CredentialRefusals.PasskeyNotValid.With();
        }
    }

    private async Task UseUpAsync(string state, CancellationToken cancel)
    {
        await using var use = database.Source.CreateCommand("insert into identity.passkey_answers (hash, expires_at) values ($1, $2) on conflict do nothing");
        use.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = SHA256.HashData(Encoding.UTF8.GetBytes(state)) });
        use.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (clock.GetUtcNow() + Life).UtcDateTime });
        if (await use.ExecuteNonQueryAsync(cancel) != 1)
        {
            throw CredentialRefusals.PasskeyNotValid.With();
        }
    }

    private static string Context(string purpose) => "passkey/" + purpose;
}
