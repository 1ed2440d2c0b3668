using Florin.Activity;
using Florin.Platform;
using Microsoft.AspNetCore.Identity;

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
        services.AddSingleton<SecondFactor>();
        services.AddSingleton<PersonFreeze>();
        services.AddSingleton<FreezeUser.Freezing>();
        services.AddScoped<StaffAct>();
        services.AddSingleton<CodeMessages>();
        services.AddSingleton<PersonErasure>();
        services.AddSingleton<IPersonalData, IdentityPersonalData>();
        services.AddScoped<Proofs>(provider =>
            new(
                provider.GetRequiredService<FlorinDb>(),
                provider.GetRequiredService<Passwords>(),
                provider.GetRequiredService<SignInLocks>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ActivityLog>()
            )
        );
        services.AddPasskeys();
        services.AddSingleton(ClaimAdmin.Command);
        services.AddSingleton(CreateAdmin.Command);
        services.AddSingleton(ReplacePassword.Command);
        services.AddSingleton(TotpCheck.Sealed);
        services.AddSingleton(Codes.Sealed);
    }

    private static void AddPasskeys(this IServiceCollection services)
    {
        services.AddIdentityCore<Person>().AddUserStore<PasskeyStore>();
        services.AddScoped<IPasskeyHandler<Person>, PasskeyHandler<Person>>();
        services
            .AddOptions<IdentityPasskeyOptions>()
            .Configure<Settings>(
                static (options, settings) =>
                {
                    var home = new Uri(settings.PublicUrl);
                    options.ServerDomain = home.Host;
                    options.UserVerificationRequirement = "required";
                    options.ResidentKeyRequirement = "required"; // so that the device knows whose it is, and nobody types a name
                    options.ValidateOrigin = asked =>
                        ValueTask.FromResult(
                            !asked.CrossOrigin && Uri.TryCreate(asked.Origin, UriKind.Absolute, out var origin) && IsHome(origin, home, settings)
                        );
                }
            );
        services.AddScoped(provider => new Passkeys(
            provider.GetRequiredService<IPasskeyHandler<Person>>(),
            provider.GetRequiredService<Secrets>(),
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<TimeProvider>()
        ));
    }

    // In a sandbox the port may differ: it is often reached through another one.
    private static bool IsHome(Uri origin, Uri home, Settings settings) =>
        string.Equals(origin.Scheme, home.Scheme, StringComparison.Ordinal)
        && string.Equals(origin.Host, home.Host, StringComparison.OrdinalIgnoreCase)
        && (origin.Port == home.Port || settings.Sandbox);

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
        AddPasskey.Map(me);
        ListPasskeys.Map(me);

        var keys = v1.MapGroup("/api-keys").RequireAuthorization(Policies.Merchant).WithTags("api keys");
        CreateApiKey.Map(keys);
        ListApiKeys.Map(keys);
        RevokeApiKey.Map(keys);

        var users = v1.MapGroup("/users").RequireAuthorization(Policies.Staff).WithTags("users");
        ListUsers.Map(users);
        ShowUser.Map(users);
        DeleteUser.Map(users);
        ChangeUser.Map(users);
        FreezeUser.Map(users);
        UnlockUser.Map(users);
        SignOutUser.Map(users);
        ResetUserPin.Map(users);
        InviteUser.Map(users);
        ExportUser.Map(users);
        ClaimAdmin.Map(v1);
    }
}
