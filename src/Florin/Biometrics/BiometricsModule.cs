using Florin.Biometrics.Pages;
using Florin.Payments;
using Florin.Platform;
using Florin.Platform.Pages;
using Florin.Shops;

namespace Florin.Biometrics;

/// <summary>Pay by face: consent, templates, the head-turn challenge and the comparison with one payer. docs/faces.md says what it stops and what not.</summary>
public static class BiometricsModule
{
    /// <summary>Its services.</summary>
    public static void AddBiometrics(this IServiceCollection services, Settings settings)
    {
        services.AddFaceEngine(settings);
        services.AddSingleton(new BiometricsSettings(settings));
        services.AddSingleton(new HeadTurns());
        services.AddSingleton(EnrolledFace.SealedKey);
        services.AddSingleton(new LeftOutOfBackups("biometrics.keys")); // so that deleting a face is final (docs/faces.md)
        services.AddSingleton<FaceStore>();
        services.AddSingleton<FaceChallenges>();
        services.AddSingleton(FaceChallenges.Job);
        services.AddSingleton<FaceAttempts>();
        services.AddSingleton<SeenPictures>();
        services.AddSingleton<ShopFaceRules>();
        services.AddSingleton<FaceLimits>();
        services.AddSingleton<FaceDays>();
        services.AddSingleton<ForgetUnconfirmedFaces>();
        services.AddSingleton(ForgetUnconfirmedFaces.Job);
        services.AddSingleton<ConsentTexts>();
        services.AddSingleton<FaceViews>();
        services.AddSingleton(new StaffPlace("Faces", "/admin/faces", Icon: "face-id", Order: 75));
        services.AddSingleton<FaceEnrolment>();
        services.AddSingleton<FaceProof>();
        services.AddSingleton(provider => new PayerProof(
            PayerProof.Face,
            (question, cancel) => provider.GetRequiredService<FaceProof>().ProveAsync(question, cancel)
        ));
        services.AddSingleton(provider => new CustomerEnrolment(
            (customer, cancel) => provider.GetRequiredService<FaceEnrolment>().OfCustomerAsync(customer, cancel)
        ));
        services.AddSingleton<IPersonalData, BiometricsPersonalData>();
    }

    /// <summary>Its pages.</summary>
    private static void MapBiometricsPages(this IEndpointRouteBuilder app)
    {
        FacePage.Map(app.MapPages("/account/face").RequireAuthorization(Policies.Person));
        FaceStatsPage.Map(app.MapStaffPages());
        TillFacePage.Map(app.MapPages("/portal/payments").RequireAuthorization(Policies.Person));
    }

    /// <summary>Its routes and pages.</summary>
    public static void MapBiometrics(this IEndpointRouteBuilder app, RouteGroupBuilder v1)
    {
        v1.MapBiometricsRoutes();
        app.MapBiometricsPages();
    }

    /// <summary>Its routes.</summary>
    private static void MapBiometricsRoutes(this RouteGroupBuilder v1)
    {
        ShowConsentText.Map(v1);
        var face = v1.MapGroup("/me/face").RequireAuthorization(Policies.Person).WithTags("faces");
        ShowFace.Map(face);
        EnrolFace.Map(face);
        ChangeFace.Map(face);
        DeleteFace.Map(face);
        ConsentToFace.Map(face);
        CheckFace.Map(face);
        CreateFaceChallenge.Map(v1.MapGroup("/payments").WithTags("faces"));
        var shops = v1.MapGroup("/shops").WithTags("faces");
        SetShopFaces.Map(shops);
        ShowCustomerFace.Map(shops);
        RemoveCustomerFace.Map(shops);
        var biometrics = v1.MapGroup("/biometrics").RequireAuthorization(Policies.Staff).WithTags("faces");
        ListFaceAttempts.Map(biometrics);
        ShowFaceStats.Map(biometrics);
        RemoveFace.Map(biometrics);
        ShowFace.MapForStaff(v1);
    }
}
