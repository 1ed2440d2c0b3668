using Florin.Activity;
using Florin.Platform;

namespace Florin.Identity;

/// <summary>Ends an account: every module takes away what names the person, in one transaction, unless one objects.</summary>
internal sealed class PersonErasure(Database database, IEnumerable<IPersonalData> modules, Sessions sessions, FileStore files, TimeProvider clock)
{
    /// <exception cref="Refusal">A module objects, such as <c>last_admin</c>; nothing was changed.</exception>
    public async Task EraseAsync(Guid person, ActivityEntry entry, CancellationToken cancel)
    {
        var (picture, ended) = await database.TransactionAsync(
            async connection =>
            {
                var locked = await Admins.LockAsync(connection, person, cancel);
                if (locked.IsLastAdmin)
                {
                    throw CredentialRefusals.LastAdmin.With();
                }

                foreach (var module in modules)
                {
                    await module.EraseAsync(person, connection, cancel);
                }

                await EmptyKeptAnswers.RequestAsync(connection, person, clock.GetUtcNow(), cancel);
                var revoked = await sessions.RevokeAllAsync(connection, person, null, "account_deleted", cancel);
                await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                return (locked.Picture, revoked);
            },
            cancel
        );
        sessions.MakeKnown(ended);
        if (picture is not null)
        {
            files.Delete(SetPicture.Folder, picture);
        }
    }
}
