using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Florin.Files;
using Florin.Identity;
using Florin.Platform;
using Florin.Tests.Payments;
using Florin.Tests.Wallets;

namespace Florin.Tests.Files;

public sealed class FilesTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private FileProcessing Work => app.Get<FileProcessing>();

    [Fact]
    public async Task A_credit_is_bought_held_and_spent_and_the_file_is_counted_and_given_back()
    {
        var owner = await FileOwner.NewAsync(app, credits: 2);
        Assert.Equal("9800.00", await owner.Purse.BalanceAsync());
        var sent = (await owner.SendAsync("One two.\nThree ক খ\n", "../notes/my words.txt")).Must(201);
        Assert.Equal("processing", sent.Text("state"));
        Assert.Equal("my words.txt", sent.Text("filename"));
        Assert.Equal("1 1 0 0", await owner.CreditsAsync());
        (await owner.Customer.SendAsync(HttpMethod.Delete, "/v1/files/" + sent.Text("id"))).MustRefuse(409, "file_processing");
        await FileBooks.CheckAsync(app);

        await Work.RunAsync(Cancel);
        var done = await owner.ShowAsync(sent.Text("id"));
        Assert.Equal("completed", done.Text("state"));
        Assert.Equal(
            "5 3 19 2 txt",
            $"{done.Text("result.words")} {done.Text("result.ascii_words")} {done.Text("result.characters")} {done.Text("result.lines")} {done.Text("result.format")}"
        );
        Assert.Equal("1 0 1 0", await owner.CreditsAsync());
        await FileBooks.CheckAsync(app);

        var path = $"/v1/files/{sent.Text("id")}/content";
        var content = await owner.SendAsync(HttpMethod.Get, path, null, null);
        Assert.Equal("One two.\nThree ক খ\n", content.Body);
        Assert.Equal("application/octet-stream", content.ContentType);
        var part = await owner.SendAsync(HttpMethod.Get, path, null, null, request => request.Headers.Range = new RangeHeaderValue(4, 6));
        Assert.Equal((206, "two"), (part.Status, part.Body));
        var stranger = await FileOwner.NewAsync(app);
        (await stranger.Customer.GetAsync(path)).MustRefuse(404, "not_found");
        Assert.Equal(1, (await owner.Customer.GetAsync("/v1/files")).Must(200).At("data").GetArrayLength());

        Assert.Equal(204, (await owner.Customer.SendAsync(HttpMethod.Delete, "/v1/files/" + sent.Text("id"))).Status);
        (await owner.Customer.GetAsync(path)).MustRefuse(404, "not_found");
        Assert.Equal(
            0,
            await app.Database.ScalarAsync<long>(
                "select count(*) from files.blobs b join files.files f on f.blob = b.name where f.person_id = $1",
                owner.Customer.Id
            )
        );
        Assert.Equal("files.uploaded files.completed", await TopicsAsync(sent.Text("id")));
    }

    [Fact]
    public async Task Prices_are_the_servers_and_an_order_must_fit_them()
    {
        var owner = await FileOwner.NewAsync(app);
        var offers = (await owner.Customer.GetAsync("/v1/file-services")).Must(200).At("data");
        Assert.Equal("word_count file_facts", string.Join(' ', offers.EnumerateArray().Select(offer => offer.Text("service"))));
        Assert.Equal("100.00", offers[0].At("prices")[0].Text("amount"));
        Assert.Equal("300.00", (await owner.OrderAsync(3)).Must(201).Text("amount.amount"));
        (await owner.OrderAsync(0)).MustRefuse(400, "invalid_request");
        (await owner.OrderAsync(101)).MustRefuse(400, "invalid_request");
        (await owner.OrderAsync(1, "magic")).MustRefuse(422, "unknown_file_service");
        (await owner.OrderAsync(1, more: ",\"currency\":\"USD\"")).MustRefuse(422, "file_price_unknown");
        (await owner.Customer.PostAsync("/v1/payments", """{"purpose":"file_credit","amount":{"amount":"1.00","currency":"BDT"}}""")).MustRefuse(
            422,
            "file_price_differs"
        );
        (await owner.SendAsync("words")).MustRefuse(402, "no_file_credit");
    }

    [Fact]
    public async Task Another_service_takes_any_file_and_credits_are_of_one_service()
    {
        var owner = await FileOwner.NewAsync(app, credits: 1);
        byte[] program = [0x4D, 0x5A, 0x90, 0, 3, 0, 0, 0];
        (await owner.SendAsync(program, "setup.exe", "file_facts")).MustRefuse(402, "no_file_credit");
        (await owner.SendAsync(program, "setup.exe", "magic")).MustRefuse(422, "unknown_file_service");
        await owner.BuyAsync(1, "file_facts");
        var done = await owner.WorkAsync(program, "Setup.TXT", "file_facts");
        Assert.Equal("completed exe txt 8", $"{done.Text("state")} {done.Text("result.format")} {done.Text("result.extension")} {done.Text("result.size")}");
        Assert.Equal(done.Text("sha256"), done.Text("result.sha256"));
        await FileBooks.CheckAsync(app);
    }

    [Fact]
    public async Task What_cannot_be_counted_fails_for_a_reason_and_the_credit_is_free_again()
    {
        var owner = await FileOwner.NewAsync(app, credits: 1);
        (await owner.SendAsync([0x4D, 0x5A, 0x90, 0, 3, 0, 0, 0], "essay.txt")).MustRefuse(415, "file_type_not_accepted");
        (await owner.SendAsync([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0], "essay.docx")).MustRefuse(415, "file_type_not_accepted");
        (await owner.SendAsync([], "empty.txt")).MustRefuse(422, "file_missing");
        Assert.Equal("1 0 0 0", await owner.CreditsAsync());
        var hidden = new byte[9000];
        Array.Fill(hidden, (byte)'a');
        hidden[8000] = 0;
        foreach (var (name, content, reason) in Documents.Hostile().Append(("late-nul.txt", hidden, "not_text")))
        {
            var failed = await owner.WorkAsync(content, name);
            Assert.Equal($"{name} failed {reason}", $"{name} {failed.Text("state")} {failed.Text("failure.code")}");
            Assert.NotEmpty(failed.Text("failure.text"));
            Assert.Equal("1 0 0 0", await owner.CreditsAsync());
        }

        var done = await owner.WorkAsync(Documents.Docx(Documents.P("one two three")), "named-anything.txt");
        Assert.Equal("3", done.Text("result.words"));
        await FileBooks.CheckAsync(app);
    }

    [Fact]
    public async Task Staff_see_everybodys_files_and_why_they_failed_but_not_what_is_in_them()
    {
        var owner = await FileOwner.NewAsync(app, credits: 1);
        var hidden = new byte[9000];
        Array.Fill(hidden, (byte)'a');
        hidden[8000] = 0;
        var id = (await owner.WorkAsync(hidden, "zeros.txt")).Text("id");
        var auditor = await Customer.NewAsync(app, roles: [Roles.Auditor]);
        var listed = (await auditor.GetAsync("/v1/files/desk?state=failed")).Must(200).At("data").EnumerateArray();
        var failed = listed.Single(file => string.Equals(file.Text("id"), id, StringComparison.Ordinal));
        Assert.Equal((Ids.Show("usr", owner.Customer.Id), "zeros.txt", "1"), (failed.Text("person"), failed.Text("filename"), failed.Text("tries")));
        Assert.NotEqual("", failed.Text("failure.text"));
        Assert.DoesNotContain(id, (await auditor.GetAsync("/v1/files/desk?state=completed")).Body, StringComparison.Ordinal);
        (await auditor.GetAsync("/v1/files/desk?state=lost")).MustRefuse(400, "invalid_request");
        (await auditor.GetAsync("/v1/files/" + id)).MustRefuse(404, "not_found");
        (await owner.Customer.GetAsync("/v1/files/desk")).MustRefuse(403, "forbidden");
    }

    [Fact]
    public async Task Of_fifty_uploads_at_once_on_two_servers_one_takes_the_last_credit()
    {
        await using var second = await app.SecondServerAsync();
        var owner = await FileOwner.NewAsync(app, credits: 1);
        var elsewhere = owner.At(second);
        var (rowsBefore, filesBefore) = await StoredAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => (i % 2 == 0 ? owner : elsewhere).SendAsync($"file {i}")));
        Assert.Equal(1, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer => answer.MustRefuse(402, "no_file_credit"));
        Assert.Equal("0 1 0 0", await owner.CreditsAsync());
        Assert.Equal((rowsBefore + 1, filesBefore + 1), await StoredAsync()); // what lost is not kept
        await Work.RunAsync(Cancel);
        await FileBooks.CheckAsync(app);
    }

    [Fact]
    public async Task The_same_key_takes_one_credit_and_another_file_under_it_is_refused()
    {
        var owner = await FileOwner.NewAsync(app, credits: 2);
        var key = Customer.NewKey();
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => owner.SendAsync("same words", key: key)));
        Assert.All(answers, answer => Assert.Equal(answers[0].Must(201).Text("id"), answer.Must(201).Text("id")));
        (await owner.SendAsync("other words", key: key)).MustRefuse(422, "idempotency_key_reused");
        (await owner.SendAsync(new ByteArrayContent("x"u8.ToArray()), "a.txt", key: "")).MustRefuse(400, "idempotency_key_missing");
        Assert.Equal("1 1 0 0", await owner.CreditsAsync());
        (await owner.SendAsync("the last one")).Must(201);
        Assert.True((await owner.SendAsync("same words", key: key)).Replayed); // without a credit left
        await Work.RunAsync(Cancel);
        await FileBooks.CheckAsync(app);
    }

    [Fact]
    public async Task A_form_that_is_none_is_refused_and_leaves_nothing()
    {
        var owner = await FileOwner.NewAsync(app, credits: 1);
        (await owner.SendAsync(HttpMethod.Post, "/v1/files", new StringContent("{}", Encoding.UTF8, "application/json"), "k1")).MustRefuse(
            415,
            "unsupported_media_type"
        );
        (await owner.SendAsync(HttpMethod.Post, "/v1/files", new MultipartFormDataContent { { new StringContent("x"), "service" } }, "k2")).MustRefuse(
            422,
            "file_missing"
        );
        using var two = new MultipartFormDataContent { { new StringContent("x"), "file", "a.txt" }, { new StringContent("y"), "file", "b.txt" } };
        (await owner.SendAsync(HttpMethod.Post, "/v1/files", two, "k3")).MustRefuse(422, "file_missing");
        var cut = new ByteArrayContent("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhalf a fi"u8.ToArray());
        cut.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b");
        (await owner.SendAsync(HttpMethod.Post, "/v1/files", cut, "k4")).MustRefuse(422, "file_missing");
        Assert.Equal("1 0 0 0", await owner.CreditsAsync());
        Assert.Equal(0, await app.Database.ScalarAsync<long>("select count(*) from files.blobs where state <> 'kept'"));
    }

    [Fact]
    public async Task How_far_a_file_is_read_is_told_to_its_owner_and_never_goes_back()
    {
        await Work.RunAsync(Cancel); // what other tests left
        var owner = await FileOwner.NewAsync(app, credits: 1);
        var id = (await owner.SendAsync("one two three")).Must(201).Text("id");
        var file = Assert.Single(await app.Get<FileQueue>().ClaimAsync(1, Cancel));
        await app.Get<FileQueue>().ProgressAsync(file, 40);
        await app.Get<FileQueue>().ProgressAsync(file, 30);
        Assert.Equal("processing 40", $"{(await owner.ShowAsync(id)).Text("state")} {(await owner.ShowAsync(id)).Text("progress")}");
        await Work.WorkAsync(file, Cancel);
        Assert.Equal("completed 100", $"{(await owner.ShowAsync(id)).Text("state")} {(await owner.ShowAsync(id)).Text("progress")}");
        Assert.Equal("files.uploaded files.progressed files.progressed files.completed", await TopicsAsync(id));
    }

    [Fact]
    public async Task What_a_server_that_died_while_it_wrote_has_left_goes_with_the_file()
    {
        var name = Florin.Platform.FileStore.NewName();
        var folder = Directory.CreateDirectory(Path.Combine(Stored(app), name[..2]));
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, name + ".new"), "half of it", Cancel);
        await app.Get<Florin.Files.Storage.IFileStorage>().DeleteAsync(name, Cancel);
        Assert.Empty(folder.GetFiles(name + "*"));
    }

    [Fact]
    public async Task A_server_that_dies_is_taken_over_and_its_late_result_does_not_count()
    {
        await Work.RunAsync(Cancel); // what other tests left
        var owner = await FileOwner.NewAsync(app, credits: 1);
        var id = (await owner.SendAsync("one two three")).Must(201).Text("id");
        var dead = (await app.Get<FileQueue>().ClaimAsync(100, Cancel)).Single(file => file.Row.PublicId.Equals(id, StringComparison.Ordinal));
        Assert.Equal(0, await Work.RunAsync(Cancel)); // leased
        app.Clock.Wind(TimeSpan.FromSeconds(61));
        Assert.Equal(1, await Work.RunAsync(Cancel));
        Assert.Equal("0 0 1 0", await owner.CreditsAsync());
        await Work.WorkAsync(dead, Cancel); // it was not dead, only slow
        Assert.Equal("0 0 1 0", await owner.CreditsAsync());
        Assert.Equal("files.uploaded files.completed", await TopicsAsync(id));
        await FileBooks.CheckAsync(app);
    }

    [Fact]
    public async Task A_file_that_takes_every_server_down_fails_in_the_end_and_a_lost_one_at_once()
    {
        var owner = await FileOwner.NewAsync(app, credits: 2);
        var id = (await owner.SendAsync("one two three")).Must(201).Text("id");
        for (var tries = 0; tries < FileProcessing.MostTries; tries++)
        {
            Assert.Single(await app.Get<FileQueue>().ClaimAsync(1, Cancel));
            app.Clock.Wind(TimeSpan.FromSeconds(61));
        }

        Assert.Equal(1, await Work.RunAsync(Cancel));
        Assert.Equal("too_many_tries", (await owner.ShowAsync(id)).Text("failure.code"));
        var lost = (await owner.SendAsync("four")).Must(201).Text("id");
        var blob = await app.Database.ScalarAsync<string>("select blob from files.files where id = $1", Ids.Read("fil", lost));
        File.Delete(Path.Combine(Stored(app), blob![..2], blob));
        await Work.RunAsync(Cancel);
        Assert.Equal("content_lost", (await owner.ShowAsync(lost)).Text("failure.code"));
        Assert.Equal("2 0 0 0", await owner.CreditsAsync());
        await FileBooks.CheckAsync(app);
    }

    [Fact]
    public async Task Free_credits_are_paid_back_whole_and_used_ones_are_not()
    {
        var owner = await FileOwner.NewAsync(app);
        var bill = await owner.BuyAsync(3);
        var finance = await Customer.NewAsync(app, roles: [Roles.Finance]);
        await owner.WorkAsync("word"u8.ToArray(), "a.txt");
        (await RefundAsync(finance, bill, "300.00")).MustRefuse(409, "refund_too_large");
        (await RefundAsync(finance, bill, "150.00")).MustRefuse(422, "file_credits_whole");
        (await owner.Customer.PostAsync($"/v1/payments/{bill.Id}/refunds", "{}")).MustRefuse(403, "forbidden");
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RefundAsync(finance, bill, "100.00")));
        Assert.Equal(2, answers.Count(answer => answer.Status == 201));
        Assert.Equal("0 0 1 2", await owner.CreditsAsync());
        Assert.Equal("9900.00", await owner.Purse.BalanceAsync());
        await FileBooks.CheckAsync(app);
    }

    [Fact]
    public async Task Credits_of_a_refund_that_failed_are_free_again()
    {
        var owner = await FileOwner.NewAsync(app);
        var bill = await owner.BuyAsync(2);
        await app.Database.ScalarAsync<int>("update payments.attempts set method = 'aamarpay' where payment_id = $1", bill.Key);
        await app.Database.ScalarAsync<int>("update payments.payments set paid_by = null where id = $1", bill.Key); // so that it goes back by hand
        var finance = await Customer.NewAsync(app, roles: [Roles.Finance]);
        var refund = (await RefundAsync(finance, bill, "200.00")).Must(201);
        Assert.Equal("manual", refund.Text("destination"));
        Assert.Equal("0 0 0 2", await owner.CreditsAsync());
        (await finance.PostAsync($"/v1/refunds/{refund.Text("id")}/settle", """{"outcome":"failed","reference":"returned"}""")).Must(200);
        Assert.Equal("2 0 0 0", await owner.CreditsAsync());
        await FileBooks.CheckAsync(app);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_liability_is_what_is_outstanding_at_every_step_of_a_random_walk(int seed)
    {
        var owner = await FileOwner.NewAsync(app);
        var finance = await Customer.NewAsync(app, roles: [Roles.Finance]);
        var bills = new List<Bill>();
        var chance = (uint)seed;
        var (free, spent) = (0, 0);
        var before = await FileBooks.LiabilityAsync(app);
        for (var step = 0; step < 60; step++)
        {
            chance = (chance * 1_664_525) + 1_013_904_223; // Numerical Recipes' generator: the same walk every time
            switch ((chance >> 16) % 5)
            {
                case 0 when bills.Count < 20:
                    bills.Add(await owner.BuyAsync(1 + (int)((chance >> 8) % 3)));
                    free += 1 + (int)((chance >> 8) % 3);
                    break;
                case 1 when bills.Count > 0:
                    var refund = await RefundAsync(finance, bills[(int)((chance >> 8) % (uint)bills.Count)], "100.00");
                    free -= refund.Status == 201 ? 1 : 0;
                    break;
                default:
                    var good = (chance >> 20) % 3 > 0;
                    var sent = await owner.SendAsync(good ? "good words"u8.ToArray() : [.. Enumerable.Repeat((byte)'a', 5000), 0], "walk.txt");
                    Assert.Equal(free > 0 ? 201 : 402, sent.Status);
                    if (free > 0)
                    {
                        await FileBooks.CheckAsync(app);
                        await Work.RunAsync(Cancel);
                        (free, spent) = good ? (free - 1, spent + 1) : (free, spent);
                    }

                    break;
            }

            Assert.Equal(before + (free * 100_00L), await FileBooks.LiabilityAsync(app));
        }

        Assert.True(spent > 5, $"only {spent} credits were spent");
        Assert.StartsWith($"{free} 0 {spent} ", await owner.CreditsAsync(), StringComparison.Ordinal);
        await FileBooks.CheckAsync(app);
    }

    [Fact]
    public async Task What_an_upload_left_behind_is_removed_by_a_job()
    {
        var name = FileStore.NewName();
        await app.Get<FileStore>().SaveAsync("uploads", name, new MemoryStream([1, 2, 3]), Cancel);
        await app.Database.ScalarAsync<int>("insert into files.blobs (name, since) values ($1, $2)", name, app.Clock.GetUtcNow().UtcDateTime);
        await app.Get<Blobs>().TidyAsync(Cancel);
        Assert.True(app.Get<FileStore>().TryOpen("uploads", name, out var file));
        await file.DisposeAsync();
        app.Clock.Wind(TimeSpan.FromHours(25));
        await app.Get<Blobs>().TidyAsync(Cancel);
        Assert.False(app.Get<FileStore>().TryOpen("uploads", name, out _));
        Assert.Equal(0, await app.Database.ScalarAsync<long>("select count(*) from files.blobs where name = $1", name));
    }

    [Fact]
    public async Task An_account_ends_with_its_files_and_not_while_it_has_credits()
    {
        var owner = await FileOwner.NewAsync(app, credits: 1);
        var data = app.Get<IEnumerable<IPersonalData>>().OfType<FilesPersonalData>().Single();
        await Assert.ThrowsAsync<Refusal>(() => EraseAsync());
        var id = (await owner.WorkAsync("secret words"u8.ToArray(), "diary.txt")).Text("id");
        var blob = await app.Database.ScalarAsync<string>("select blob from files.files where id = $1", Ids.Read("fil", id));
        var exported = System.Text.Json.JsonSerializer.Serialize(await data.ExportAsync(owner.Customer.Id, Cancel), Wire.Json);
        Assert.Contains("diary.txt", exported, StringComparison.Ordinal);
        await EraseAsync();
        await app.Get<Blobs>().TidyAsync(Cancel);
        Assert.False(app.Get<FileStore>().TryOpen("uploads", blob!, out _));
        Assert.Equal("deleted", await app.Database.ScalarAsync<string>("select filename from files.files where id = $1", Ids.Read("fil", id)));

        Task<int> EraseAsync() =>
            app.Get<Florin.Platform.Database>()
                .TransactionAsync(
                    async connection =>
                    {
                        await data.EraseAsync(owner.Customer.Id, connection, Cancel);
                        return 0;
                    },
                    Cancel
                );
    }

    private static string Stored(FlorinApp server) => Path.Combine(server.Get<Florin.Platform.Settings>().Data, "files", "uploads");

    private async Task<(long Rows, int Files)> StoredAsync() =>
        (
            await app.Database.ScalarAsync<long>("select count(*) from files.blobs"),
            Directory.CreateDirectory(Stored(app)).GetFiles("*", SearchOption.AllDirectories).Length
        );

    private static Task<Answered> RefundAsync(Customer finance, Bill bill, string amount) =>
        finance.PostAsync($"/v1/payments/{bill.Id}/refunds", $$$"""{"amount":{"amount":"{{{amount}}}","currency":"BDT"}}""");

    private async Task<string> TopicsAsync(string file) =>
        (
            await app.Database.ScalarAsync<string>(
                "select string_agg(topic, ' ' order by xid, id) from platform.outbox where aggregate = $1",
                Ids.Read("fil", file)
            )
        )!;
}
