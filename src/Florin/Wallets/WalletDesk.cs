using Florin.Ledger;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Wallets;

/// <summary>A wallet as staff see it.</summary>
/// <param name="Wallet">As its owner sees it.</param>
/// <param name="Owner">Whose it is, <c>usr_…</c>.</param>
/// <param name="Account">The ledger's account.</param>
public sealed record DeskWallet(WalletView Wallet, string Owner, long Account);

/// <summary>Finds anybody's wallets, for staff.</summary>
public sealed class WalletDesk
{
    private const int LeastDigits = 4;
    private readonly FlorinDb db;
    private readonly LedgerReads reads;

    internal WalletDesk(FlorinDb db, LedgerReads reads)
    {
        this.db = db;
        this.reads = reads;
    }

    /// <summary>Wallets by id, number, or the last four digits or more of the number; newest first.</summary>
    /// <param name="text">As typed.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="cancel">Stops looking.</param>
    public async Task<IReadOnlyList<DeskWallet>> SearchAsync(string text, int most, CancellationToken cancel)
    {
        if (Ids.TryRead(Wallet.Prefix, text, out var id))
        {
            return await ReadAsync(db.Wallets.Where(wallet => wallet.Id == id), cancel);
        }

        var digits = text.Replace(" ", "", StringComparison.Ordinal);
        if (digits.Length is < LeastDigits or > 10 || !digits.All(char.IsAsciiDigit))
        {
            return [];
        }

        var ends = new string([.. digits.Reverse()]) + "%";
        return await ReadAsync(db.Wallets.FromSql($"select * from wallets.wallets where reverse(number) like {ends} order by id desc limit {most}"), cancel);
    }

    /// <summary>A person's wallets, closed ones too, oldest first.</summary>
    internal Task<IReadOnlyList<DeskWallet>> OfPersonAsync(Guid person, CancellationToken cancel) =>
        ReadAsync(db.Wallets.Where(wallet => wallet.PersonId == person).OrderBy(wallet => wallet.Id), cancel);

    /// <summary>One wallet.</summary>
    /// <exception cref="Refusal"><c>not_found</c></exception>
    internal async Task<DeskWallet> FindAsync(string id, CancellationToken cancel)
    {
        var key = Ids.Read(Wallet.Prefix, id);
        return await ReadAsync(db.Wallets.Where(wallet => wallet.Id == key), cancel) is [var found] ? found : throw PlatformRefusals.NotFound.With();
    }

    private async Task<IReadOnlyList<DeskWallet>> ReadAsync(IQueryable<Wallet> wallets, CancellationToken cancel)
    {
        var rows = await wallets.AsNoTracking().ToListAsync(cancel);
        var accounts = await reads.AccountsAsync([.. rows.Select(wallet => wallet.AccountId)], cancel);
        return rows.ConvertAll(wallet => new DeskWallet(WalletView.Of(wallet, accounts[wallet.AccountId]), Ids.Show("usr", wallet.PersonId), wallet.AccountId));
    }
}
