using System.Text.Json;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Identity.Pages;

/// <summary>Signing in by passkey, and <c>/account/passkeys</c>: a person's passkeys.</summary>
public static class PasskeyPages
{
    /// <summary>The list, and why nothing was made.</summary>
    public sealed record Listing(IReadOnlyList<PasskeyRow> Passkeys, string? NextCursor, PageRefusal? Refused = null);

    /// <summary>A passkey as the list shows it.</summary>
    public sealed record PasskeyRow(string Id, string Name, bool BackedUp, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapPost("/login/passkey-options", AskToSignInAsync).AllowAnonymous();
        pages.MapPost("/login/passkey", SignInAsync).AllowAnonymous();
        pages.MapGet("/account/passkeys", ShowAsync).RequireAuthorization(Policies.Person);
        pages.MapPost("/account/passkeys/options", AskToMakeAsync).RequireAuthorization(Policies.Person);
        pages.MapPost("/account/passkeys", MakeAsync).RequireAuthorization(Policies.Person);
        pages.MapPost("/account/passkeys/{id}/remove", RemoveAsync).RequireAuthorization(Policies.Person);
    }

    /// <summary>A device's answer, as <c>passkey.ts</c> puts it into a form.</summary>
    public static object AnswerOf(IFormCollection form)
    {
        try
        {
            return new
            {
                state = form["passkey_state"].ToString(),
                credential = JsonSerializer.Deserialize<JsonElement>(form["passkey_credential"].ToString()),
            };
        }
        catch (JsonException)
        {
            throw CredentialRefusals.PasskeyNotValid.With();
        }
    }

    private static async Task<IResult> AskToSignInAsync(PageApi api) =>
        Results.Bytes((await api.SendAsync("POST", "/v1/sessions/passkey/options")).Body, "application/json");

    private static async Task<IResult> SignInAsync(IFormCollection form, PageContext page, PageApi api, PageSessions sessions)
    {
        var redirect = PageAnswers.OwnPath(form["redirect"]);
        try
        {
            var answer = JsonSerializer.SerializeToNode(AnswerOf(form))!.AsObject();
            answer["device"] = SignInPage.DeviceOf(page.Http);
            var signedIn = await api.SendAsync<SessionAnswer>("POST", "/v1/sessions/passkey", answer);
            await sessions.AdoptAsync(page.Http, signedIn.RefreshToken, page.Http.RequestAborted);
            return PageAnswers.Go(redirect);
        }
        catch (PageRefusal refused)
        {
            return PageAnswers.Page<SignInForm>(new SignInPage.Form(Redirect: redirect, Refused: refused), StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<IResult> ShowAsync(string? cursor, PageApi api) => PageAnswers.Page<PasskeyList>(await ReadAsync(api, cursor));

    private static async Task<IResult> AskToMakeAsync(IFormCollection form, PageApi api)
    {
        var password = form["password"].ToString();
        try
        {
            var asked = await api.SendAsync("POST", "/v1/me/passkeys/options", new { password = password.Length == 0 ? null : password });
            return Results.Bytes(asked.Body, "application/json");
        }
        catch (PageRefusal refused)
        {
            return Results.Json(new { code = refused.Code }, Wire.Json, statusCode: refused.Status);
        }
    }

    private static async Task<IResult> MakeAsync(IFormCollection form, PageApi api)
    {
        try
        {
            var answer = JsonSerializer.SerializeToNode(AnswerOf(form))!.AsObject();
            answer["name"] = form["name"].ToString();
            await api.SendAsync("POST", "/v1/me/passkeys", answer);
            return PageAnswers.Go("/account/passkeys");
        }
        catch (PageRefusal refused)
        {
            return PageAnswers.Page<PasskeyList>(await ReadAsync(api, null) with { Refused = refused }, StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<IResult> RemoveAsync(string id, PageApi api)
    {
        await api.SendAsync("DELETE", "/v1/me/passkeys/" + Uri.EscapeDataString(id));
        return PageAnswers.Go("/account/passkeys");
    }

    private static async Task<Listing> ReadAsync(PageApi api, string? cursor)
    {
        var list = await api.GetAsync<Page<PasskeyRow>>("/v1/me/passkeys" + (cursor is null ? "" : "?cursor=" + Uri.EscapeDataString(cursor)));
        return new Listing(list.Data, list.NextCursor);
    }
}
