namespace Florin.Platform.Pages;

/// <summary>A place of the product that the shell of every page leads to. A module registers its own as singletons.</summary>
/// <param name="Text">English; translated when shown.</param>
/// <param name="Path">Where it leads; pages below it count as there.</param>
/// <param name="Icon">A name of Tabler's outline icons.</param>
/// <param name="Order">Smaller stands first.</param>
/// <param name="Roles">Who sees it: any of these.</param>
public sealed record NavigationLink(string Text, string Path, string Icon, int Order, IReadOnlyList<string> Roles);
