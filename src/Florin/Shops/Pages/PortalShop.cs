using Florin.Money;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Shops.Pages;

/// <summary>The shop whose pages are read: the one that the browser last chose, of those where the reader works. One per request.</summary>
public sealed class PortalShop(PageApi api, PageContext page, Settings settings)
{
    private const string Cookie = "florin_shop";
    private static readonly TimeSpan KeepChoice = TimeSpan.FromDays(365);

    /// <summary>Whether there is one.</summary>
    public bool Found => All.Count > 0;

    /// <summary>Its public id.</summary>
    public string Id => Shop.Id;

    /// <summary>Its name.</summary>
    public string Name => Shop.Name;

    /// <summary>Whether it is the reader's own; else they are a cashier.</summary>
    public bool Owned => Shop.Role is "owner";

    /// <summary>The currencies that are offered, the shop's own first.</summary>
    public IReadOnlyList<Currency> Currencies =>
        [.. settings.Currencies.OrderBy(one => string.Equals(one.Code, Shop.DefaultCurrency, StringComparison.Ordinal) ? 0 : 1)];

    /// <summary>How many shops the reader may choose from.</summary>
    public int Count => All.Count;

    /// <summary>The reader's open shops.</summary>
    internal IReadOnlyList<ShopView> All { get; private set; } = [];

    /// <summary>The shop.</summary>
    internal ShopView Shop { get; private set; } = null!;

    /// <summary>Whether the browser has chosen one of the shops.</summary>
    internal bool Chosen { get; private set; }

    /// <summary>Finds out where the reader works now.</summary>
    internal async Task ReadAsync()
    {
        All = [.. (await api.GetAsync<Page<ShopView>>("/v1/shops?limit=100")).Data.Where(shop => shop.ClosedAt is null)];
        var chosen = page.Http.Request.Cookies[Cookie];
        var found = All.FirstOrDefault(shop => string.Equals(shop.Id, chosen, StringComparison.Ordinal));
        Chosen = found is not null;
        Shop = found ?? (All.Count > 0 ? All[0] : null!);
    }

    /// <summary>Keeps the choice of a shop. It gives no right: who works where is read at every request.</summary>
    internal void Choose(string id) =>
        page.Http.Response.Cookies.Append(
            Cookie,
            id,
            new CookieOptions
            {
                HttpOnly = true,
                SameSite = SameSiteMode.Lax,
                Secure = page.Http.Request.IsHttps,
                MaxAge = KeepChoice,
                IsEssential = true,
            }
        );
}
