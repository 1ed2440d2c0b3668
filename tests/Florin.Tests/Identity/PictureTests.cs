using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Florin.Identity;
using Florin.Platform;

namespace Florin.Tests.Identity;

public sealed class PictureTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private static readonly Uri Address = new("/v1/me/picture", UriKind.Relative);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Folder => Path.Combine(app.Get<Settings>().Data, "files", "pictures");

    [Theory]
    [InlineData("image/png")]
    [InlineData("image/jpeg")]
    [InlineData("image/webp")]
    public async Task A_picture_comes_back_byte_for_byte_to_its_owner_only_and_as_a_file(string type)
    {
        var ann = await SignedIn.AsAsync(app);
        var eve = await SignedIn.AsAsync(app);
        var file = type switch
        {
            "image/png" => Pictures.Png(),
            "image/jpeg" => Pictures.Jpeg(),
            _ => Pictures.WebPLossless(),
        };
        Assert.Equal(HttpStatusCode.NoContent, (await PutAsync(ann, file, type)).StatusCode);
        var answer = await ann.GetAsync("/v1/me/picture");
        Assert.Equal(file, await answer.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("not_found", await SignedIn.Refusal(await eve.GetAsync("/v1/me/picture")));
        Assert.Contains("identity.picture_set", await ann.ActivityAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_with_one_file_does_too_and_its_name_is_not_used()
    {
        var ann = await SignedIn.AsAsync(app);
        using var form = new MultipartFormDataContent();
        form.Add(Part(Pictures.Jpeg(), "image/png"), "picture", "../../etc/passwd.html");
        Assert.Equal(HttpStatusCode.NoContent, (await ann.Http.PutAsync(Address, form, Cancel)).StatusCode);
        Assert.Equal("image/jpeg", (await ann.NowAsync()).PictureType);
        Assert.Matches("^[0-9a-f]{64}$", (await ann.NowAsync()).Picture!);
    }

    [Fact]
    public async Task A_form_with_no_file_or_two_is_refused()
    {
        var ann = await SignedIn.AsAsync(app);
        using var none = new MultipartFormDataContent { { new StringContent("x"), "picture" } };
        Assert.Equal("invalid_request", await SignedIn.Refusal(await ann.Http.PutAsync(Address, none, Cancel)));
        using var two = new MultipartFormDataContent
        {
            { Part(Pictures.Png(), "image/png"), "a", "a.png" },
            { Part(Pictures.Png(), "image/png"), "b", "b.png" },
        };
        Assert.Equal("invalid_request", await SignedIn.Refusal(await ann.Http.PutAsync(Address, two, Cancel)));
    }

    [Fact]
    public async Task Another_picture_replaces_the_file_and_removing_it_leaves_none()
    {
        var ann = await SignedIn.AsAsync(app);
        await PutAsync(ann, Pictures.Png(), "image/png");
        var first = FileOf(await ann.NowAsync());
        await PutAsync(ann, Pictures.Jpeg(), "image/jpeg");
        var second = FileOf(await ann.NowAsync());
        Assert.False(File.Exists(first));
        Assert.True(File.Exists(second));
        Assert.Equal(HttpStatusCode.NoContent, (await ann.Http.DeleteAsync(Address, Cancel)).StatusCode);
        Assert.False(File.Exists(second));
        Assert.Equal("not_found", await SignedIn.Refusal(await ann.GetAsync("/v1/me/picture")));
        Assert.Equal(HttpStatusCode.NoContent, (await ann.Http.DeleteAsync(Address, Cancel)).StatusCode);
        Assert.Contains("identity.picture_removed", await ann.ActivityAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_pictures_at_once_leave_one_file()
    {
        var ann = await SignedIn.AsAsync(app);
        var sent = await Task.WhenAll(Enumerable.Range(1, 10).Select(i => PutAsync(ann, Pictures.Png((uint)i), "image/png")));
        Assert.All(sent, answer => Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode));
        var shown = await (await ann.GetAsync("/v1/me/picture")).Content.ReadAsByteArrayAsync(Cancel);
        var kept = FileOf(await ann.NowAsync());
        Assert.Equal(shown, await File.ReadAllBytesAsync(kept, Cancel));
        var names = await app.Database.ScalarAsync<long>("select count(*) from identity.people where picture is not null");
        Assert.Equal(names, Directory.GetFiles(Folder, "*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task What_is_appended_to_a_picture_is_not_kept()
    {
        var ann = await SignedIn.AsAsync(app);
        byte[] polyglot = [.. Pictures.Png(), .. Encoding.ASCII.GetBytes("PK\u0003\u0004 and <script>alert(1)</script>")];
        Assert.Equal(HttpStatusCode.NoContent, (await PutAsync(ann, polyglot, "image/png")).StatusCode);
        Assert.Equal(Pictures.Png(), await (await ann.GetAsync("/v1/me/picture")).Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task A_picture_with_a_page_in_its_comment_is_never_shown_as_a_page()
    {
        var ann = await SignedIn.AsAsync(app);
        await PutAsync(ann, Pictures.Jpeg(comment: "<html><script>alert(1)</script>"), "text/html", expectType: false);
        await PutAsync(ann, Pictures.Jpeg(comment: "<html><script>alert(1)</script>"), "image/png");
        var answer = await ann.GetAsync("/v1/me/picture");
        Assert.Equal("image/jpeg", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Contains("sandbox", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_files_are_refused_and_leave_nothing()
    {
        var ann = await SignedIn.AsAsync(app);
        var before = Directory.Exists(Folder) ? Directory.GetFiles(Folder, "*", SearchOption.AllDirectories).Length : 0;
        var html = Encoding.ASCII.GetBytes("<html><script>alert(1)</script></html>");
        Assert.Equal("picture_not_readable", await SignedIn.Refusal(await PutAsync(ann, html, "image/png")));
        Assert.Equal("picture_not_readable", await SignedIn.Refusal(await PutAsync(ann, Pictures.Png()[..^3], "image/png")));
        Assert.Equal("picture_not_readable", await SignedIn.Refusal(await PutAsync(ann, [], "image/png")));
        Assert.Equal("picture_too_large", await SignedIn.Refusal(await PutAsync(ann, Pictures.Png(100_000, 100_000), "image/png")));
        byte[] padded = [.. Pictures.Png()[..^12], .. new byte[PictureHeader.MaxBytes]];
        Assert.Equal("picture_too_large", await SignedIn.Refusal(await PutAsync(ann, padded, "image/png")));
        Assert.Null((await ann.NowAsync()).Picture);
        Assert.Equal(before, Directory.Exists(Folder) ? Directory.GetFiles(Folder, "*", SearchOption.AllDirectories).Length : 0);
    }

    [Fact]
    public async Task Far_too_many_bytes_are_refused_before_they_are_read()
    {
        var ann = await SignedIn.AsAsync(app);
        using var request = new HttpRequestMessage(HttpMethod.Put, Address) { Content = Part(new byte[PictureHeader.MaxBytes + 100_000], "image/png") };
        request.Headers.ExpectContinue = true;
        var answer = await ann.Http.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Theory]
    [InlineData("../secret-key")]
    [InlineData("../../../../../../../../../../../../../../../../../../etc/passwd0")]
    [InlineData("")]
    public void A_name_that_the_store_did_not_give_is_no_file_of_it(string name) =>
        Assert.Throws<ArgumentException>(() => app.Get<FileStore>().TryOpen("pictures", name, out _));

    [Fact]
    public async Task A_file_that_could_not_be_written_whole_leaves_nothing()
    {
        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => app.Get<FileStore>().SaveAsync("partial", new byte[100], stopped.Token));
        Assert.Empty(Directory.GetFiles(Path.Combine(app.Get<Settings>().Data, "files", "partial"), "*", SearchOption.AllDirectories));
    }

    private string FileOf(Person person) => Path.Combine(Folder, person.Picture![..2], person.Picture);

    private static ByteArrayContent Part(byte[] file, string type) => new(file) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };

    private static async Task<HttpResponseMessage> PutAsync(SignedIn who, byte[] file, string type, bool expectType = true)
    {
        using var content = Part(file, type);
        var answer = await who.Http.PutAsync(Address, content, Cancel);
        Assert.Equal(expectType, answer.StatusCode != HttpStatusCode.UnsupportedMediaType);
        return answer;
    }
}
