using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Identity.Pages;

/// <summary><c>/account/contact</c>: another e-mail address or phone number, by a code that is sent there.</summary>
public static class ContactPage
{
    /// <summary>What the page shows.</summary>
    public sealed record Form(string? Contact = null, bool PasswordNeeded = false, bool Saved = false, PageRefusal? Refused = null)
    {
        internal ShowMe.Response Me { get; init; } = null!;
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/contact", async (string? saved, PageApi api) => await ShowAsync(new Form(Saved: saved is not null), api));
        pages.MapPost("/contact", StartAsync).LimitRate(RateLimit.Guessing);
        pages.MapPost("/contact/{id}", VerifyAsync).LimitRate(RateLimit.Guessing);
    }

    private static async Task<IResult> ShowAsync(Form form, PageApi api) =>
        PageAnswers.Page<Contact>(
            form with
            {
                Me = await api.GetAsync<ShowMe.Response>("/v1/me"),
            },
            form.Refused is null && !form.PasswordNeeded ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity
        );

    private static async Task<IResult> StartAsync(IFormCollection form, PageApi api)
    {
        var contact = form["contact"].ToString().Trim();
        var isMail = contact.Contains('@', StringComparison.Ordinal);
        var password = form["password"].ToString();
        var order = new
        {
            email = isMail ? contact : null,
            phone = isMail ? null : contact,
            password = password.Length > 0 ? password : null,
        };
        try
        {
            var started = await api.SendAsync<ChangeContact.Response>("POST", "/v1/me/contact", order);
            return PageAnswers.Page<CodeStep>(new RegisterPage.CodeForm("/account/contact/" + started.Id, started.SandboxCode, null));
        }
        catch (PageRefusal refused)
        {
            var asked = refused.Code is "password_required";
            return await ShowAsync(new Form(contact, asked || password.Length > 0, Refused: asked ? null : refused), api);
        }
    }

    private static async Task<IResult> VerifyAsync(string id, IFormCollection form, PageApi api)
    {
        try
        {
            await api.SendAsync("POST", "/v1/me/contact/verify", new { id, code = form["code"].ToString().Trim() });
            return PageAnswers.Go("/account/contact?saved=1");
        }
        catch (PageRefusal refused)
        {
            var again = new RegisterPage.CodeForm("/account/contact/" + id, null, null, Refused: refused);
            return PageAnswers.Page<CodeStep>(again, StatusCodes.Status422UnprocessableEntity);
        }
    }
}
