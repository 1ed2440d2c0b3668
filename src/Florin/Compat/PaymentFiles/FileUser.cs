using Florin.Identity;

namespace Florin.Compat.PaymentFiles;

/// <summary>A person as seed 3 shows one.</summary>
internal sealed record FileUser(long Id, string Username, string Email, string MobileNumber)
{
    /// <summary>Shows a person.</summary>
    public static FileUser Of(Person person) => new(person.Number, person.Username ?? "", person.Email ?? "", person.ContactNumber ?? person.Phone ?? "");
}
