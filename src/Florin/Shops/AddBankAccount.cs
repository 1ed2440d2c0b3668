using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Identity;
using Florin.Ledger;
using Florin.Platform;
using Npgsql;

namespace Florin.Shops;

/// <summary>
/// <c>POST /v1/shops/{id}/bank-accounts</c>: the owner says where the shop's money may go. The numbers are checked, encrypted, and shown masked for ever
/// after. It takes a fresh sign-in or the password, and the owner is told of it whatever they chose.
/// </summary>
internal static class AddBankAccount
{
    /// <param name="Holder">Whose account it is, 1 to 100 characters.</param>
    /// <param name="Iban">An IBAN, or</param>
    /// <param name="Account">an account number, 4 to 34 letters and digits,</param>
    /// <param name="BankCode">with the bank's code, 3 to 15 letters and digits.</param>
    /// <param name="Password">Needed where the sign-in is older than ten minutes.</param>
    public sealed record Request(
        string Holder,
        [property: StringLength(50)] string? Iban = null,
        [property: StringLength(50)] string? Account = null,
        [property: StringLength(30)] string? BankCode = null,
        [property: Secret] [property: StringLength(1024)] string? Password = null
    );

    public static void Map(RouteGroupBuilder shops) =>
        shops.MapPost("/{id}/bank-accounts", HandleAsync).RequireAuthorization(Policies.Merchant).LimitRate(RateLimit.Money).Produces<BankAccountView>(201);

    private static async Task<IResult> HandleAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        PayoutDesk desk,
        Proofs proofs,
        SecurityNotices notices,
        People people,
        GeneralLedger ledger,
        Secrets secrets,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        var shop = await desk.OwnShopAsync(caller.Person, id, cancel);
        await proofs.RequireFreshOrPasswordAsync(http, caller, request.Password, cancel);
        var numbers = BankNumbers.Read(request.Holder, request.Iban, request.Account, request.BankCode);
        var fresh = Ids.New();
        var account = new BankAccount
        {
            Id = fresh,
            ShopId = shop.Id,
            Shown = numbers.Masked(),
            Sealed = BankAccount.Seal(secrets, fresh, numbers),
            AddedBy = caller.Person,
            CreatedAt = clock.GetUtcNow(),
        };
        var view = BankAccountView.Of(account);
        var commit = new LedgerCommit
        {
            Key = key,
            Rows = { Lock(shop), Insert(account) },
            Inserts =
            {
                PayoutDesk.Event("shops.bank_account_added", shop, account.Id, view),
                ActivityLog.Row(
                    activity.Entry(
                        http,
                        "shops.bank_account_added",
                        details: new
                        {
                            shop = id,
                            bank_account = view.Id,
                            view.Shown,
                        }
                    )
                ),
            },
            Complete = _ => Answer.Json(201, view),
        };
        var owner = (await people.FindAsync(caller.Person, cancel))!;
        commit.Inserts.AddRange(notices.Rows(http, owner, "bank_account_added", ("shop", shop.Name), ("account", account.Shown)));
        return (await ledger.CommitAsync(commit)).Required;
    }

    // With the shop's row locked by its own statement first, the next one sees all of its accounts.
    private static RowChange Lock(Shop shop) =>
        new(
            "update shops.shops set name = name where id = $1 and closed_at is null",
            [new NpgsqlParameter<Guid> { TypedValue = shop.Id }],
            Rows: 1,
            ShopsRefusals.ShopClosed,
            "shops.shops",
            shop.Id
        );

    private static RowChange Insert(BankAccount account) =>
        new(
            """
            insert into shops.bank_accounts (id, shop_id, shown, sealed, added_by, created_at) select $1, $2, $3, $4, $5, $6
            where (select count(*) from shops.bank_accounts where shop_id = $2 and closed_at is null) < $7
            """,
            [
                new NpgsqlParameter<Guid> { TypedValue = account.Id },
                new NpgsqlParameter<Guid> { TypedValue = account.ShopId },
                new NpgsqlParameter<string> { TypedValue = account.Shown },
                new NpgsqlParameter<byte[]> { TypedValue = account.Sealed! },
                new NpgsqlParameter<Guid> { TypedValue = account.AddedBy },
                new NpgsqlParameter<DateTime> { TypedValue = account.CreatedAt.UtcDateTime },
                new NpgsqlParameter<int> { TypedValue = BankAccount.LiveAtMost },
            ],
            Rows: 1,
            ShopsRefusals.BankAccountLimitReached,
            "shops.shops",
            account.ShopId
        );
}
