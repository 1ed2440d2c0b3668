namespace Florin.Imports.Sources;

/// <summary>The payment file system: users, and the uploads that each paid and did not use.</summary>
internal static class PaymentFilesSource
{
    public static void Read(SourceFile file, SourceData data)
    {
        foreach (
            var row in file.Read(
                "user",
                ["id", "username", "password", "mobile_number"],
                "email",
                "first_name",
                "last_name",
                "is_active",
                "is_staff",
                "is_superuser"
            )
        )
        {
            data.People.Add(Django.Person(row) with { ContactNumber = row.Text("mobile_number") });
        }

        var paid = file.Read("paymenttransaction", ["payment_id", "user_id", "status"]);
        var uploads = file.Read("fileupload", ["file_id", "user_id"]);
        var used = uploads.CountBy(row => row.Required("user_id")).ToDictionary(StringComparer.Ordinal);
        foreach (var (person, count) in paid.Where(row => row.Text("status") is "Paid").CountBy(row => row.Required("user_id")))
        {
            if (count - used.GetValueOrDefault(person) is var left and > 0)
            {
                data.Credits.Add(new SourceCredits(person, left));
            }
        }

        Django.Leave(data, uploads.Count, "files: their contents are not in the database");
        Django.Leave(data, paid.Count, "gateway transactions: what was paid and not used comes as credits");
    }
}
