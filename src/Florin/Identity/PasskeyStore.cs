using Florin.Platform;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Florin.Identity;

/// <summary>What the framework's check of passkeys asks of our tables: it reads; <see cref="Passkeys"/> writes.</summary>
internal sealed class PasskeyStore(FlorinDb db) : IUserPasskeyStore<Person>
{
    public Task<string> GetUserIdAsync(Person user, CancellationToken cancellationToken) => Task.FromResult(Handle(user.Id));

    public Task<string?> GetUserNameAsync(Person user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.DisplayName);

    public async Task<Person?> FindByIdAsync(string userId, CancellationToken cancellationToken) =>
        Guid.TryParseExact(userId, "N", out var id)
            ? await db
                .People.AsNoTracking()
                .SingleOrDefaultAsync(person => person.Id == id && person.DeactivatedAt == null && person.DeletedAt == null, cancellationToken)
            : null;

    public async Task<UserPasskeyInfo?> FindPasskeyAsync(Person user, byte[] credentialId, CancellationToken cancellationToken) =>
        (
            await db
                .Passkeys.AsNoTracking()
                .SingleOrDefaultAsync(passkey => passkey.PersonId == user.Id && passkey.CredentialId == credentialId, cancellationToken)
        )?.Info();

    public async Task<Person?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken)
    {
        var owner = await db
            .Passkeys.Where(passkey => passkey.CredentialId == credentialId)
            .Select(passkey => (Guid?)passkey.PersonId)
            .SingleOrDefaultAsync(cancellationToken);
        return owner is { } id ? await FindByIdAsync(Handle(id), cancellationToken) : null;
    }

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(Person user, CancellationToken cancellationToken)
    {
        var passkeys = await db
            .Passkeys.AsNoTracking()
            .Where(passkey => passkey.PersonId == user.Id)
            .OrderBy(passkey => passkey.Id)
            .ToListAsync(cancellationToken);
        return passkeys.ConvertAll(passkey => passkey.Info());
    }

    /// <summary>The user handle: what a device keeps of whose the passkey is. Says nothing about them.</summary>
    public static string Handle(Guid person) => person.ToString("N");

    public void Dispose()
    {
        // The context is the scope's.
    }

    public Task AddOrUpdatePasskeyAsync(Person user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => throw Never();

    public Task RemovePasskeyAsync(Person user, byte[] credentialId, CancellationToken cancellationToken) => throw Never();

    public Task SetUserNameAsync(Person user, string? userName, CancellationToken cancellationToken) => throw Never();

    public Task<string?> GetNormalizedUserNameAsync(Person user, CancellationToken cancellationToken) => throw Never();

    public Task SetNormalizedUserNameAsync(Person user, string? normalizedName, CancellationToken cancellationToken) => throw Never();

    public Task<IdentityResult> CreateAsync(Person user, CancellationToken cancellationToken) => throw Never();

    public Task<IdentityResult> UpdateAsync(Person user, CancellationToken cancellationToken) => throw Never();

    public Task<IdentityResult> DeleteAsync(Person user, CancellationToken cancellationToken) => throw Never();

    public Task<Person?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) => throw Never();

    private static NotSupportedException Never() => new("people and passkeys are written by their own use cases");
}
