using Florin.Platform;

namespace Florin.Compat.WalletApi;

/// <summary>Seed 5, WalletAPI: at <c>/users/…</c>, as its README has it, and at <c>/api/v1/users/…</c>, where the original really was.</summary>
internal static class WalletApiRoutes
{
    internal static void Map(IEndpointRouteBuilder app)
    {
        foreach (var prefix in (string[])["/users", "/api/v1/users"])
        {
            var users = app.MapEdge(EdgeShape.ErrorWithout402, prefix);
            SignUp.Map(users);
            SignInByPhone.Map(users);
            ShowUser.Map(users);
            ChangePasswordByCode.Map(users);
            ListUserWallets.Map(users);
            OpenUserWallet.Map(users);
            MoveUserMoney.Map(users);
            ListOperations.Map(users);
        }
    }

    /// <summary>Says what <c>/v1</c> found wrong with a field under the name that the field had in seed 5.</summary>
    /// <param name="call">Asks <c>/v1</c>.</param>
    /// <param name="fields">Its names, and the old ones.</param>
    internal static async Task<T> NamedAsync<T>(Func<Task<T>> call, params (string Ours, string Old)[] fields)
    {
        try
        {
            return await call();
        }
        catch (Platform.Pages.PageRefusal refusal)
        {
            foreach (var (ours, old) in fields)
            {
                if (refusal.Error(ours) is { } message)
                {
                    throw PlatformRefusals.InvalidRequest.Field(old, message);
                }
            }

            throw;
        }
    }

    /// <summary>A session's id as seed 5 had it, a UUID with dashes, of one of ours.</summary>
    internal static string SessionOf(string id) => Guid.ParseExact(id.AsSpan(id.IndexOf('_', StringComparison.Ordinal) + 1), "N").ToString();

    /// <summary>Our id of a session that a client sent.</summary>
    internal static string IdOf(EdgeBody body, string prefix)
    {
        var session = body.Text("session_id", 64);
        if (session.Length == 0 || Guid.TryParse(session, out var id))
        {
            return Ids.Show(prefix, session.Length == 0 ? Guid.Empty : Guid.Parse(session));
        }

        body.Wrong("session_id", "Must be a valid UUID.");
        return Ids.Show(prefix, id);
    }
}
