using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Wallets;

/// <summary><c>DELETE /v1/me/cards/{id}</c>: ends a card at once, at every till. Ending it again is no fault.</summary>
internal static class RevokeCard
{
    public static void Map(RouteGroupBuilder cards) => cards.MapDelete("/{id}", HandleAsync).Produces(204);

    private static async Task<IResult> HandleAsync(
        string id,
        Caller caller,
        HttpContext http,
        FlorinDb db,
        WalletFacts facts,
        Database database,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var key = Ids.Read(Card.Prefix, id);
        var card =
            await db.Cards.AsNoTracking().SingleOrDefaultAsync(one => one.Id == key && one.PersonId == caller.Person, cancel)
            ?? throw PlatformRefusals.NotFound.With();
        var wallet = await facts.OwnAsync(caller.Person, Ids.Show(Wallet.Prefix, card.WalletId), cancel);
        await database.TransactionAsync(
            async connection =>
            {
                await using var revoke = new NpgsqlCommand("update wallets.cards set revoked_at = $2 where id = $1 and revoked_at is null", connection);
                revoke.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = card.Id });
                revoke.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
                if (await revoke.ExecuteNonQueryAsync(cancel) == 1)
                {
                    await connection.InsertAsync(
                        cancel,
                        WalletEvents.Row("wallets.card_revoked", wallet, new { card = id, card.Name }),
                        ActivityLog.Row(activity.Entry(http, "wallets.card_revoked", details: new { card = id }))
                    );
                }

                return true;
            },
            cancel
        );
        return Results.NoContent();
    }
}
