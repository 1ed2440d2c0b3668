using Florin.Admin.Backups;
using Florin.Platform.Pages;

namespace Florin.Admin.Operations;

/// <summary>Running the installation: the commands of its console, and the staff's pages on jobs, queues, settings and health.</summary>
internal static class OperationsModule
{
    public static void AddOperations(this IServiceCollection services)
    {
        services.AddSingleton(BackUp.Command);
        services.AddSingleton(Restore.Command);
        services.AddSingleton(ExportData.Command);
    }
}
