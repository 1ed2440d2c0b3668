using System.Net;
using Florin.Platform;
using Florin.Webhooks;

namespace Florin.Tests.Webhooks;

public sealed class AddressGuardTests
{
    private static readonly AddressGuard Live = new(plain: false, loopback: false, privateNetworks: false);
    private static readonly AddressGuard Developer = new(plain: true, loopback: true, privateNetworks: false);
    private static readonly AddressGuard Everything = new(plain: true, loopback: true, privateNetworks: true);

    [Theory]
    [InlineData("93.184.216.34")]
    [InlineData("1.1.1.1")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2a00:1450:4001::1")]
    [InlineData("::ffff:93.184.216.34")]
    [InlineData("64:ff9b::5db8:d822")] // NAT64 of a public address, as networks without IPv4 resolve it
    public void A_public_address_is_taken(string address)
    {
        Assert.True(Live.Allows(IPAddress.Parse(address)));
        Assert.True(Everything.Allows(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("169.254.169.254")] // link-local: where clouds keep their keys
    [InlineData("192.0.0.1")]
    [InlineData("192.0.2.1")]
    [InlineData("198.51.100.7")]
    [InlineData("203.0.113.9")]
    [InlineData("198.18.0.1")]
    [InlineData("192.88.99.1")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.250")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    [InlineData("100::1")]
    [InlineData("2001:db8::1")]
    [InlineData("3fff::1")]
    [InlineData("2001::1")]
    [InlineData("2001:0:a00:1::1")] // Teredo
    [InlineData("2002:a00:1::1")] // 6to4 of 10.0.0.1
    [InlineData("2002:5db8:d822::1")]
    [InlineData("64:ff9b::a9fe:a9fe")] // NAT64 of 169.254.169.254
    [InlineData("64:ff9b:1::1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::a9fe:a9fe")] // IPv4-compatible
    [InlineData("::ffff:0:169.254.169.254")]
    public void What_is_no_host_s_on_the_internet_is_never_taken(string address)
    {
        Assert.False(Live.Allows(IPAddress.Parse(address)));
        Assert.False(Developer.Allows(IPAddress.Parse(address)));
        Assert.False(Everything.Allows(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.255.255.254", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("64:ff9b::7f00:1", true)]
    [InlineData("10.0.0.1", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fd12:3456::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    public void This_machine_and_private_networks_are_taken_only_where_they_were_allowed(string address, bool thisMachine)
    {
        Assert.False(Live.Allows(IPAddress.Parse(address)));
        Assert.Equal(thisMachine, Developer.Allows(IPAddress.Parse(address)));
        Assert.True(Everything.Allows(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("https://2130706433/")]
    [InlineData("https://0x7f000001/")]
    [InlineData("https://0x7f.1/")]
    [InlineData("https://017700000001/")]
    [InlineData("https://0177.0.0.1/")]
    [InlineData("https://127.1/")]
    [InlineData("https://①②⑦.0.0.1/")]
    [InlineData("https://127.0.0.1./")]
    [InlineData("https://localhost/")]
    [InlineData("https://LOCALHOST./")]
    [InlineData("https://a.localhost/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::ffff:127.0.0.1]/")]
    [InlineData("https://[0:0:0:0:0:ffff:7f00:1]/")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://0xa9fea9fe/")]
    [InlineData("https://[fe80::1%25eth0]/")]
    [InlineData("https://192.168.0.1:8443/")]
    [InlineData("https://shop.example.org:25/")]
    [InlineData("https://shop.example.org:0/")]
    [InlineData("https://user@shop.example.org/")]
    [InlineData("https://user:word@shop.example.org/")]
    [InlineData("http://shop.example.org/")]
    [InlineData("ftp://shop.example.org/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://shop.example.org/")]
    [InlineData("https:///path")]
    [InlineData("//shop.example.org/")]
    [InlineData("not an address")]
    public void An_address_in_any_notation_is_refused_in_live_mode(string url) =>
        Assert.InRange(Assert.Throws<Refusal>(() => Live.Read(url)).Reason.Status, 400, 422);

    [Theory]
    [InlineData("https://shop.example.org/florin?x=1")]
    [InlineData("https://shop.example.org:8443/")]
    [InlineData("https://bücher.example/florin")]
    [InlineData("https://93.184.216.34/")]
    public void A_public_address_is_read_in_live_mode(string url) => Assert.Equal("https", Live.Read(url).Scheme);

    [Fact]
    public void A_developer_may_use_plain_http_on_their_own_machine() => Assert.Equal(3000, Developer.Read("http://localhost:3000/florin").Port);

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1")]
    [InlineData("0x7f.1")]
    [InlineData("2130706433")]
    [InlineData("017700000001")]
    [InlineData("localhost")]
    public async Task What_the_system_resolves_is_judged_as_a_number(string host)
    {
        var addresses = await Dns.GetHostAddressesAsync(host, TestContext.Current.CancellationToken);
        Assert.NotEmpty(addresses);
        Assert.DoesNotContain(addresses, Live.Allows);
    }
}
