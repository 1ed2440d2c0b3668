using Florin.Activity;
using Florin.Identity.Pages;
using Florin.Platform;
using Florin.Platform.Pages;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace Florin.Identity;

/// <summary>People, sign-in, sessions, roles, PIN, TOTP, API keys; and who may call which route.</summary>
public static class IdentityModule
{
    /// <summary>Its services.</summary>
    public static void AddIdentity(this IServiceCollection services, Settings settings)
    {
        _ = settings;
        services.AddSingleton<AccessTokens>(provider =>
            new(provider.GetRequiredService<Secrets>(), provider.GetRequiredService<Settings>(), provider.GetRequiredService<TimeProvider>())
        );
        services.AddSingleton<Revocations>();
        services.AddHostedService(provider => provider.GetRequiredService<Revocations>());
        services.AddSingleton<Passwords>();
        services.AddSingleton<Codes>();
        services.AddSingleton<PasswordCodes>();
        services.AddSingleton<PasswordInvitations>();
        services.AddSingleton<SignInLocks>();
        services.AddSingleton(provider => new Sessions(
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<AccessTokens>(),
            provider.GetRequiredService<Revocations>(),
            provider.GetRequiredService<ActivityLog>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton<SecurityNotices>(provider => new(provider.GetRequiredService<Secrets>(), provider.GetRequiredService<TimeProvider>()));
        services.AddScoped<People>();
        services.AddScoped<LoginChanges>();
        services.AddSingleton<PeopleFigures>();
        services.AddScoped(provider => new SignIn(
            provider.GetRequiredService<People>(),
            provider.GetRequiredService<Passwords>(),
            provider.GetRequiredService<TotpCheck>(),
            provider.GetRequiredService<SignInLocks>(),
            provider.GetRequiredService<Sessions>(),
            provider.GetRequiredService<SecurityNotices>(),
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<ActivityLog>()
        ));
        services.AddSingleton(TidySignIns.Job);
        services.AddSingleton(new NavigationLink("Account", "/account", Icon: "user", Order: 90, Roles.All));
        services.AddSingleton(new StaffPlace("People", "/admin/people", Icon: "users", Order: 20));
        services.AddCredentials();
        services.AddSingleton(provider => new PageSessions(
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<AccessTokens>(),
            provider.GetRequiredService<Revocations>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        services
            .AddAuthentication("florin")
            .AddPolicyScheme("florin", null, scheme => scheme.ForwardDefaultSelector = static http => PageRoute.Is(http) ? PageSignIn.Name : BearerSignIn.Name)
            .AddScheme<AuthenticationSchemeOptions, PageSignIn>(PageSignIn.Name, _ => { })
            .AddScheme<AuthenticationSchemeOptions, BearerSignIn>(BearerSignIn.Name, _ => { });
        services.AddAuthorization(Rights.Declare);
        services.AddSingleton<IAuthorizationPolicyProvider, Rights>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, RightsAnswers>();
    }

    /// <summary>Its pages.</summary>
    private static void MapIdentityPages(this IEndpointRouteBuilder app)
    {
        var pages = app.MapPages();
        LandingPage.Map(pages);
        SignInPage.Map(pages);
        RegisterPage.Map(pages);
        ForgottenPasswordPage.Map(pages);
        PasskeyPages.Map(pages);

        var account = app.MapPages("/account").RequireAuthorization(Policies.Person);
        AccountPage.Map(account);
        ProfilePage.Map(account);
        ContactPage.Map(account);
        PasswordPage.Map(account);
        PinPage.Map(account);
        SessionsPage.Map(account);
        MyDataPage.Map(account);

        var staff = app.MapStaffPages();
        PeoplePage.Map(staff);
        PersonPage.Map(staff);
    }

    /// <summary>Its routes and pages.</summary>
    public static void MapIdentity(this IEndpointRouteBuilder app, RouteGroupBuilder v1)
    {
        v1.MapIdentityRoutes();
        app.MapIdentityPages();
    }

    /// <summary>Its routes.</summary>
    private static void MapIdentityRoutes(this RouteGroupBuilder v1)
    {
        var registrations = v1.MapGroup("/registrations");
        StartRegistration.Map(registrations);
        VerifyRegistration.Map(registrations);

        var sessions = v1.MapGroup("/sessions");
        CreateSession.Map(sessions);
        RefreshSession.Map(sessions);
        ListSessions.Map(sessions);
        EndSession.Map(sessions);
        CreatePasskeySession.Map(sessions);

        ResetPassword.Map(v1.MapGroup("/password-resets"));
        ChangePassword.Map(v1.MapGroup("/me").RequireAuthorization(Policies.Person));
        v1.MapCredentials();
    }
}
