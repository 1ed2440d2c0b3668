using Florin.Activity;
using Florin.Platform;
using Florin.Shops;
using Npgsql;

namespace Florin.Biometrics;

/// <summary><c>PUT</c> and <c>GET /v1/shops/{id}/faces</c>: whether a shop takes a single picture of a face without a challenge, up to a low limit.</summary>
internal static class SetShopFaces
{
    /// <param name="SinglePicture">A photo of the payer passes it: for old tills that send one picture.</param>
    public sealed record Request(bool SinglePicture);

    /// <param name="SinglePicture">Whether one picture without a challenge pays there.</param>
    public sealed record Response(bool SinglePicture);

    public static void Map(RouteGroupBuilder shops)
    {
        shops.MapPut("/{id}/faces", SetAsync).RequireAuthorization(Policies.Person).Produces<Response>();
        shops.MapGet("/{id}/faces", ShowAsync).RequireAuthorization(Policies.Person);
    }

    private static async Task<IResult> SetAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        ShopFront front,
        Database database,
        BiometricsSettings settings,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var shop = await front.DemandOwnerAsync(caller.Person, id, cancel);
        if (request.SinglePicture && settings.SinglePicture is SinglePictures.Off)
        {
            throw BiometricsRefusals.SingleNotAllowed.With();
        }

        await database.TransactionAsync(
            async connection =>
            {
                await using var set = new NpgsqlCommand(
                    "insert into biometrics.shops (shop_id, single_picture) values ($1, $2) on conflict (shop_id) do update set single_picture = $2",
                    connection
                );
                set.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = shop });
                set.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = request.SinglePicture });
                await set.ExecuteNonQueryAsync(cancel);
                var entry = activity.Entry(http, "biometrics.shop_changed", details: new { shop = id, request.SinglePicture });
                await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                return true;
            },
            cancel
        );
        return Results.Json(new Response(request.SinglePicture), Wire.Json);
    }

    private static async Task<Response> ShowAsync(string id, Caller caller, ShopFront front, ShopFaceRules rules, CancellationToken cancel)
    {
        var sign = await front.FindAsync(id, cancel);
        return await front.WorksInAsync(caller.Person, sign.Id, cancel)
            ? new Response(await rules.TakesSingleAsync(sign.Id, cancel))
            : throw PlatformRefusals.NotFound.With();
    }
}
