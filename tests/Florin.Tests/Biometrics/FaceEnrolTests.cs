using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Florin.Biometrics;
using Florin.Platform;
using Florin.Tests.Identity;
using Florin.Tests.Pages;
using Florin.Tests.Payments;
using Florin.Tests.Wallets;

namespace Florin.Tests.Biometrics;

public sealed class FaceEnrolTests(FaceRig rig) : IClassFixture<FaceRig>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_enrols_after_they_agreed_and_proved_themselves()
    {
        var payer = await StrangerAsync();
        var text = (await payer.Owner.GetAsync("/v1/face-consents/current")).Must(200);
        Assert.Equal("2026-11", text.Text("version"));
        Assert.Contains("encrypted", text.Text("texts.en"), StringComparison.Ordinal);
        Assert.Contains("шаблон", text.Text("texts.ru"), StringComparison.Ordinal);
        Assert.Equal("false", (await payer.ShowAsync()).Text("enrolled"));
        var photos = new[] { rig.Shot(payer.Face), rig.Shot(payer.Face, 10), rig.Shot(payer.Face, -10) };
        (await payer.EnrolAsync(photos, payer.Owner.Stale())).MustRefuse(403, "password_required");
        (await payer.EnrolAsync([])).MustRefuse(400, "invalid_request");
        (await payer.EnrolAsync(6)).MustRefuse(400, "invalid_request");
        (await payer.Owner.SendAsync(HttpMethod.Put, "/v1/me/face", Forms.Of("photos", photos))).MustRefuse(400, "invalid_request");
        (await payer.Owner.SendAsync(HttpMethod.Put, "/v1/me/face", Forms.Of("photos", photos, ("consent", "2020-01")))).MustRefuse(
            409,
            "face_consent_outdated"
        );
        (await payer.Owner.SendAsync(HttpMethod.Put, "/v1/me/face", "{}")).MustRefuse(415, "unsupported_media_type");
        var enrolled = (await payer.EnrolAsync(photos)).Must(200);
        Assert.Equal("true", enrolled.Text("active"));
        Assert.Equal("3", enrolled.Text("photos"));
        Assert.Equal("2026-11", enrolled.Text("consent.version"));
        Assert.Equal("null", enrolled.Text("consent.attested_by"));
        var export = (await payer.Owner.GetAsync("/v1/me/export")).Must(200).At("biometrics").GetRawText();
        Assert.Contains("\"given_by\":\"person\"", export, StringComparison.Ordinal);
        Assert.DoesNotContain("embedding", export, StringComparison.OrdinalIgnoreCase);
        (await payer.EnrolAsync(1)).Must(200); // another one takes its place
        Assert.Equal("1", (await payer.ShowAsync()).Text("photos"));
        Assert.Equal(1, await CountAsync("keys k join biometrics.faces f using (face_id) where f.person_id = $1", payer));
        Assert.Equal(1, await CountAsync("deletion_receipts where person_id = $1 and reason = 'replaced'", payer));
        Assert.Equal(1, await CountAsync("consents where person_id = $1 and withdrawn_at is null", payer));
    }

    [Fact]
    public async Task Photos_that_are_not_good_or_not_of_one_person_do_not_enrol()
    {
        var payer = await StrangerAsync();
        var good = rig.Shot(payer.Face);
        await ThisAsync(422, "face_not_frontal", rig.Shot(payer.Face, 26));
        await ThisAsync(422, "face_too_dark", rig.Shot(payer.Face) with { Reasons = ["too_dark"] });
        await ThisAsync(422, "face_not_found", rig.Shot(payer.Face) with { Faces = 0 });
        await ThisAsync(403, "face_frames_differ", rig.Shot(FaceRig.Stranger()));
        await ThisAsync(403, "face_replay", good with { Brightness = 140 });
        await ThisAsync(422, "bad_image", rig.Shot(payer.Face) with { Status = 422 });
        Assert.Equal("false", (await payer.ShowAsync()).Text("enrolled"));
        Assert.Equal(0, await CountAsync("consents where person_id = $1", payer));
        using var body = new ByteArrayContent((rig.Shot(payer.Face, 5) with { Reasons = ["too_dark"] }).ToPng());
        var hint = (await payer.Owner.SendAsync(HttpMethod.Post, "/v1/me/face/checks", body)).Must(200);
        Assert.Equal("face_too_dark", hint.Text("hint"));
        Assert.Equal("5", hint.Text("yaw"));
        using var large = new ByteArrayContent((rig.Shot(payer.Face) with { Width = 1921, Height = 1080 }).ToPng());
        (await payer.Owner.SendAsync(HttpMethod.Post, "/v1/me/face/checks", large)).MustRefuse(413, "face_image_too_large");

        async Task ThisAsync(int status, string code, ScriptedPicture bad) => (await payer.EnrolAsync([good, bad])).MustRefuse(status, code);
    }

    [Fact]
    public async Task A_shop_that_may_attest_makes_a_customer_whose_face_pays_until_they_claim_the_account()
    {
        var till = await Till.OpenAsync(rig.App);
        var face = FaceRig.Stranger();
        ScriptedPicture[] photos = [rig.Shot(face), rig.Shot(face, 10), rig.Shot(face, -10)];
        var (payer, made) = await MadeAsync(till, face, photos: photos);
        Assert.Equal("true", made.Text("face.active"));
        (await payer.PayAsync(till, await till.AskAsync("1.00"))).Must(200);
        (await payer.AnswerAsync(till.Merchant, await till.AskAsync("1.00"), null, photos[..1])).MustRefuse(403, "face_replay"); // the shop has these
        Assert.Equal(till.Shop, (await payer.ShowAsync()).Text("consent.attested_by"));
        (await payer.EnrolAsync()).MustRefuse(403, "claim_first"); // the shop knows the password
        await ClaimAsync(payer);
        Assert.Equal("consent", (await payer.ShowAsync()).Text("waiting"));
        (await payer.ChallengeAsync(till, await till.AskAsync("1.00"))).MustRefuse(403, "face_consent_missing");
        (await ConsentAsync(payer, FaceRig.Stranger())).MustRefuse(403, "face_mismatch"); // the shop enrolled somebody else
        (await ConsentAsync(payer, photos[1])).MustRefuse(403, "face_replay"); // no new photo
        var fresh = rig.Shot(face);
        Assert.Equal("true", (await ConsentAsync(payer, fresh)).Must(200).Text("active"));
        (await payer.AnswerAsync(till.Merchant, await till.AskAsync("1.00"), null, [fresh])).MustRefuse(403, "face_replay");
        (await ConsentAsync(payer, face)).MustRefuse(409, "face_consent_not_asked");
        (await payer.PayAsync(till, await till.AskAsync("1.00"))).Must(200);
        Assert.Equal(2, await CountAsync("consents where person_id = $1", payer));
    }

    [Fact]
    public async Task Where_a_shop_may_not_attest_the_template_waits_for_the_customer()
    {
        rig.App.Settings["FLORIN_FACE_ATTESTATION"] = "off";
        rig.App.Settings["FLORIN_FACE_SINGLE_PICTURE"] = "off";
        await using var strict = await rig.App.SecondServerAsync();
        rig.App.Settings.Remove("FLORIN_FACE_ATTESTATION");
        rig.App.Settings.Remove("FLORIN_FACE_SINGLE_PICTURE");
        await strict.Get<FaceEngineProcess>().AvailableAsync(Cancel);
        var till = await Till.OpenAsync(strict);
        (await till.Merchant.SendAsync(HttpMethod.Put, $"/v1/shops/{till.Shop}/faces", """{"single_picture":true}""")).MustRefuse(
            403,
            "face_single_not_allowed"
        );
        (await till.Merchant.At(rig.App).SendAsync(HttpMethod.Put, $"/v1/shops/{till.Shop}/faces", """{"single_picture":true}""")).Must(200);
        Assert.Equal("false", (await till.Merchant.GetAsync($"/v1/shops/{till.Shop}/faces")).Must(200).Text("single_picture")); // what it was does not help
        var face = FaceRig.Stranger();
        var (payer, made) = await MadeAsync(till, face, strict);
        Assert.Equal("false", made.Text("face.active"));
        (await payer.ChallengeAsync(till, await till.AskAsync("1.00"))).MustRefuse(403, "face_consent_missing");
        Assert.Equal(0, await CountAsync("consents where person_id = $1", payer));
        (await ConsentAsync(payer, face)).MustRefuse(403, "claim_first");
        await ClaimAsync(payer);
        (await ConsentAsync(payer, face)).Must(200);
        (await payer.PayAsync(till, await till.AskAsync("1.00"))).Must(200);
        (await payer.AnswerAsync(till.Merchant, await till.AskAsync("1.00"), null, [rig.Shot(face)])).MustRefuse(403, "face_challenge_needed");
        Assert.Equal(400, (await PostCustomerAsync(till, [], ("face_consent", "attested"))).Status);
        (await PostCustomerAsync(till, [rig.Shot("x") with { Faces = 0 }])).MustRefuse(422, "face_not_found");
        await NobodyKeepsWhatWaitsAsync(strict, till, payer);
    }

    // What shops made and nobody agreed to: deleted by the shop, by support, and after a month by itself.
    private async Task RemoveAtTheDeskAsync(Payer payer)
    {
        var page = "/admin/people/" + Ids.Show("usr", payer.Owner.Id);
        using var desk = await PageBrowser.SignedInAsync(rig.App, await SignedIn.AsAsync(rig.App, Roles.Support));
        using var removed = await desk.SubmitAsync(page, page + "/face-removal", ("reason", "asked by telephone"));
        Assert.Equal(page + "?done=1", removed.Headers.Location?.ToString());
    }

    private async Task NobodyKeepsWhatWaitsAsync(FlorinApp strict, Till till, Payer agreed)
    {
        var attested = (await MadeAsync(await Till.OpenAsync(rig.App), FaceRig.Stranger())).Payer;
        var claimed = (await MadeAsync(await Till.OpenAsync(rig.App), FaceRig.Stranger())).Payer;
        var waiting = new List<Payer>();
        for (var i = 0; i < 4; i++)
        {
            waiting.Add((await MadeAsync(till, FaceRig.Stranger(), strict)).Payer);
        }

        var other = await Till.OpenAsync(strict);
        (await RemoveAsync(other, waiting[0])).MustRefuse(404, "not_found");
        (await other.Merchant.SendAsync(HttpMethod.Delete, FaceOf(till, waiting[0]))).MustRefuse(404, "not_found");
        (await other.Merchant.GetAsync(FaceOf(till, waiting[0]))).MustRefuse(404, "not_found");
        (await till.Merchant.GetAsync(FaceOf(till, agreed))).MustRefuse(404, "not_found");
        (await till.Merchant.GetAsync(FaceOf(till, waiting[0]))).Must(200);
        Assert.StartsWith("rcp_", (await RemoveAsync(till, waiting[0])).Must(200).Text("id"), StringComparison.Ordinal);
        (await RemoveAsync(till, waiting[0])).MustRefuse(404, "not_found");
        (await till.Merchant.GetAsync(FaceOf(till, waiting[0]))).MustRefuse(404, "not_found");
        (await RemoveAsync(till, agreed)).MustRefuse(404, "not_found"); // it is theirs by now

        var support = await Customer.NewAsync(rig.App, roles: [Roles.Support]);
        var path = "/v1/biometrics/faces/" + Ids.Show("usr", waiting[1].Owner.Id);
        (await till.Merchant.SendAsync(HttpMethod.Delete, path, """{"why":"x"}""")).MustRefuse(403, "forbidden");
        (await support.SendAsync(HttpMethod.Delete, path, """{"why":" "}""")).MustRefuse(400, "invalid_request");
        await RemoveAtTheDeskAsync(waiting[1]);
        (await support.SendAsync(HttpMethod.Delete, path, """{"why":"again"}""")).MustRefuse(409, "face_not_enrolled");

        await ClaimAsync(claimed);
        foreach (var one in (Payer[])[attested, claimed, agreed, waiting[2]])
        {
            await rig.App.Database.ScalarAsync<int>(
                "update biometrics.faces set enrolled_at = enrolled_at - interval '31 days' where person_id = $1",
                one.Owner.Id
            );
        }

        await strict.Get<ForgetUnconfirmedFaces>().RunAsync(Cancel);
        Assert.Equal(0, await CountAsync("faces where person_id = $1", waiting[2]));
        Assert.Equal(1, await CountAsync("deletion_receipts where person_id = $1 and reason = 'not_agreed'", waiting[2]));
        foreach (var kept in (Payer[])[attested, claimed, agreed, waiting[3]])
        {
            Assert.Equal(1, await CountAsync("faces f join biometrics.keys k using (face_id) where person_id = $1", kept));
        }

        await rig.App.Database.ScalarAsync<int>("update identity.people set claimed_at = claimed_at - interval '31 days' where id = $1", claimed.Owner.Id);
        await strict.Get<ForgetUnconfirmedFaces>().RunAsync(Cancel);
        Assert.Equal(0, await CountAsync("faces where person_id = $1", claimed));
        Assert.Equal(0, await CountAsync("consents where person_id = $1 and withdrawn_at is null", claimed));
        Assert.Equal(1, await CountAsync("faces where person_id = $1", attested));

        static string FaceOf(Till till, Payer payer) => $"/v1/shops/{till.Shop}/customers/{Ids.Show("usr", payer.Owner.Id)}/face";
        static Task<Answered> RemoveAsync(Till till, Payer payer) => till.Merchant.SendAsync(HttpMethod.Delete, FaceOf(till, payer));
    }

    [Fact]
    public async Task After_delete_my_face_neither_template_nor_picture_is_anywhere()
    {
        var till = await Till.OpenAsync(rig.App);
        var payer = await StrangerAsync();
        var photos = Enumerable.Range(0, 3).Select(_ => rig.Shot(payer.Face)).ToList();
        (await payer.EnrolAsync(photos)).Must(200);
        var bill = await till.AskAsync("1.00");
        var challenge = (await payer.ChallengeAsync(till, bill)).Must(201);
        var frames = rig.Frames(payer.Face, challenge);
        (await payer.AnswerAsync(till.Merchant, bill, challenge.Text("challenge"), frames)).Must(200);
        var face = (await rig.App.Get<FaceStore>().FindAsync(payer.Owner.Id, Cancel))!;
        var template = FaceVectors.Bytes([.. face.Open(rig.App.Get<Secrets>()).Vector]);
        var before = await DumpAsync();
        Assert.Contains(Convert.ToHexStringLower(face.Template), before, StringComparison.Ordinal); // the scan sees what is there
        Assert.Contains(Convert.ToHexStringLower(face.Key), before, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexStringLower(template), before, StringComparison.Ordinal);

        var receipt = (await payer.Owner.SendAsync(HttpMethod.Delete, "/v1/me/face")).Must(200);
        Assert.StartsWith("rcp_", receipt.Text("id"), StringComparison.Ordinal);
        Assert.Equal(receipt.Text("id"), (await payer.ShowAsync()).Text("last_deletion.id"));
        (await payer.Owner.SendAsync(HttpMethod.Delete, "/v1/me/face")).MustRefuse(409, "face_not_enrolled");
        (await payer.ChallengeAsync(till, await till.AskAsync("1.00"))).MustRefuse(409, "face_not_enrolled");
        (await payer.AnswerAsync(till.Merchant, await till.AskAsync("1.00"), null, [rig.Shot(payer.Face)])).MustRefuse(409, "face_not_enrolled");

        var places = new List<string> { await DumpAsync() };
        var files = Directory.GetFiles(rig.App.Get<Settings>().Data, "*", SearchOption.AllDirectories);
        foreach (var file in files)
        {
            // The log is still written, and locked for everybody who asks.
            using var cat = Process.Start(new ProcessStartInfo("cat", [file]) { RedirectStandardOutput = true, UseShellExecute = false })!;
            using var content = new MemoryStream();
            await cat.StandardOutput.BaseStream.CopyToAsync(content, Cancel);
            await cat.WaitForExitAsync(Cancel);
            places.Add(Convert.ToHexStringLower(content.ToArray()));
            places.Add(Encoding.UTF8.GetString(content.ToArray()));
        }

        Assert.Contains(places, place => place.Contains("Platform.DatabaseStart", StringComparison.Ordinal)); // there is a log
        foreach (var secret in Secrets())
        {
            Assert.All(places, place => Assert.DoesNotContain(secret, place, StringComparison.OrdinalIgnoreCase));
        }

        IEnumerable<string> Secrets()
        {
            yield return Convert.ToHexStringLower(face.Template);
            yield return Convert.ToHexStringLower(face.Key);
            yield return Convert.ToHexStringLower(template);
            yield return payer.Face; // stands in every picture
            foreach (var picture in photos.Concat(frames))
            {
                var script = JsonSerializer.SerializeToUtf8Bytes(picture);
                yield return Convert.ToHexStringLower(script)[..200];
                yield return Convert.ToBase64String(picture.ToPng())[64..200];
                yield return Encoding.UTF8.GetString(script)[..60];
            }
        }
    }

    [Fact]
    public async Task The_end_of_an_account_is_the_end_of_its_face()
    {
        var person = await Customer.NewAsync(rig.App, FaceRig.Pin, "a long password for this");
        var face = FaceRig.Stranger();
        (await person.SendAsync(HttpMethod.Put, "/v1/me/face", Forms.Of("photos", [rig.Shot(face)], ("consent", "2026-11")))).Must(200);
        (await person.SendAsync(HttpMethod.Delete, "/v1/me", """{"password":"a long password for this"}""")).Must(204);
        foreach (var table in new[] { "faces where person_id = $1", "tries where person_id = $1", "attempts where person_id = $1" })
        {
            Assert.Equal(0, await rig.App.Database.ScalarAsync<long>("select count(*) from biometrics." + table, person.Id));
        }

        Assert.Equal(
            1,
            await rig.App.Database.ScalarAsync<long>(
                "select count(*) from biometrics.deletion_receipts r where person_id = $1 and not exists (select from biometrics.keys k where k.face_id = r.face_id)",
                person.Id
            )
        );
    }

    [Fact]
    public async Task No_face_is_enrolled_into_an_account_that_ends_while_the_photos_are_looked_at()
    {
        var person = await Customer.NewAsync(rig.App, FaceRig.Pin, "a long password for this");
        var face = FaceRig.Stranger();
        rig.Engine.Unscripted = async _ =>
        {
            (await person.SendAsync(HttpMethod.Delete, "/v1/me", """{"password":"a long password for this"}""")).Must(204);
            return rig.Shot(face);
        };
        try
        {
            using var photo = new ByteArrayContent(Pictures.Png());
            var form = new MultipartFormDataContent { { new StringContent("2026-11"), "consent" }, { photo, "photos", "picture.png" } };
            (await person.SendAsync(HttpMethod.Put, "/v1/me/face", form)).MustRefuse(401, "not_signed_in");
        }
        finally
        {
            rig.Engine.Unscripted = null;
        }

        foreach (var table in new[] { "faces", "tries", "day_sums" })
        {
            Assert.Equal(0, await rig.App.Database.ScalarAsync<long>($"select count(*) from biometrics.{table} where person_id = $1", person.Id));
        }
    }

    [Fact]
    public async Task A_template_of_another_model_is_compared_with_nothing()
    {
        var till = await Till.OpenAsync(rig.App);
        var payer = await StrangerAsync();
        (await payer.EnrolAsync()).Must(200);
        await rig.App.Database.ScalarAsync<int>("update biometrics.faces set model_id = 'older' where person_id = $1", payer.Owner.Id);
        Assert.Equal("engine", (await payer.ShowAsync()).Text("waiting"));
        var bill = await till.AskAsync("1.00");
        var challenge = (await payer.ChallengeAsync(till, bill)).Must(201);
        (await payer.AnswerAsync(till.Merchant, bill, challenge.Text("challenge"), rig.Frames(payer.Face, challenge))).MustRefuse(409, "face_enrol_again");
        Assert.Equal("pending", await bill.StateAsync());
    }

    private async Task<Payer> StrangerAsync() => new(rig, await (await Customer.NewAsync(rig.App, FaceRig.Pin)).OpenAsync("USD", "100.00"), FaceRig.Stranger());

    private Task<long> CountAsync(string what, Payer payer) => rig.App.Database.ScalarAsync<long>("select count(*) from biometrics." + what, payer.Owner.Id);

    private async Task<string> DumpAsync()
    {
        var dump = new StringBuilder();
        var tables = (
            await rig.App.Database.ScalarAsync<string>(
                """
                select string_agg(quote_ident(table_schema) || '.' || quote_ident(table_name), ' ') from information_schema.tables
                where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
                """
            )
        )!.Split(' ');
        Assert.Contains("biometrics.faces", tables);
        foreach (var table in tables)
        {
            dump.AppendLine(await rig.App.Database.ScalarAsync<string>($"select coalesce(string_agg(t::text, E'\\n'), '') from {table} t"));
        }

        return dump.ToString();
    }

    private static Task<Answered> PostCustomerAsync(Till till, IEnumerable<ScriptedPicture> pictures, params (string Name, string Value)[] more) =>
        till.Merchant.SendAsync(
            HttpMethod.Post,
            $"/v1/shops/{till.Shop}/customers",
            Forms.Of("face", pictures, [("username", "c" + Guid.NewGuid().ToString("N")[..12]), ("password", "a password of a shop"), .. more]),
            Customer.NewKey()
        );

    private async Task<(Payer Payer, JsonElement Made)> MadeAsync(Till till, string face, FlorinApp? app = null, IEnumerable<ScriptedPicture>? photos = null)
    {
        app ??= rig.App;
        var made = (await PostCustomerAsync(till, photos ?? [rig.Shot(face), rig.Shot(face), rig.Shot(face)])).Must(201);
        var customer = Customer.Of(app, Ids.Read("usr", made.Text("id")));
        var wallet = (await customer.GetAsync("")).Must(200).At("data")[0];
        var purse = new Purse(customer, wallet.Text("id"), wallet.Text("number"), Florin.Money.Currency.Of("USD"));
        (await purse.DepositAsync("20.00")).Must(201);
        return (new Payer(rig, purse, face), made);
    }

    private Task<int> ClaimAsync(Payer payer) =>
        rig.App.Database.ScalarAsync<int>("update identity.people set claimed_at = now() where id = $1", payer.Owner.Id);

    private Task<Answered> ConsentAsync(Payer payer, string face) => ConsentAsync(payer, rig.Shot(face));

    private static Task<Answered> ConsentAsync(Payer payer, ScriptedPicture photo) =>
        payer.Owner.SendAsync(HttpMethod.Post, "/v1/me/face/consents", Forms.Of("photo", [photo], ("consent", "2026-11")));
}
