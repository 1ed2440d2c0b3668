using System.Security.Cryptography;
using System.Text;
using Florin.Gateways;
using Florin.Identity;
using Florin.Payments;
using Florin.Platform;
using Florin.Shops;
using Florin.Tests.Identity;
using Microsoft.Extensions.DependencyInjection;
using SignedIn = Florin.Tests.Identity.SignedIn;

namespace Florin.Tests.Admin;

/// <summary>The installation's secret is replaced: everything sealed is sealed anew, and what cannot be is accepted while the former secret is known.</summary>
public sealed class RotateKeysTests(RotateKeysTests.Server server) : IClassFixture<RotateKeysTests.Server>
{
    private const string Old = "the secret that leaked 0123456789 abcdefghij";
    private const string New = "the secret that follows it 9876543210 jihgfed";
    private static readonly Secrets Former = new(Old);
    private static readonly Secrets Current = new(New);
    private static readonly byte[] Hello = "hello"u8.ToArray();

    // Hashes, keys of others and Quartz's own: nothing that the installation's secret seals.
    private static readonly string[] NotSealed =
    [
        "activity.entries.hash",
        "biometrics.faces.template", // under the person's own key, which is sealed
        "biometrics.seen_pictures.hash",
        "files.files.sha256",
        "gateways.settlements.sha256",
        "identity.admin_tokens.hash",
        "identity.api_keys.hash",
        "identity.codes.code_hash",
        "identity.codes.destination_hash",
        "identity.known_devices.device_hash",
        "identity.passkey_answers.hash",
        "identity.passkeys.attestation",
        "identity.passkeys.client_data",
        "identity.passkeys.credential_id",
        "identity.passkeys.public_key",
        "identity.refresh_tokens.hash",
        "notifications.event_tickets.hash",
        "platform.idempotency.body",
        "platform.idempotency.request_hash",
        "shops.invitations.code_hash",
        "shops.invitations.destination_hash",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_that_is_sealed_is_sealed_anew_and_a_second_run_finds_nothing()
    {
        var person = await SignedIn.AsAsync(server.App);
        var totp = Totp.NewSecret();
        var face = Guid.NewGuid();
        var callback = Ids.New();
        await ChangeAsync("update identity.people set totp_secret = $2 where id = $1", person.Id, TotpCheck.Seal(Former, person.Id, totp));
        await ChangeAsync("insert into biometrics.keys (face_id, sealed) values ($1, $2)", face, Former.Encrypt(new byte[32], $"biometrics.key {face:N}"));
        await ChangeAsync(
            """
            insert into gateways.callbacks (id, gateway, event, kind, body, headers, received_at, outcome)
            values ($1, 'stripe', $1::text, 'x', $2, '{}', now(), 'received')
            """,
            callback,
            Former.Encrypt(Hello, $"gateways.callbacks/{callback:N}")
        );
        await ChangeAsync(
            "insert into platform.outbox (topic, aggregate, payload, audience, secret) values ('test.old', $1, '{}', '{}', $2)",
            person.Id,
            Former.Encrypt(Hello, MessageRequest.Topic)
        );
        var started = await server.App.Http.StartAsync(
            new
            {
                username = Calls.Fresh("r"),
                email = Calls.Fresh("r") + "@example.org",
                password = Calls.Password,
            }
        );

        Assert.Equal(1, await RunAsync("--check"));
        Assert.Equal(0, await RunAsync());
        Assert.Equal(0, await RunAsync("--check"));

        Assert.Equal(totp, TotpCheck.Open(Current, person.Id, (await ReadAsync("select totp_secret from identity.people where id = $1", person.Id))!));
        Assert.Equal(
            new byte[32],
            Current.Decrypt((await ReadAsync("select sealed from biometrics.keys where face_id = $1", face))!, $"biometrics.key {face:N}")
        );
        Assert.Equal(
            Hello,
            Current.Decrypt((await ReadAsync("select body from gateways.callbacks where id = $1", callback))!, $"gateways.callbacks/{callback:N}")
        );
        Assert.Equal(System.Net.HttpStatusCode.Created, (await server.App.Http.VerifyAsync(started)).Status); // what the secret of now sealed is left alone

        var broken = Guid.NewGuid();
        await ChangeAsync("insert into biometrics.keys (face_id, sealed) values ($1, $2)", broken, RandomNumberGenerator.GetBytes(60));
        Assert.Equal(1, await RunAsync()); // said, and left as it is
        await ChangeAsync("delete from biometrics.keys where face_id = $1 and $2::bytea is not null", broken, new byte[1]);
    }

    [Fact]
    public async Task Every_column_of_bytes_is_either_sealed_anew_or_known_not_to_be_sealed()
    {
        var all = await server.App.Database.ScalarAsync<string[]>(
            """
            select array_agg(table_schema || '.' || table_name || '.' || column_name order by 1) from information_schema.columns
            where data_type = 'bytea' and table_schema not in ('pg_catalog', 'information_schema', 'jobs')
            """
        );
        var registered = server.App.Services.GetServices<SealedColumn>().Select(column => $"{column.Table}.{column.Column}").ToList();
        Assert.Equal(registered.Count, registered.Distinct(StringComparer.Ordinal).Count());
        Assert.Empty(registered.Except(all!, StringComparer.Ordinal));
        var unknown = all!
            .Except(registered, StringComparer.Ordinal)
            .Where(column => !column.EndsWith("hash", StringComparison.Ordinal))
            .Except(NotSealed, StringComparer.Ordinal);
        Assert.Empty(unknown);
    }

    [Fact]
    public void Contexts_are_those_that_the_modules_seal_with()
    {
        var id = Ids.New();
        var columns = server.App.Services.GetServices<SealedColumn>().ToDictionary(column => $"{column.Table}.{column.Column}", StringComparer.Ordinal);
        Opens("payments.attempts.contact", Attempt.Seal(Current, id, new PayerContact("A", null, null)));
        Opens("payments.attempts.next_action", Attempt.Seal(Current, id, new NextAction("redirect")));
        Opens("shops.bank_accounts.sealed", BankAccount.Seal(Current, id, new BankNumbers("KZ", null, null, null)));

        void Opens(string column, byte[] sealedBytes) => Assert.NotEmpty(Current.Decrypt(sealedBytes, columns[column].Context([id.ToString()])));
    }

    [Fact]
    public void What_was_printed_or_noted_under_the_former_secret_is_good_while_that_is_known()
    {
        var both = new Secrets(New, Old);
        var printed = new PaySignatures(Former).OfStanding("shop-code");
        Assert.True(new PaySignatures(both).IsRightStanding("shop-code", printed));
        Assert.False(new PaySignatures(Current).IsRightStanding("shop-code", printed));
        Assert.NotEqual(printed, new PaySignatures(both).OfStanding("shop-code"));

        var person = Guid.NewGuid();
        var noted = RecoveryCodes.Hash(Former, person, "abcde-fghjk");
        Assert.Contains(noted, RecoveryCodes.Hashes(both, person, "abcde-fghjk"));
        Assert.DoesNotContain(noted, RecoveryCodes.Hashes(Current, person, "abcde-fghjk"));
        Assert.Equal(RecoveryCodes.Hash(Current, person, "abcde-fghjk"), RecoveryCodes.Hash(both, person, "abcde-fghjk"));
        Assert.Throws<AuthenticationTagMismatchException>(() => both.Decrypt(Former.Encrypt("x"u8, "one"), "another"));
        Assert.Equal("x", Encoding.UTF8.GetString(both.Decrypt(Former.Encrypt("x"u8, "one"), "one")));
    }

    private async Task<int> RunAsync(params string[] typed)
    {
        var command = server.App.Services.GetServices<Command>().Single(one => one.Name is "rotate-keys");
        return await Commands.RunAsync(new CommandCall(server.App.Services, TextWriter.Null, TextWriter.Null), command, typed);
    }

    private Task<byte[]?> ReadAsync(string sql, Guid id) => server.App.Database.ScalarAsync<byte[]>(sql, id);

    private Task<long> ChangeAsync(string sql, Guid id, byte[] value) => server.App.Database.ScalarAsync<long>(sql, id, value);

    /// <summary>A server that knows both secrets.</summary>
    public sealed class Server : IAsyncLifetime
    {
        private TestDatabase? database;

        public FlorinApp App { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            database = await TestDatabase.CreateAsync();
            App = new FlorinApp(database)
            {
                Settings =
                {
                    ["FLORIN_DATABASE_OWNER"] = database.OwnerConnection,
                    ["FLORIN_SECRET_KEY"] = New,
                    ["FLORIN_SECRET_KEY_FORMER"] = Old,
                },
            };
            await App.InitializeAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await App.DisposeAsync();
            await database!.DisposeAsync();
        }
    }
}
