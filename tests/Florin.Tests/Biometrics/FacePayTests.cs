using Florin.Biometrics;
using Florin.Platform;
using Florin.Tests.Payments;
using Florin.Tests.Wallets;

namespace Florin.Tests.Biometrics;

public sealed class FacePayTests(FaceRig rig) : IClassFixture<FaceRig>
{
    [Fact]
    public async Task A_payer_whom_the_cashier_names_pays_by_turning_their_head()
    {
        var till = await Till.OpenAsync(rig.App);
        var payer = await rig.PayerAsync();
        var bill = await till.AskAsync("12.50");
        var challenge = (await payer.ChallengeAsync(till, bill)).Must(201);
        Assert.Equal("12.50", challenge.Text("amount.amount"));
        Assert.Equal("false", challenge.Text("pin_needed"));
        Assert.Equal("front", challenge.At("steps")[0].GetString());
        var frames = rig.Frames(payer.Face, challenge);
        var key = Customer.NewKey();
        var paid = await payer.AnswerAsync(till.Merchant, bill, challenge.Text("challenge"), frames, key: key);
        Assert.Equal("completed", paid.Must(200).Text("payment.state"));
        Assert.Equal("87.50", await payer.Purse.BalanceAsync());
        Assert.Equal("12.50", await till.SettlementAsync());
        var looked = rig.Engine.Described;
        var again = await payer.AnswerAsync(till.Merchant, bill, challenge.Text("challenge"), frames, key: key);
        Assert.True(again.Replayed);
        Assert.Equal(paid.Bytes, again.Bytes);
        Assert.Equal(looked, rig.Engine.Described); // nobody was asked again whose they are
        Assert.Equal(
            1,
            await rig.App.Database.ScalarAsync<long>(
                """
                select count(*) from activity.entries where subject = $1 and action = 'biometrics.face_accepted' and (details->>'score')::float >= 0.96
                    and (details->>'threshold')::float between 0.959 and 0.961 and (details->>'frames')::int >= 4
                """,
                payer.Owner.Id
            )
        );
        var staff = await Customer.NewAsync(rig.App, roles: [Roles.Auditor]);
        var seen = (await staff.GetAsync($"/v1/biometrics/attempts?person={Ids.Show("usr", payer.Owner.Id)}")).Must(200).At("data")[0];
        Assert.Equal("accepted", seen.Text("outcome"));
        Assert.Equal(bill.Id, seen.Text("payment"));
        Assert.True((await staff.GetAsync("/v1/biometrics/stats")).Must(200).At("accepted").GetInt64() > 0);
        (await payer.Owner.GetAsync("/v1/biometrics/attempts")).MustRefuse(403, "forbidden");
        await Books.CheckAsync(rig.App);
    }

    [Fact]
    public async Task Each_bad_picture_has_its_own_refusal_and_pays_nothing()
    {
        var till = await Till.OpenAsync(rig.App);
        var payer = await rig.PayerAsync();
        var bill = await till.AskAsync("1.00");
        await ThisAsync(422, "face_not_found", frame => frame with { Faces = 0 });
        await ThisAsync(422, "face_not_alone", frame => frame with { Faces = 2 });
        await ThisAsync(422, "face_too_small", frame => frame with { FacePx = 79 });
        await ThisAsync(422, "face_too_dark", frame => frame with { Reasons = ["too_dark"] });
        await ThisAsync(422, "face_too_bright", frame => frame with { Reasons = ["too_bright"] });
        await ThisAsync(422, "face_blurred", frame => frame with { Reasons = ["blurred"] });
        await ThisAsync(422, "face_cut_off", frame => frame with { Reasons = ["cut_off"] });
        await ThisAsync(422, "face_blurred", frame => frame with { Reasons = ["of_a_new_kind"] }); // what is not good is not good, whatever it is called
        await ThisAsync(422, "bad_image", frame => frame with { Status = 422 });
        Assert.Equal("0", (await payer.ShowAsync()).Text("wrong_in_a_row"));
        Assert.Equal("pending", await bill.StateAsync());
        Assert.Equal(0, await bill.CountAsync("attempts"));
        Assert.Equal(
            9,
            await rig.App.Database.ScalarAsync<long>(
                "select count(*) from activity.entries where subject = $1 and action = 'biometrics.face_refused' and details ? 'outcome'",
                payer.Owner.Id
            )
        );

        async Task ThisAsync(int status, string code, Func<ScriptedPicture, ScriptedPicture> change)
        {
            var answer = await payer.PayAsync(till, bill, change: frames => [.. frames[..^1], change(frames[^1])]);
            answer.MustRefuse(status, code);
        }
    }

    [Fact]
    public async Task Somebody_else_a_flat_picture_a_wrong_turn_and_copies_do_not_pay()
    {
        var till = await Till.OpenAsync(rig.App);
        var payer = await rig.PayerAsync();
        var bill = await till.AskAsync("1.00");
        (await payer.PayAsync(till, bill, FaceRig.Stranger())).MustRefuse(403, "face_mismatch");
        (await payer.PayAsync(till, bill, change: frames => [.. frames.Select(frame => frame with { Flat = true })])).MustRefuse(403, "face_flat");
        (await payer.PayAsync(till, bill, change: frames => [.. frames[..^1], frames[^1] with { Person = FaceRig.Stranger() }])).MustRefuse(
            403,
            "face_frames_differ"
        );
        (await payer.PayAsync(till, bill, change: frames => [.. frames.Select(frame => frame with { Yaw = -frame.Yaw })])).MustRefuse(
            422,
            "face_turned_wrong_way"
        );
        (await payer.PayAsync(till, bill, change: frames => [.. frames.Select(frame => frame with { Yaw = frame.Yaw * 0.55 })])).MustRefuse(
            422,
            "face_turned_wrong_way"
        );
        Assert.Equal("3", (await payer.ShowAsync()).Text("wrong_in_a_row")); // a wrong turn is none
        (await payer.PayAsync(till, bill, change: Copied)).MustRefuse(403, "face_replay");
        Assert.Equal("4", (await payer.ShowAsync()).Text("wrong_in_a_row"));
        (await payer.PayAsync(till, bill)).Must(200);
        Assert.Equal("0", (await payer.ShowAsync()).Text("wrong_in_a_row"));
        await Books.CheckAsync(rig.App);

        // The two frontal frames: other files of one picture.
        static List<ScriptedPicture> Copied(List<ScriptedPicture> frames)
        {
            var second = frames.FindLastIndex(frame => frame.Yaw == 0);
            frames[second] = frames[0] with { Brightness = 131 };
            return frames;
        }
    }

    [Fact]
    public async Task A_file_pays_once_and_a_photo_that_enrolled_never()
    {
        var till = await Till.OpenAsync(rig.App);
        var payer = new Payer(rig, await (await Customer.NewAsync(rig.App, FaceRig.Pin)).OpenAsync("USD", "100.00"), FaceRig.Stranger());
        var photo = rig.Shot(payer.Face);
        (await payer.EnrolAsync([photo])).Must(200);
        (await SingleAsync(photo)).MustRefuse(403, "face_replay");
        (await SingleAsync(photo with { Brightness = 131 })).MustRefuse(403, "face_replay"); // another file of the same picture
        var fresh = rig.Shot(payer.Face);
        (await SingleAsync(fresh)).Must(200);
        (await SingleAsync(fresh)).MustRefuse(403, "face_replay");
        Assert.Equal("99.00", await payer.Purse.BalanceAsync());

        async Task<Answered> SingleAsync(ScriptedPicture picture) => await payer.AnswerAsync(till.Merchant, await till.AskAsync("1.00"), null, [picture]);
    }

    [Fact]
    public async Task A_challenge_is_for_one_payment_one_payer_and_one_till_once_and_for_seconds()
    {
        var till = await Till.OpenAsync(rig.App);
        var cashier = await Customer.NewAsync(rig.App, roles: [Roles.Cashier]);
        await rig.App.Database.ScalarAsync<int>("insert into shops.members values ($1, $2, now())", Ids.Read("shp", till.Shop), cashier.Id);
        var (payer, other) = (await rig.PayerAsync(), await rig.PayerAsync());
        var (bill, second) = (await till.AskAsync("1.00"), await till.AskAsync("1.00"));
        var challenge = (await payer.ChallengeAsync(till, bill)).Must(201);
        var token = challenge.Text("challenge");
        var frames = rig.Frames(payer.Face, challenge);
        (await payer.AnswerAsync(till.Merchant, second, token, frames)).MustRefuse(403, "face_challenge_invalid");
        (await payer.AnswerAsync(cashier, bill, token, frames)).MustRefuse(403, "face_challenge_invalid");
        (await other.AnswerAsync(till.Merchant, bill, token, rig.Frames(other.Face, challenge))).MustRefuse(403, "face_challenge_invalid");
        (await payer.AnswerAsync(till.Merchant, bill, token + "x", frames)).MustRefuse(403, "face_challenge_invalid");
        (await payer.AnswerAsync(payer.Owner, bill, token, frames)).MustRefuse(404, "not_found");
        (await payer.AnswerAsync(till.Merchant, bill, token, frames[..^1])).MustRefuse(400, "invalid_request");
        (await payer.AnswerAsync(till.Merchant, bill, token, frames)).MustRefuse(409, "face_challenge_used"); // by another call
        challenge = (await payer.ChallengeAsync(till, bill)).Must(201);
        rig.App.Clock.Wind(FaceChallenges.Life);
        (await payer.AnswerAsync(till.Merchant, bill, challenge.Text("challenge"), frames)).MustRefuse(409, "face_challenge_expired");
        challenge = (await payer.ChallengeAsync(till, bill)).Must(201);
        token = challenge.Text("challenge");
        (await payer.AnswerAsync(till.Merchant, bill, token, rig.Frames(FaceRig.Stranger(), challenge))).MustRefuse(403, "face_mismatch");
        (await payer.AnswerAsync(till.Merchant, bill, token, rig.Frames(payer.Face, challenge))).MustRefuse(409, "face_challenge_used");
        (await payer.ChallengeAsync(payer.Owner, bill)).MustRefuse(404, "not_found");
        Assert.Equal("pending", await bill.StateAsync());
    }

    [Fact]
    public async Task Of_fifty_calls_at_once_on_two_servers_one_pays_by_a_challenge_and_as_many_as_the_day_has_room_for()
    {
        await using var second = await rig.App.SecondServerAsync();
        await second.Get<FaceEngineProcess>().AvailableAsync(TestContext.Current.CancellationToken);
        var till = await Till.OpenAsync(rig.App);
        var payer = await rig.PayerAsync();
        var bill = await till.AskAsync("1.00");
        var challenge = (await payer.ChallengeAsync(till, bill)).Must(201);
        var frames = rig.Frames(payer.Face, challenge);
        var merchant = till.Merchant;
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(i => payer.AnswerAsync(i % 2 == 0 ? merchant : merchant.At(second), bill, challenge.Text("challenge"), frames))
        );
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(
            answers.Where(answer => answer.Status != 200),
            answer => Assert.True(answer.MustRefuseAny() is "face_challenge_used" or "payment_not_payable")
        );
        Assert.Equal("99.00", await payer.Purse.BalanceAsync());

        // Single pictures, which a photo passes: twice the limit in a day.
        var other = await rig.PayerAsync();
        (await other.LimitAsync("2.50")).Must(200);
        var bills = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => till.AskAsync("1.00")));
        answers = await Task.WhenAll(bills.Select((one, i) => OnceLookedAtAsync(i % 2 == 0 ? merchant : merchant.At(second), other, one)));
        Assert.Equal(5, answers.Count(answer => answer.Status == 200));
        Assert.All(answers.Where(answer => answer.Status != 200), answer => answer.MustRefuse(403, "face_day_limit"));
        Assert.Equal("95.00", await other.Purse.BalanceAsync());
        await Books.CheckAsync(rig.App);

        // The engine takes eight pictures at a time.
        async Task<Answered> OnceLookedAtAsync(Customer at, Payer who, Bill one)
        {
            Answered answer;
            do
            {
                answer = await who.AnswerAsync(at, one, null, [rig.Shot(who.Face)]);
            } while (answer.Status == 503);
            return answer;
        }
    }

    [Fact]
    public async Task In_a_day_a_face_pays_four_times_its_limit_and_single_pictures_twice_of_it()
    {
        var till = await Till.OpenAsync(rig.App);
        var payer = await rig.PayerAsync();
        (await payer.LimitAsync("5.00")).Must(200);
        (await SingleAsync("5.00")).Must(200);
        (await SingleAsync("5.00")).Must(200);
        (await SingleAsync("0.01")).MustRefuse(403, "face_day_limit");
        Assert.Equal("10.00", await LeftAsync());
        (await payer.PayAsync(till, await till.AskAsync("5.00"))).Must(200);
        (await payer.EnrolAsync()).Must(200); // does not begin the day anew
        (await payer.PayAsync(till, await till.AskAsync("4.99"))).Must(200);
        var bill = await till.AskAsync("0.02");
        var challenge = (await payer.ChallengeAsync(till, bill)).Must(201);
        Assert.Equal("true", challenge.Text("pin_needed"));
        var frames = rig.Frames(payer.Face, challenge);
        (await payer.AnswerAsync(till.Merchant, bill, challenge.Text("challenge"), frames)).MustRefuse(403, "face_day_limit");
        (await payer.AnswerAsync(till.Merchant, bill, challenge.Text("challenge"), frames, $$""","pin":"{{FaceRig.Pin}}" """)).Must(200);
        Assert.Equal("0.01", await LeftAsync());
        (await payer.PayAsync(till, await till.AskAsync("0.01"))).Must(200); // the PIN's payment is none of the face's
        rig.App.Clock.Wind(TimeSpan.FromDays(1));
        Assert.Equal("20.00", await LeftAsync());
        (await SingleAsync("5.00")).Must(200);
        await rig.App.Database.ScalarAsync<int>("update biometrics.day_sums set payments = 20 where person_id = $1", payer.Owner.Id);
        (await SingleAsync("0.01")).MustRefuse(403, "face_day_limit");
        Assert.Equal("0.00", await LeftAsync());
        await Books.CheckAsync(rig.App);

        async Task<Answered> SingleAsync(string amount) => await payer.AnswerAsync(till.Merchant, await till.AskAsync(amount), null, [rig.Shot(payer.Face)]);

        async Task<string> LeftAsync() =>
            (await payer.Owner.GetAsync("/v1/me/face"))
                .Must(200)
                .At("left_today")
                .EnumerateArray()
                .Single(left => left.Text("currency") is "USD")
                .Text("amount");
    }

    [Fact]
    public async Task Where_a_wallet_always_asks_for_the_PIN_a_face_pays_only_what_its_owner_set_for_it()
    {
        var till = await Till.OpenAsync(rig.App);
        var payer = await rig.PayerAsync();
        Assert.Equal("50.00", await UsdAsync());
        var always = $$$"""{"pin_limit":{"amount":"0.00","currency":"USD"},"pin":"{{{FaceRig.Pin}}}"}""";
        (await payer.Owner.SendAsync(HttpMethod.Patch, payer.Purse.Path, always)).Must(200);
        Assert.Equal("0.00", await UsdAsync());
        var bill = await till.AskAsync("1.00");
        Assert.Equal("true", (await payer.ChallengeAsync(till, bill)).Must(201).Text("pin_needed"));
        (await payer.PayAsync(till, bill)).MustRefuse(403, "face_pin_needed");
        (await payer.AnswerAsync(till.Merchant, bill, null, [rig.Shot(payer.Face)])).MustRefuse(403, "face_pin_needed");
        (await payer.LimitAsync("2.00")).Must(200);
        (await payer.PayAsync(till, bill)).Must(200);

        async Task<string> UsdAsync() =>
            (await payer.ShowAsync()).At("limits").EnumerateArray().Single(limit => limit.Text("currency") is "USD").Text("amount");
    }

    [Fact]
    public async Task Above_the_limit_the_face_needs_the_PIN_too()
    {
        var till = await Till.OpenAsync(rig.App);
        var payer = await rig.PayerAsync();
        var bill = await till.AskAsync("50.01");
        var challenge = (await payer.ChallengeAsync(till, bill)).Must(201);
        Assert.Equal("true", challenge.Text("pin_needed"));
        var token = challenge.Text("challenge");
        var frames = rig.Frames(payer.Face, challenge);
        (await payer.AnswerAsync(till.Merchant, bill, token, frames)).MustRefuse(403, "face_pin_needed");
        (await payer.AnswerAsync(till.Merchant, bill, token, frames, ""","pin":"9999" """)).MustRefuse(403, "wrong_pin");
        (await payer.AnswerAsync(till.Merchant, bill, token, rig.Frames(payer.Face, challenge), $$""","pin":"{{FaceRig.Pin}}" """)).Must(200);
        bill = await till.AskAsync("3.00");
        challenge = (await payer.ChallengeAsync(till, bill)).Must(201);
        (
            await payer.AnswerAsync(
                till.Merchant,
                bill,
                challenge.Text("challenge"),
                rig.Frames(FaceRig.Stranger(), challenge),
                $$""","pin":"{{FaceRig.Pin}}" """
            )
        ).MustRefuse(403, "face_mismatch"); // the PIN does not stand for the face

        (await ChangeAsync(payer.Purse.Owner.Stale(), "")).MustRefuse(403, "password_required");
        var changed = (await ChangeAsync(payer.Purse.Owner.Stale(), $$""","pin":"{{FaceRig.Pin}}" """)).Must(200);
        Assert.Contains("\"amount\":\"2.99\"", changed.GetRawText(), StringComparison.Ordinal);
        (await payer.PayAsync(till, bill)).MustRefuse(403, "face_pin_needed");
        await Books.CheckAsync(rig.App);

        static Task<Answered> ChangeAsync(Customer by, string more) =>
            by.SendAsync(HttpMethod.Patch, "/v1/me/face", $$$"""{"limits":[{"amount":"2.99","currency":"USD"}]{{{more}}}}""");
    }

    [Fact]
    public async Task Wrong_faces_in_a_row_make_wait_and_then_end_it_however_many_come_at_once()
    {
        var till = await Till.OpenAsync(rig.App);
        var payer = await rig.PayerAsync();
        var bill = await till.AskAsync("1.00");
        var challenges = new List<(string Token, List<ScriptedPicture> Frames)>();
        for (var i = 0; i < 8; i++)
        {
            var challenge = (await payer.ChallengeAsync(till, bill)).Must(201);
            challenges.Add((challenge.Text("challenge"), rig.Frames(FaceRig.Stranger(), challenge)));
        }

        var answers = await Task.WhenAll(challenges.Select(one => payer.AnswerAsync(till.Merchant, bill, one.Token, one.Frames)));
        Assert.Equal(5, answers.Count(answer => answer.MustRefuseAny() is "face_mismatch"));
        Assert.All(answers, answer => Assert.True(answer.MustRefuseAny() is "face_mismatch" or "face_wait"));
        (await payer.ChallengeAsync(till, bill)).MustRefuse(429, "face_wait");
        for (var i = 5; i < 10; i++)
        {
            rig.App.Clock.Wind(FaceAttempts.Pause);
            (await payer.PayAsync(till, bill, FaceRig.Stranger())).MustRefuse(403, "face_mismatch");
        }

        rig.App.Clock.Wind(FaceAttempts.Pause);
        (await payer.ChallengeAsync(till, bill)).MustRefuse(403, "face_locked");
        Assert.Equal("true", (await payer.ShowAsync()).Text("locked"));
        (await payer.AnswerAsync(till.Merchant, bill, null, [rig.Shot(payer.Face)])).MustRefuse(403, "face_locked");
        (await bill.PayAsync(till.Merchant, $$"""{"method":"wallet","payer":"{{payer.Name}}","pin":"{{FaceRig.Pin}}"}""")).Must(200); // the PIN still pays
        (await payer.Owner.SendAsync(HttpMethod.Patch, "/v1/me/face", $$"""{"pin":"{{FaceRig.Pin}}"}""")).Must(200);
        (await payer.PayAsync(till, await till.AskAsync("1.00"))).Must(200);
    }

    [Fact]
    public async Task Without_the_engine_nothing_is_approved_and_the_other_ways_go_on()
    {
        var till = await Till.OpenAsync(rig.App);
        var payer = await rig.PayerAsync();
        var bill = await till.AskAsync("1.00");
        (await payer.PayAsync(till, bill, change: frames => [frames[0] with { Crash = true }, .. frames[1..]])).Must(503);
        var challenge = (await payer.ChallengeAsync(till, bill)).Must(201);
        var frames = rig.Frames(payer.Face, challenge);
        rig.Engine.Away = true;
        try
        {
            var refused = (await payer.AnswerAsync(till.Merchant, bill, challenge.Text("challenge"), frames)).Must(503);
            Assert.True(refused.Text("code") is "face_unavailable");
            (await payer.EnrolAsync()).MustRefuse(503, "face_unavailable");
        }
        finally
        {
            rig.Engine.Away = false;
        }

        Assert.Equal("pending", await bill.StateAsync());
        (await bill.PayAsync(till.Merchant, $$"""{"method":"wallet","payer":"{{payer.Name}}","pin":"{{FaceRig.Pin}}"}""")).Must(200);
        await rig.App.Get<FaceEngineProcess>().AvailableAsync(TestContext.Current.CancellationToken);
        rig.Engine.ModelId = "stand-in/1";
        await Books.CheckAsync(rig.App);
    }

    [Fact]
    public async Task A_shop_decides_whether_one_picture_pays()
    {
        var till = await Till.OpenAsync(rig.App);
        var payer = await rig.PayerAsync();
        Assert.Equal("true", (await till.Merchant.GetAsync($"/v1/shops/{till.Shop}/faces")).Must(200).Text("single_picture"));
        (await payer.AnswerAsync(till.Merchant, await till.AskAsync("50.00"), null, [rig.Shot(payer.Face)])).Must(200);
        (await payer.AnswerAsync(till.Merchant, await till.AskAsync("1.00"), null, [rig.Shot(FaceRig.Stranger())])).MustRefuse(403, "face_mismatch");
        (await payer.AnswerAsync(till.Merchant, await till.AskAsync("1.00"), null, [rig.Shot(payer.Face), rig.Shot(payer.Face)])).MustRefuse(
            403,
            "face_challenge_needed"
        );
        (await till.Merchant.SendAsync(HttpMethod.Put, $"/v1/shops/{till.Shop}/faces", """{"single_picture":false}""")).Must(200);
        (await payer.AnswerAsync(till.Merchant, await till.AskAsync("1.00"), null, [rig.Shot(payer.Face)])).MustRefuse(403, "face_challenge_needed");
        (await payer.Owner.SendAsync(HttpMethod.Put, $"/v1/shops/{till.Shop}/faces", """{"single_picture":true}""")).MustRefuse(404, "not_found");
        var alone = await till.AskAsync("1.00");
        (await payer.Owner.PostAsync($"/v1/payments/{alone.Code}/pay", """{"method":"wallet","face":{"frames":["AAAA"]}}""")).MustRefuse(403, "forbidden");
    }
}
