using System.Net;
using System.Net.Sockets;
using Florin.Platform;

namespace Florin.Webhooks;

/// <summary>
/// Decides where webhooks may go, so that nobody makes this server call what only it can reach. Addresses are judged as numbers, after the name
/// was resolved; the notation that they were written in does not matter then.
/// </summary>
internal sealed class AddressGuard(bool plain, bool loopback, bool privateNetworks)
{
    // https://www.iana.org/assignments/iana-ipv4-special-registry, less what is globally reachable; and multicast.
    private static readonly IPNetwork[] NotPublic =
    [
        IPNetwork.Parse("0.0.0.0/8"),
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("100.64.0.0/10"),
        IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.0.0.0/24"),
        IPNetwork.Parse("192.0.2.0/24"),
        IPNetwork.Parse("192.88.99.0/24"),
        IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("198.18.0.0/15"),
        IPNetwork.Parse("198.51.100.0/24"),
        IPNetwork.Parse("203.0.113.0/24"),
        IPNetwork.Parse("224.0.0.0/4"),
        IPNetwork.Parse("240.0.0.0/4"),
    ];

    // Only 2000::/3 is given to hosts; of it these are not: protocols (Teredo among them), documentation, 6to4.
    private static readonly IPNetwork Global = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork[] NotGlobal =
    [
        IPNetwork.Parse("2001::/23"),
        IPNetwork.Parse("2001:db8::/32"),
        IPNetwork.Parse("2002::/16"),
        IPNetwork.Parse("3fff::/20"),
    ];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork Loopback4 = IPNetwork.Parse("127.0.0.0/8");
    private static readonly IPNetwork[] Private =
    [
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("100.64.0.0/10"),
        IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("fc00::/7"),
    ];

    /// <summary>The guard that the settings want: a sandbox takes plain http, and one on a developer's own machine also addresses of that machine.</summary>
    public static AddressGuard Of(Settings settings) =>
        new(
            plain: settings.Sandbox,
            loopback: settings.WebhookAllowPrivate || (settings.Sandbox && new Uri(settings.PublicUrl).IsLoopback),
            privateNetworks: settings.WebhookAllowPrivate
        );

    /// <summary>Whether webhooks may be sent to this address.</summary>
    public bool Allows(IPAddress address)
    {
        var judged = Plain(address);
        return (loopback && IsLoopback(judged)) || (privateNetworks && Private.Any(network => network.Contains(judged))) || IsPublic(judged);
    }

    /// <summary>Reads the address of an endpoint as its owner gave it.</summary>
    /// <exception cref="Refusal"><c>webhook_url_not_allowed</c></exception>
    public Uri Read(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || text.Length > WebhookEndpoint.UrlLength || text.Any(char.IsControl))
        {
            throw PlatformRefusals.InvalidRequest.Field("url", "must be an address such as https://shop.example.org/florin");
        }

        if (
            !string.Equals(url.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal)
            && !(plain && string.Equals(url.Scheme, Uri.UriSchemeHttp, StringComparison.Ordinal))
        )
        {
            throw WebhooksRefusals.WebhookUrlNotAllowed.With(plain ? "It must begin with https:// or http://." : "It must begin with https://.");
        }

        if (url.UserInfo.Length > 0)
        {
            throw WebhooksRefusals.WebhookUrlNotAllowed.With("It must hold no name and password; verify the signature instead.");
        }

        if (url.Port is not (80 or 443) and (< 1024 or > 65535))
        {
            throw WebhooksRefusals.WebhookUrlNotAllowed.With("The port must be 443, 80 or above 1023.");
        }

        // What a name stands for is judged at each try, since it may change.
        var named = url.IdnHost.TrimEnd('.');
        if (
            named.Length == 0
            || (IPAddress.TryParse(named, out var literal) && !Allows(literal))
            || (!loopback && (named is "localhost" || named.EndsWith(".localhost", StringComparison.Ordinal)))
        )
        {
            throw WebhooksRefusals.WebhookUrlNotAllowed.With("It must be an address on the public internet.");
        }

        return url;
    }

    /// <summary>Whether this is what the internet gives to hosts.</summary>
    internal static bool IsPublic(IPAddress address)
    {
        var judged = Plain(address);
        return judged.AddressFamily switch
        {
            AddressFamily.InterNetwork => !NotPublic.Any(network => network.Contains(judged)),
            AddressFamily.InterNetworkV6 => Global.Contains(judged) && !NotGlobal.Any(network => network.Contains(judged)),
            _ => false,
        };
    }

    private static bool IsLoopback(IPAddress address) => Loopback4.Contains(address) || address.Equals(IPAddress.IPv6Loopback);

    // An IPv4 address in the clothes of IPv6 is judged as what it is; the scope of a link says nothing.
    private static IPAddress Plain(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
            : Nat64.Contains(new IPAddress(address.GetAddressBytes())) ? new IPAddress(address.GetAddressBytes()[12..])
            : new IPAddress(address.GetAddressBytes());
    }
}
