namespace Florin.Platform;

/// <summary>The settings of the database, and what only the console needs.</summary>
public sealed partial class Settings
{
    /// <summary><c>FLORIN_DATABASE</c>: connection string of the server's role.</summary>
    public string DatabaseConnection { get; }

    /// <summary><c>FLORIN_DATABASE_OWNER</c>: connection string of the role that migrates; empty where migrations are run apart.</summary>
    public string DatabaseOwnerConnection { get; }

    /// <summary><c>FLORIN_SECRET_KEY_FORMER</c>: the secret before it, until <c>./florin rotate-keys</c> has sealed everything anew.</summary>
    public string FormerSecretKey { get; }

    /// <summary><c>FLORIN_DATABASE_SUPERUSER</c>: a role that may make databases; only for proving backups in a scratch database.</summary>
    public string DatabaseSuperuserConnection { get; }
}
