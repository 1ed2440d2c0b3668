using Florin.Platform;
using Florin.Tests.Identity;

namespace Florin.Tests.Routes;

internal static partial class RouteExamples
{
    private static IEnumerable<RouteExample> Biometrics() =>
        [
            new(
                "POST /v1/payments/{id}/face-challenges",
                async who => (await SaleAsync(who)).Replace("/refunds", "/face-challenges", StringComparison.Ordinal),
                new { payer = "nobody" }
            )
            {
                Roles = AMerchant,
            },
            new("GET /v1/shops/{id}/faces", Shop("/faces")) { Roles = AMerchant },
            new("PUT /v1/shops/{id}/faces", Shop("/faces"), new { single_picture = true }) { Roles = AMerchant },
            new("GET /v1/shops/{id}/customers/{customer}/face", CustomerFaceAsync) { Roles = AMerchant },
            new("DELETE /v1/shops/{id}/customers/{customer}/face", CustomerFaceAsync) { Roles = AMerchant },
            new("DELETE /v1/biometrics/faces/{person}", async who => "/v1/biometrics/faces/" + Ids.Show("usr", await FaceAsync(who, null)), new { why = "x" })
            {
                Whose = Whose.Callers,
                Roles = ACustomerOfSupport,
            },
        ];

    private static async Task<string> CustomerFaceAsync(SignedIn who)
    {
        var shop = await Shop("")(who);
        var person = await FaceAsync(who, Ids.Read("shp", shop.Split('/')[^1]));
        return $"{shop}/customers/{Ids.Show("usr", person)}/face";
    }

    // No engine looks at pictures here: a template that nobody could open.
    private static async Task<Guid> FaceAsync(SignedIn who, Guid? shop)
    {
        var person = (await SignedIn.AsAsync(who.App)).Person.Id;
        await who.App.Database.ScalarAsync<int>(
            """
            with face as (
                insert into biometrics.faces (person_id, face_id, template, model_id, photos, made_by, shop_id, enrolled_at)
                select $1, $1, '\x00', 'none', 1, case when $2 = '' then 'person' else 'shop' end, nullif($2, '')::uuid, now() returning face_id
            )
            insert into biometrics.keys (face_id, sealed) select face_id, decode(repeat('00', 60), 'hex') from face
            """,
            person,
            shop?.ToString() ?? ""
        );
        return person;
    }
}
