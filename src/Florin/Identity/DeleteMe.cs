using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Platform;
using Microsoft.AspNetCore.Mvc;

namespace Florin.Identity;

/// <summary>A person ends their account. What names them goes; what the book needs stays without the name.</summary>
internal static class DeleteMe
{
    /// <param name="Password">The account's.</param>
    public sealed record Request([property: Required, Secret] string Password);

    internal static void Map(RouteGroupBuilder me) => me.MapDelete("", HandleAsync).Produces(204).LimitRate(RateLimit.Guessing);

    private static async Task<IResult> HandleAsync(
        [FromBody] Request request,
        Caller caller,
        HttpContext http,
        Proofs proofs,
        PersonErasure erasure,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        await proofs.RequirePasswordAsync(http, caller, request.Password, cancel);
        await erasure.EraseAsync(caller.Person, activity.Entry(http, "identity.account_deleted"), cancel);
        return Results.NoContent();
    }
}
