namespace Florin.Platform.Pages;

/// <summary>A place of the staff's pages, <c>/admin</c>, that their navigation leads to. A module registers its own as singletons.</summary>
/// <param name="Text">English; translated when shown.</param>
/// <param name="Path">Where it leads; pages below it count as there.</param>
/// <param name="Icon">A name of Tabler's outline icons.</param>
/// <param name="Order">Smaller stands first.</param>
public sealed record StaffPlace(string Text, string Path, string Icon, int Order);

/// <summary>Declares pages of the staff. Who may do what on them is decided by <c>/v1</c>, not here.</summary>
public static class StaffPages
{
    /// <summary>A group of pages below <c>/admin</c> that all staff may open, auditors too.</summary>
    public static RouteGroupBuilder MapStaffPages(this IEndpointRouteBuilder routes, string prefix = "")
    {
        var pages = routes.MapPages("/admin" + prefix);
        pages.RequireAuthorization(Policies.Staff);
        return pages;
    }
}
