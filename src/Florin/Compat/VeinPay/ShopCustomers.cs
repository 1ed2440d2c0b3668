using Florin.Identity;
using Florin.Platform;
using Florin.Platform.Pages;
using Microsoft.EntityFrameworkCore;

namespace Florin.Compat.VeinPay;

/// <summary>
/// <c>/api/shop/customers/</c>: the shop's own customers (the original showed those of all shops), and a new one with wallet and face. The picture counts
/// as attested where the installation lets shops attest; else the customer has to agree themselves.
/// </summary>
internal static class ShopCustomers
{
    private const long MostBytes = 20 * 1024 * 1024;
    private static readonly string[] Biometrics = ["FACE", "VEIN"];

    private sealed record Customer(string Id, string? Username, string FirstName, string LastName, string? Email);

    private sealed record Response(long Id, string Username, string Email, string FirstName, string LastName);

    internal static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/shop/customers", ListAsync).RequireAuthorization(Policies.Person);
        api.MapPost("/shop/customers", CreateAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Guessing).LimitBody(MostBytes);
    }

    /// <summary>The small ids of people.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> NumbersAsync(FlorinDb db, IEnumerable<string> people, CancellationToken cancel)
    {
        var ids = people.Select(VeinPayIds.Of).Distinct().ToList();
        var rows = await db.People.AsNoTracking().Where(one => ids.Contains(one.Id)).Select(one => new { one.Id, one.Number }).ToListAsync(cancel);
        return rows.ToDictionary(one => Ids.Show(Person.Prefix, one.Id), one => one.Number, StringComparer.Ordinal);
    }

    private static async Task<IResult> ListAsync(EdgeApi api, FlorinDb db, CancellationToken cancel)
    {
        var shop = await EdgeShops.DemandAsync(api);
        var customers = await api.NewestAsync<Customer>($"/v1/shops/{shop.Id}/customers");
        var numbers = await NumbersAsync(db, customers.Select(one => one.Id), cancel);
        return Results.Json(customers.ConvertAll(one => Show(one, numbers[one.Id])), Wire.Json);
    }

    private static async Task<IResult> CreateAsync(HttpContext http, EdgeApi api, FlorinDb db, CancellationToken cancel)
    {
        var shop = await EdgeShops.DemandAsync(api);
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var username = body.Text("username", 150);
        var password = body.Text("password", 128, trim: false);
        var kind = body.Choice("biometric_type", Biometrics);
        var picture = body.File("face_template");
        var email = body.TextOrNull("email", 254);
        var (first, last) = (body.TextOrNull("first_name", 150), body.TextOrNull("last_name", 150));
        body.Check();
        using var form = new MultipartFormDataContent { { new StringContent(username), "username" }, { new StringContent(password), "password" } };
        AddTo(form, "email", email);
        AddTo(form, "first_name", first);
        AddTo(form, "last_name", last);
        if (kind is "FACE")
        {
            form.Add(new ByteArrayContent(picture!.Content), "face", "face"); // a photo says nothing of veins, and is not kept
        }

        var customer = await SendAsync(api, shop, form, cancel);
        var numbers = await NumbersAsync(db, [customer.Id], cancel);
        return Results.Json(Show(customer, numbers[customer.Id]), Wire.Json, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<Customer> SendAsync(EdgeApi api, EdgeShop shop, MultipartFormDataContent form, CancellationToken cancel)
    {
        try
        {
            await using var content = await form.ReadAsStreamAsync(cancel);
            return await api.SendAsync<Customer>("POST", $"/v1/shops/{shop.Id}/customers", content, form.Headers.ContentType!.ToString());
        }
        catch (PageRefusal refused) when (FieldOf(refused) is { } field)
        {
            throw PlatformRefusals.InvalidRequest.Field(field, refused.Error("face") ?? refused.Title);
        }
    }

    private static string? FieldOf(PageRefusal refused) =>
        refused.Code switch
        {
            "username_taken" => "username",
            "customer_exists_link_instead" => "email",
            "bad_image" or "picture_not_readable" => "face_template",
            _ when refused.Status < 500 && refused.Code.StartsWith("face_", StringComparison.Ordinal) => "face_template",
            _ when refused.Error("face") is not null => "face_template",
            _ => null,
        };

    private static void AddTo(MultipartFormDataContent form, string name, string? value)
    {
        if (value is { Length: > 0 })
        {
            form.Add(new StringContent(value), name);
        }
    }

    private static Response Show(Customer one, long number) => new(number, one.Username ?? "", one.Email ?? "", one.FirstName, one.LastName);
}
