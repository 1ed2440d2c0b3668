using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Florin.Platform;
using Florin.Tests.Platform;

namespace Florin.Tests.Notifications;

/// <summary>Mail leaves encrypted or not at all, as plain text and HTML in one.</summary>
public sealed class MailTransportTests
{
    private const string NothingWasSent = "select count(*) = 1 and bool_and(attempts >= 1) from platform.outbox_parked";

    [Fact]
    public async Task Mail_leaves_by_STARTTLS_and_the_password_only_then()
    {
        using var certificate = Certify();
        Trust(certificate);
        await using var server = new SmallMailServer { Certificate = certificate };
        await using var app = await AppAsync(server);
        await RequestAsync(app);
        Assert.Contains("RCPT TO:<bob@example.com>", await server.NextAsync(), StringComparison.Ordinal);
        Assert.All(server.InClear, line => Assert.True(line.StartsWith("EHLO", StringComparison.Ordinal) || line is "STARTTLS", line));
        Assert.Contains(Convert.ToBase64String("the password"u8), server.Encrypted, StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_server_without_STARTTLS_is_sent_nothing()
    {
        await using var server = new SmallMailServer();
        await using var app = await AppAsync(server);
        await RequestAsync(app);
        await app.Database.WaitAsync(NothingWasSent);
        Assert.All(server.InClear, line => Assert.True(line.Split(' ')[0] is "EHLO" or "QUIT", line));
        Assert.NotEmpty(server.InClear);
        Assert.Equal(1, await app.Database.ScalarAsync<long>("select count(*) from platform.outbox where secret is not null"));
    }

    [Fact]
    public async Task A_server_whose_certificate_nobody_vouches_for_is_sent_nothing()
    {
        using var certificate = Certify();
        await using var server = new SmallMailServer { Certificate = certificate };
        await using var app = await AppAsync(server);
        await RequestAsync(app);
        await app.Database.WaitAsync(NothingWasSent);
        Assert.All(server.InClear, line => Assert.True(line.StartsWith("EHLO", StringComparison.Ordinal) || line is "STARTTLS", line));
        Assert.Contains("STARTTLS", server.InClear);
        Assert.Contains("certificate", await app.Database.ScalarAsync<string>("select last_error from platform.outbox_parked"), StringComparison.Ordinal);
        Assert.Empty(server.Encrypted);
    }

    [Fact]
    public async Task A_mail_is_plain_text_and_HTML_in_one_and_no_line_of_it_is_long()
    {
        using var certificate = Certify();
        Trust(certificate);
        await using var server = new SmallMailServer { Certificate = certificate };
        await using var app = await AppAsync(server);
        await RequestAsync(app, "Асан & Үсен <b>");
        var mail = await server.NextAsync();
        Assert.Contains("Content-Type: multipart/alternative;", mail, StringComparison.OrdinalIgnoreCase);
        var (plain, html) = (mail.IndexOf("Content-Type: text/plain", StringComparison.OrdinalIgnoreCase), mail.IndexOf("text/html", StringComparison.Ordinal));
        Assert.True(plain > 0 && html > plain, mail); // the last is the one that clients prefer (RFC 2046)
        Assert.All(mail.Split('\n'), line => Assert.True(line.Length <= 998, line));
        Assert.Contains("&amp;", mail[html..], StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;", mail[html..], StringComparison.Ordinal);
        Assert.Contains("=D0=90=D1=81=D0=B0=D0=BD", mail[html..].Replace("=\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static async Task<FlorinApp> AppAsync(SmallMailServer server)
    {
        var app = new FlorinApp
        {
            Settings =
            {
                ["FLORIN_SMTP_HOST"] = "localhost",
                ["FLORIN_SMTP_PORT"] = $"{server.Port}",
                ["FLORIN_SMTP_USER"] = "florin",
                ["FLORIN_SMTP_PASSWORD"] = "the password",
            },
        };
        await app.InitializeAsync();
        return app;
    }

    private static Task RequestAsync(FlorinApp app, string payee = "Corner Shop")
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal) { ["payee"] = payee, ["amount"] = "12.34 KZT" };
        var request = new MessageRequest(MessageChannel.Email, "bob@example.com", "receipt", values);
        return OutboxRig.WriteAsync(app, request.Event(app.Get<Secrets>(), Guid.NewGuid()));
    }

    private static X509Certificate2 Certify()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    // For this process and this certificate alone; the machine's store is not touched. System.Net.Mail still asks here.
    private static void Trust(X509Certificate2 trusted)
    {
        var thumbprint = trusted.Thumbprint;
#pragma warning disable SYSLIB0014, MA0039 // what the first says of HttpWebRequest is not so of mail; one certificate is compared whole
        var former = ServicePointManager.ServerCertificateValidationCallback;
        ServicePointManager.ServerCertificateValidationCallback = (sender, shown, chain, errors) =>
            errors == SslPolicyErrors.None
            || string.Equals(shown?.GetCertHashString(), thumbprint, StringComparison.OrdinalIgnoreCase)
            || former?.Invoke(sender, shown, chain, errors) == true;
#pragma warning restore SYSLIB0014, MA0039
    }
}
