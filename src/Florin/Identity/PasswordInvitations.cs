using Florin.Ledger;
using Florin.Platform;
using Npgsql;

namespace Florin.Identity;

/// <summary>How somebody for whom an account was made sets the first password.</summary>
/// <param name="Id"><c>rst_…</c>, for <c>POST /v1/password-resets/confirm</c>.</param>
/// <param name="ExpiresAt">The code is not valid from then on; then a reset of the password gives another.</param>
/// <param name="SandboxCode">The code itself, in sandbox mode only.</param>
public sealed record PasswordInvitation(string Id, DateTimeOffset ExpiresAt, string? SandboxCode);

/// <summary>Invites people who were made without a password to set one: a code of the reset, with more time.</summary>
public sealed class PasswordInvitations(Database database, Secrets secrets, Settings settings, TimeProvider clock)
{
    /// <summary>How long the code is valid. It has five tries as every code.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(7);

    private readonly Codes codes = new(database, secrets, clock);

    /// <summary>Makes a commit, which makes the person too, send them a code.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="person">Somebody with an e-mail address or a phone number, of which none is proven.</param>
    /// <param name="by">Who made the account, as they read it.</param>
    /// <param name="cancel">Stops looking.</param>
    /// <exception cref="Refusal"><c>no_contact</c>, <c>rate_limited</c> where the address was sent too many</exception>
    public async Task<PasswordInvitation> AddToAsync(LedgerCommit commit, Person person, string by, CancellationToken cancel)
    {
        var (channel, to) = PasswordCodes.ContactOf(person) ?? throw IdentityRefusals.NoContact.With();
        await codes.RequireQuietAsync(to, cancel);
        var what = new PasswordCode(person.Id, person.PasswordHash, channel, to, null);
        var (code, insert) = codes.New(ResetPassword.Purpose, null, channel, to, what, Life);
        var id = Ids.Show(ResetPassword.Prefix, code.Id);
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["code"] = code.Digits,
            ["id"] = id,
            ["shop"] = by,
        };
        NpgsqlParameter[] parameters = [.. insert.Parameters.Cast<NpgsqlParameter>()];
        insert.Parameters.Clear(); // they belong to one command only
        commit.Rows.Add(new RowChange(insert.CommandText, parameters, Rows: 1, LedgerRefusals.AlreadyDone, "identity.codes", code.Id));
        commit.Inserts.Add(Outbox.Row(new MessageRequest(channel, to, "account_opened_code", values).Event(secrets, person.Id)));
        return new PasswordInvitation(id, code.ExpiresAt, code.Shown(settings));
    }
}
