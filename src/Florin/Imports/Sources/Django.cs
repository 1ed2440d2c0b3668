namespace Florin.Imports.Sources;

/// <summary>What the Django systems share.</summary>
internal static class Django
{
    /// <summary>Columns that may be missing.</summary>
    public static SourcePerson Person(SourceRow row) =>
        new(row.Required("id"), row.Text("username"), row.Text("email"), Phone: null)
        {
            FirstName = row.Text("first_name") ?? "",
            LastName = row.Text("last_name") ?? "",
            PasswordHash = row.Text("password"),
            Active = row.Flag("is_active", true),
            Staff = row.Flag("is_staff", false) || row.Flag("is_superuser", false),
        };

    /// <summary>Says what is not taken.</summary>
    public static void Leave(SourceData data, int count, string what)
    {
        if (count > 0)
        {
            data.Left.Add($"{count} {what}");
        }
    }
}
