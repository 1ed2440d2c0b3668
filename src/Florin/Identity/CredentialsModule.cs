using Florin.Platform;

namespace Florin.Identity;

/// <summary>The half of Identity that is about what people prove themselves with and about their data: PIN, TOTP, keys, profile, staff's view.</summary>
internal static class CredentialsModule
{
    internal static void AddCredentials(this IServiceCollection services)
    {
        services.AddHttpContextAccessor();
        services.AddSingleton<FileStore>();
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<Pins>();
        services.AddSingleton<TotpCheck>();
        services.AddSingleton<CodeMessages>();
        services.AddSingleton<PersonErasure>();
        services.AddSingleton<IPersonalData, IdentityPersonalData>();
        services.AddScoped<Proofs>();
        services.AddSingleton(ClaimAdmin.Command);
    }

    internal static void MapCredentials(this RouteGroupBuilder v1)
    {
        var me = v1.MapGroup("/me").RequireAuthorization(Policies.Person).WithTags("me");
        ShowMe.Map(me);
        ChangeMe.Map(me);
        DeleteMe.Map(me);
        ExportMe.Map(me);
        SetPicture.Map(me);
        ShowPicture.Map(me);
        RemovePicture.Map(me);
        ChangeContact.Map(me);
        SetPin.Map(me);
        ResetPin.Map(me);
        StartTotp.Map(me);
        ConfirmTotp.Map(me);
        StopTotp.Map(me);

        var keys = v1.MapGroup("/api-keys").RequireAuthorization(Policies.Merchant).WithTags("api keys");
        CreateApiKey.Map(keys);
        ListApiKeys.Map(keys);
        RevokeApiKey.Map(keys);

        var users = v1.MapGroup("/users").RequireAuthorization(Policies.Staff).WithTags("users");
        ListUsers.Map(users);
        ShowUser.Map(users);
        DeleteUser.Map(users);
        ChangeUser.Map(users);
        ClaimAdmin.Map(v1);
    }
}
