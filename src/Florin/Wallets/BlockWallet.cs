using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Identity;
using Florin.Ledger;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>
/// <c>POST /v1/wallets/{id}/block</c> and <c>…/unblock</c>: staff stop what goes out of one wallet; what comes in still does. Support may block; only an
/// admin lets go.
/// </summary>
internal static class BlockWallet
{
    /// <param name="Reason">3 to 200 characters; the owner may read it in their activity.</param>
    public sealed record Request([property: Required, StringLength(200, MinimumLength = 3)] string Reason);

    public static void Map(RouteGroupBuilder wallets)
    {
        wallets.MapPost("/{id}/block", BlockAsync).RequireAuthorization(Policies.Support);
        wallets.MapPost("/{id}/unblock", UnblockAsync).RequireAuthorization(Policies.Admin);
    }

    private static Task<DeskWallet> BlockAsync(string id, Request request, HttpContext http, Blocking blocking, CancellationToken cancel) =>
        blocking.SetAsync(id, request, blocked: true, http, cancel);

    private static Task<DeskWallet> UnblockAsync(string id, Request request, HttpContext http, Blocking blocking, CancellationToken cancel) =>
        blocking.SetAsync(id, request, blocked: false, http, cancel);

    /// <summary>Blocks and lets go of wallets.</summary>
    internal sealed class Blocking(WalletDesk desk, WalletFacts facts, LedgerReads reads, GeneralLedger ledger, ActivityLog activity)
    {
        /// <exception cref="Refusal"><c>not_found</c>, <c>account_closed</c>, <c>own_roles</c> for one's own</exception>
        public async Task<DeskWallet> SetAsync(string id, Request request, bool blocked, HttpContext http, CancellationToken cancel)
        {
            var found = await desk.FindAsync(id, cancel);
            var owner = (await facts.ByAccountsAsync([found.Account], cancel))[found.Account].Person;
            if (owner == Caller.Of(http).Person)
            {
                throw CredentialRefusals.OwnRoles.With("Nobody blocks or unblocks their own wallet.");
            }

            var reason = Names.Clean(request.Reason, "reason", 200, lines: false);
            var account = (await reads.AccountsAsync([found.Account], cancel))[found.Account];
            if (account.Flags.HasFlag(AccountFlags.Closed))
            {
                throw LedgerRefusals.AccountClosed.With();
            }

            if (account.Flags.HasFlag(AccountFlags.BlockedOutgoing) == blocked)
            {
                return found; // it is so already
            }

            var change = blocked
                ? new AccountChange(found.Account) { Set = AccountFlags.BlockedOutgoing }
                : new AccountChange(found.Account) { Clear = AccountFlags.BlockedOutgoing };
            var action = blocked ? "wallets.blocked" : "wallets.unblocked";
            var entry = activity.Entry(http, action, owner, new { wallet = found.Wallet.Id, reason });
            await ledger.CommitAsync(new LedgerCommit { Changes = { change }, Inserts = { ActivityLog.Row(entry) } });
            return await desk.FindAsync(id, cancel);
        }
    }
}
