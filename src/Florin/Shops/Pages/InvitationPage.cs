using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Shops.Pages;

/// <summary><c>/account/invitations</c>: accepts a shop's invitation by the code of its message.</summary>
public static class InvitationPage
{
    /// <summary>What the page shows.</summary>
    /// <param name="Code">As typed, or from the message's link.</param>
    /// <param name="Refused">Why it is shown again.</param>
    public sealed record Form(string? Code = null, PageRefusal? Refused = null)
    {
        internal AcceptInvitation.Response? Accepted { get; init; }
    }

    internal static void Map(IEndpointRouteBuilder app)
    {
        var pages = app.MapPages("/account/invitations").RequireAuthorization(Policies.Person);
        pages.MapGet("", (string? code) => PageAnswers.Page<InvitationForm>(new Form(code)));
        pages.MapPost("", AcceptAsync).LimitRate(RateLimit.Guessing);
    }

    private static async Task<IResult> AcceptAsync(IFormCollection form, PageApi api)
    {
        var code = form["code"].ToString().Trim();
        try
        {
            var accepted = await api.SendAsync<AcceptInvitation.Response>("POST", "/v1/shop-invitations/accept", new { code });
            return PageAnswers.Page<InvitationForm>(new Form { Accepted = accepted });
        }
        catch (PageRefusal refused)
        {
            return PageAnswers.Page<InvitationForm>(new Form(code, refused), StatusCodes.Status422UnprocessableEntity);
        }
    }
}
