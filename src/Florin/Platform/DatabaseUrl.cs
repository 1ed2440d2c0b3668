using Npgsql;

namespace Florin.Platform;

/// <summary><c>DATABASE_URL</c> is a URL in the systems that this one replaces; Npgsql wants key=value.</summary>
internal static class DatabaseUrl
{
    /// <summary>The connection string that a URL means; one that is none stays as it is.</summary>
    public static string ConnectionString(string value)
    {
        if (!value.StartsWith("postgres://", StringComparison.Ordinal) && !value.StartsWith("postgresql://", StringComparison.Ordinal))
        {
            return value;
        }

        var url = new Uri(value);
        var user = url.UserInfo.Split(':', 2);
        return new NpgsqlConnectionStringBuilder
        {
            Host = url.Host,
            Port = url.IsDefaultPort || url.Port < 0 ? 5432 : url.Port,
            Username = Uri.UnescapeDataString(user[0]),
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
            Database = url.AbsolutePath.TrimStart('/'),
        }.ConnectionString;
    }
}
