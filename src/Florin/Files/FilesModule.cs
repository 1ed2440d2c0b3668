using Florin.Files.Pages;
using Florin.Files.Storage;
using Florin.Payments;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Files;

/// <summary>Paid work on files: credits, uploads, the storage, and the work itself.</summary>
public static class FilesModule
{
    /// <summary>Its services.</summary>
    public static void AddFiles(this IServiceCollection services, Settings settings)
    {
        var own = new FileSettings(settings);
        services.AddSingleton(own);
        services.AddSingleton<IFileWork, WordCount>();
        services.AddSingleton<IFileWork, FileFacts>();
        services.AddSingleton<FileWorks>();
        services.AddSingleton<IFulfilment, BuyCredits>();
        services.AddSingleton<CreditImport>();
        services.AddSingleton<Blobs>();
        services.AddSingleton(Blobs.Job);
        services.AddSingleton<UploadReader>();
        services.AddScoped<UploadCommits>();
        services.AddScoped<FileDesk>();
        services.AddSingleton<FileQueue>();
        services.AddSingleton<FileProcessing>();
        services.AddSingleton<FileFigures>();
        services.AddSingleton<IPersonalData, FilesPersonalData>();
        services.AddSingleton(new StaffPlace("Files", "/admin/files", Icon: "file-text", Order: 72));
        services.AddSingleton(new NavigationLink("Files", "/files", Icon: "file-text", Order: 40, [Roles.Customer, Roles.Merchant, Roles.Cashier]));
        if (settings.Jobs)
        {
            services.AddHostedService<FileWorker>();
        }

        AddStorage(services, own);
    }

    /// <summary>How large the body of an upload may be, in bytes.</summary>
    public static long MostBytes(IServiceProvider services) => services.GetRequiredService<FileSettings>().MostBytes + UploadReader.Overhead;

    /// <summary>Its routes and pages.</summary>
    public static void MapFiles(this IEndpointRouteBuilder app, RouteGroupBuilder v1)
    {
        v1.MapFilesRoutes();
        app.MapFilePages();
    }

    /// <summary>Its routes.</summary>
    private static void MapFilesRoutes(this RouteGroupBuilder v1)
    {
        var services = ((IEndpointRouteBuilder)v1).ServiceProvider;
        _ = services.GetRequiredService<FileWorks>(); // a malformed price is told at the start
        var files = v1.MapGroup("/files").WithTags("files");
        UploadFile.Map(files, services.GetRequiredService<FileSettings>());
        ListFiles.Map(files);
        ListDeskFiles.Map(files);
        ShowContent.Map(files);
        DeleteFile.Map(files);
        ListCredits.Map(v1);
        ListFilePrices.Map(v1);
    }

    /// <summary>Its pages.</summary>
    private static void MapFilePages(this IEndpointRouteBuilder app)
    {
        var pages = app.MapPages("/files").RequireAuthorization(Policies.Person);
        FilesPage.Map(pages, app.ServiceProvider.GetRequiredService<FileSettings>());
        FilePage.Map(pages);
        DeskFilesPage.Map(app.MapStaffPages());
    }

    private static void AddStorage(IServiceCollection services, FileSettings settings)
    {
        if (settings.S3 is not { } s3)
        {
            services.AddSingleton<IFileStorage, FolderStorage>();
            return;
        }

        services.AddSingleton(s3);
        services.AddSingleton<IFileStorage, S3Storage>();
        services
            .AddHttpClient<S3Client>(http => http.Timeout = Timeout.InfiniteTimeSpan) // the client has limits of its own
            .RemoveAllLoggers()
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() =>
                new SocketsHttpHandler
                {
                    AllowAutoRedirect = false,
                    UseCookies = false,
                    ConnectTimeout = TimeSpan.FromSeconds(5),
                    PooledConnectionLifetime = TimeSpan.FromMinutes(10),
                }
            );
    }
}
