using Florin.Platform;
using Microsoft.AspNetCore.Identity;
using NpgsqlTypes;

namespace Florin.Identity;

/// <summary>A passkey of a person: what is kept of it, all of it public.</summary>
internal sealed class Passkey
{
    /// <summary>The prefix of public ids.</summary>
    public const string Prefix = "psk";

    /// <summary>The longest name.</summary>
    public const int NameLength = 60;

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; } = Ids.New();

    public required Guid PersonId { get; init; }

    /// <summary>By which the device knows it.</summary>
    public required byte[] CredentialId { get; init; }

    /// <summary>As a COSE key.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>What the owner calls it.</summary>
    public required string Name { get; init; }

    /// <summary>Grows with each use on devices that count; 0 on those that do not.</summary>
    public required long SignCount { get; init; }

    public required string[] Transports { get; init; }

    public required bool BackupEligible { get; init; }

    public required bool BackedUp { get; init; }

    public required byte[] Attestation { get; init; }

    public required byte[] ClientData { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>The insert.</summary>
    public static readonly InsertShape<Passkey> Shape = new(
        "insert into identity.passkeys (id, person_id, credential_id, public_key, name, sign_count, transports, backup_eligible, backed_up, attestation, "
            + "client_data, created_at) select u.id, u.person_id, u.credential_id, u.public_key, u.name, u.sign_count, string_to_array(u.transports, ' '), "
            + "u.backup_eligible, u.backed_up, u.attestation, u.client_data, u.created_at from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
            + "u(id, person_id, credential_id, public_key, name, sign_count, transports, backup_eligible, backed_up, attestation, client_data, created_at)",
        Column.Of((Passkey p) => p.Id, NpgsqlDbType.Uuid),
        Column.Of((Passkey p) => p.PersonId, NpgsqlDbType.Uuid),
        Column.Of((Passkey p) => p.CredentialId, NpgsqlDbType.Bytea),
        Column.Of((Passkey p) => p.PublicKey, NpgsqlDbType.Bytea),
        Column.Of((Passkey p) => p.Name, NpgsqlDbType.Text),
        Column.Of((Passkey p) => p.SignCount, NpgsqlDbType.Bigint),
        Column.Of((Passkey p) => string.Join(' ', p.Transports), NpgsqlDbType.Text),
        Column.Of((Passkey p) => p.BackupEligible, NpgsqlDbType.Boolean),
        Column.Of((Passkey p) => p.BackedUp, NpgsqlDbType.Boolean),
        Column.Of((Passkey p) => p.Attestation, NpgsqlDbType.Bytea),
        Column.Of((Passkey p) => p.ClientData, NpgsqlDbType.Bytea),
        Column.Of((Passkey p) => p.CreatedAt.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    /// <summary>As the framework's check wants it.</summary>
    public UserPasskeyInfo Info() =>
        new(CredentialId, PublicKey, CreatedAt, (uint)SignCount, Transports, isUserVerified: true, BackupEligible, BackedUp, Attestation, ClientData)
        {
            Name = Name,
        };
}
