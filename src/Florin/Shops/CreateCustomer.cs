using System.Text.Json;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Shops;

/// <summary>
/// <c>POST /v1/shops/{id}/customers</c>: the shop makes a customer who can sign in, as JSON or as a form with the same fields, which may bring one to five
/// pictures of the customer's face as files <c>face</c>. A password that the shop sets is theirs until they change it, which claims the account; without
/// one they get a code to choose it.
/// </summary>
internal static class CreateCustomer
{
    // Five pictures of a camera.
    private const long MostBytes = 20 * 1024 * 1024;
    private const int MostPictures = 5;

    /// <param name="Username">A login.</param>
    /// <param name="Password">8 to 128 characters; needed where there is neither an e-mail address nor a phone number.</param>
    /// <param name="Email">A login.</param>
    /// <param name="Phone">A login, E.164.</param>
    /// <param name="FirstName">At most 150 characters.</param>
    /// <param name="LastName">At most 150 characters.</param>
    /// <param name="FaceConsent">With pictures: <c>attested</c> where the customer agreed to pay by face, to the text in force; else they have to do so themselves.</param>
    public sealed record Request(
        string? Username = null,
        [property: Secret] string? Password = null,
        string? Email = null,
        string? Phone = null,
        string? FirstName = null,
        string? LastName = null,
        string? FaceConsent = null
    );

    public static void Map(RouteGroupBuilder routes) =>
        routes
            .MapPost("/{id}/customers", HandleAsync)
            .RequireAuthorization(Policies.Person)
            .LimitRate(RateLimit.Guessing)
            .LimitBody(MostBytes)
            .Accepts<Request>("application/json", "multipart/form-data")
            .Produces<CustomerView>(201);

    private static async Task<IResult> HandleAsync(
        string id,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        ShopDesk shops,
        CustomerOpening opening,
        CancellationToken cancel
    )
    {
        var (request, pictures) = http.Request.HasFormContentType ? await ReadFormAsync(http.Request, cancel) : (await ReadJsonAsync(http.Request, cancel), []);
        var shop = await shops.DemandOpenAsync(caller.Person, id, PayeeRole.Cashier, cancel);
        var key = idempotency.Require(http, caller.Person, request);
        var attested = request.FaceConsent switch
        {
            null => false,
            "attested" when pictures.Count > 0 => true,
            _ => throw PlatformRefusals.InvalidRequest.Field("face_consent", "must be attested, and goes with pictures only"),
        };
        var draft = new CustomerDraft(request.Username, request.Password, request.Email, request.Phone, request.FirstName, request.LastName)
        {
            Pictures = pictures,
            FaceAttested = attested,
        };
        return await opening.OpenAsync(shop, draft, http, key, cancel);
    }

    private static async Task<Request> ReadJsonAsync(HttpRequest request, CancellationToken cancel)
    {
        if (!request.HasJsonContentType())
        {
            throw PlatformRefusals.UnsupportedMediaType.With();
        }

        try
        {
            return await request.ReadFromJsonAsync<Request>(Wire.Json, cancel) ?? throw PlatformRefusals.InvalidRequest.Field("body", "is missing or empty");
        }
        catch (JsonException malformed)
        {
            throw new BadHttpRequestException("the body is not what the route takes", malformed); // answered as for every other body
        }
    }

    // The same fields and strictness as in JSON.
    private static async Task<(Request, IReadOnlyList<byte[]>)> ReadFormAsync(HttpRequest request, CancellationToken cancel)
    {
        var form = await FormPictures.ReadAsync(request, "face", MostPictures, MostBytes, cancel);
        try
        {
            return (JsonSerializer.Deserialize<Request>(JsonSerializer.SerializeToUtf8Bytes(form.Fields, Wire.Json), Wire.Json)!, form.Pictures);
        }
        catch (JsonException malformed)
        {
            throw new BadHttpRequestException("the form is not what the route takes", malformed);
        }
    }
}
