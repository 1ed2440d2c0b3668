using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;

namespace Florin.Platform.Pages;

/// <summary>The house that pages stand in: shell, parts, texts, files, and their way to <c>/v1</c>.</summary>
internal static class PagesModule
{
    internal static void AddPages(this IServiceCollection services)
    {
        services.AddRazorComponents();
        services.AddSingleton<IDataProtectionProvider>(provider => new SealedData(provider.GetRequiredService<Secrets>()));
        services.AddAntiforgery(forms =>
        {
            forms.FormFieldName = "form_token";
            forms.HeaderName = "X-Form-Token";
            forms.Cookie.Name = "florin_form";
            forms.Cookie.SameSite = SameSiteMode.Strict;
            forms.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            forms.SuppressXFrameOptionsHeader = true; // the content security policy says it
        });
        services
            .AddOptions<AntiforgeryOptions>()
            .Configure<Settings>(
                static (forms, settings) =>
                {
                    if (settings.PublicUrl.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
                    {
                        forms.Cookie.SecurePolicy = CookieSecurePolicy.Always;
                    }
                }
            );
        services.AddSingleton<PagePipeline>();
        services.AddScoped<PageContext>();
        services.AddScoped<PageApi>();
    }

    internal static void MapShell(this IEndpointRouteBuilder routes)
    {
        PageAssets.Map(routes);
        var pages = routes.MapPages();
        ChangePreferences.Map(pages);
        if (routes.ServiceProvider.GetRequiredService<Settings>().Sandbox)
        {
            UiPage.Map(pages);
        }
    }
}
