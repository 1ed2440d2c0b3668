using Florin.Money;
using Florin.Vouchers;

namespace Florin.Imports;

/// <summary>Somebody of an old system.</summary>
/// <param name="Key">The primary key there.</param>
/// <param name="Username">A login.</param>
/// <param name="Email">A login.</param>
/// <param name="Phone">A login, E.164.</param>
internal sealed record SourcePerson(string Key, string? Username, string? Email, string? Phone)
{
    public string? ContactNumber { get; init; }

    public string FirstName { get; init; } = "";

    public string LastName { get; init; } = "";

    /// <summary>As Django kept it.</summary>
    public string? PasswordHash { get; init; }

    /// <summary>Where the old system kept passwords as they are: hashed here at once.</summary>
    public string? PlainPassword { get; init; }

    public string? Pin { get; init; }

    public bool Active { get; init; } = true;

    /// <summary>Whether it was staff there; no rights come with it.</summary>
    public bool Staff { get; init; }

    /// <summary>Whether it sells: it gets a shop.</summary>
    public bool Merchant { get; init; }

    public DateOnly? DateOfBirth { get; init; }

    public string? StudentId { get; init; }

    public string? Institution { get; init; }

    public int? GraduationYear { get; init; }

    /// <summary>How it is named in the report.</summary>
    public string Shown => $"{Username ?? Email ?? Phone ?? "?"} (id {Key})";
}

/// <summary>A wallet of an old system.</summary>
/// <param name="Key">The primary key there.</param>
/// <param name="Person">Its owner's.</param>
/// <param name="Currency">Its currency.</param>
/// <param name="Minor">What it holds.</param>
internal sealed record SourceWallet(string Key, string Person, Currency Currency, long Minor)
{
    public string? Name { get; init; }

    /// <summary>Ten digits; null where there was none, and one is drawn.</summary>
    public string? Number { get; init; }

    /// <summary>Whether it could not pay its fee.</summary>
    public bool Blocked { get; init; }

    public DateTimeOffset? FeeDue { get; init; }

    /// <summary>Above it the PIN is asked, minor units.</summary>
    public long? ProofLimit { get; init; }
}

/// <summary>A bill that is still to be paid.</summary>
internal sealed record SourceBill(string Key, string Merchant, string Customer, Amount Amount);

/// <summary>A voucher with its type's key.</summary>
internal sealed record SourceVoucher(string Key, string Person, string Type, ImportedVoucher Voucher);

/// <summary>Credits for files that were paid and not used.</summary>
internal sealed record SourceCredits(string Person, int Count);

/// <summary>All that is taken from an old system.</summary>
internal sealed class SourceData
{
    public List<SourcePerson> People { get; } = [];

    public List<SourceWallet> Wallets { get; } = [];

    public List<SourceBill> Bills { get; } = [];

    public Dictionary<string, ImportedVoucherType> VoucherTypes { get; } = new(StringComparer.Ordinal);

    public List<SourceVoucher> Vouchers { get; } = [];

    public List<SourceCredits> Credits { get; } = [];

    /// <summary>What is there and is not taken, for the report.</summary>
    public List<string> Left { get; } = [];

    /// <summary>What stops the import.</summary>
    public List<string> Problems { get; } = [];
}
