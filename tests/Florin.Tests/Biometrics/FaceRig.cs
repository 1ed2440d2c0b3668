using System.Text.Json;
using Florin.Biometrics;
using Florin.Tests.Payments;
using Florin.Tests.Wallets;

namespace Florin.Tests.Biometrics;

/// <summary>The program with an engine whose pictures say what is in them.</summary>
public sealed class FaceRig : IAsyncLifetime
{
    private int takes;

    public FlorinApp App { get; } = new();

    public StandInEngine Engine { get; private set; } = null!;

    public const string Pin = "4071";

    public async ValueTask InitializeAsync()
    {
        Engine = await StandInEngine.StartAsync();
        App.Settings["FLORIN_FACE_ENGINE"] = Engine.Setting;
        App.Settings["FLORIN_LOG_FILES"] = "true"; // a test looks for faces in them
        App.Settings["FLORIN_LOG_LEVEL"] = "Information";
        await App.InitializeAsync();
        await App.Get<FaceEngineProcess>().AvailableAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Engine.DisposeAsync();
    }

    /// <summary>A picture that nobody took before.</summary>
    internal ScriptedPicture Shot(string person, double yaw = 0) =>
        new()
        {
            Person = person,
            Yaw = yaw,
            Take = Interlocked.Increment(ref takes),
        };

    /// <summary>Somebody who was never seen.</summary>
    internal static string Stranger() => Guid.NewGuid().ToString("N");

    /// <summary>A payer with money, PIN and an enrolled face.</summary>
    internal async Task<Payer> PayerAsync(string balance = "100.00", int photos = 3)
    {
        var purse = await (await Customer.NewAsync(App, Pin)).OpenAsync("USD", balance);
        var payer = new Payer(this, purse, Stranger());
        (await payer.EnrolAsync(photos)).Must(200);
        return payer;
    }

    /// <summary>What is to be seen for each step.</summary>
    internal List<ScriptedPicture> Frames(string person, JsonElement challenge, double yaw = 20) =>
        [
            .. challenge
                .At("steps")
                .EnumerateArray()
                .Select(step =>
                    Shot(
                        person,
                        step.GetString() switch
                        {
                            "left" => yaw,
                            "right" => -yaw,
                            _ => 0,
                        }
                    )
                ),
        ];
}

/// <summary>Somebody who pays by face.</summary>
internal sealed record Payer(FaceRig Rig, Purse Purse, string Face)
{
    public Customer Owner => Purse.Owner.Again();

    /// <summary>As a cashier names them.</summary>
    public string Name => Purse.Number;

    public Task<Answered> EnrolAsync(int photos = 3) => EnrolAsync(Enumerable.Range(0, photos).Select(_ => Rig.Shot(Face)));

    public Task<Answered> EnrolAsync(IEnumerable<ScriptedPicture> photos, Customer? by = null, string more = "") =>
        (by ?? Owner).SendAsync(HttpMethod.Put, "/v1/me/face", Forms.Of("photos", photos, ("consent", "2026-11"), ("password", more)));

    /// <summary>Sets what the face pays in dollars without the PIN.</summary>
    public Task<Answered> LimitAsync(string amount) =>
        Owner.SendAsync(HttpMethod.Patch, "/v1/me/face", $$$"""{"limits":[{"amount":"{{{amount}}}","currency":"USD"}],"pin":"{{{FaceRig.Pin}}}"}""");

    public async Task<JsonElement> ShowAsync() => (await Owner.GetAsync("/v1/me/face")).Must(200);

    public Task<Answered> ChallengeAsync(Till till, Bill bill) => ChallengeAsync(till.Merchant, bill);

    public Task<Answered> ChallengeAsync(Customer cashier, Bill bill) =>
        cashier.PostAsync($"/v1/payments/{bill.Id}/face-challenges", $$"""{"payer":"{{Name}}"}""");

    /// <summary>Starts a challenge and answers it, as this person unless another is given.</summary>
    public async Task<Answered> PayAsync(Till till, Bill bill, string? face = null, Func<List<ScriptedPicture>, List<ScriptedPicture>>? change = null)
    {
        var challenge = (await ChallengeAsync(till, bill)).Must(201);
        var frames = Rig.Frames(face ?? Face, challenge);
        return await AnswerAsync(till.Merchant, bill, challenge.Text("challenge"), change is null ? frames : change(frames));
    }

    public Task<Answered> AnswerAsync(
        Customer cashier,
        Bill bill,
        string? challenge,
        IEnumerable<ScriptedPicture> frames,
        string more = "",
        string? key = null
    ) => AnswerAsync(cashier, bill, challenge, frames.Select(frame => frame.ToPng()), more, key);

    public Task<Answered> AnswerAsync(Customer cashier, Bill bill, string? challenge, IEnumerable<byte[]> frames, string more, string? key) =>
        cashier.PostAsync(
            $"/v1/payments/{bill.Id}/pay",
            $$"""
            {"method":"wallet","payer":"{{Name}}","face":{{JsonSerializer.Serialize(
                challenge is null ? new { frames } : (object)new { challenge, frames }
            )}}{{more}}}
            """,
            key
        );
}

internal static class Forms
{
    /// <summary>A form with pictures under one name.</summary>
    public static MultipartFormDataContent Of(string name, IEnumerable<ScriptedPicture> pictures, params (string Name, string Value)[] fields)
    {
        var form = new MultipartFormDataContent();
        foreach (var (field, value) in fields.Where(field => field.Value.Length > 0))
        {
            form.Add(new StringContent(value), field);
        }

        foreach (var picture in pictures)
        {
            form.Add(new ByteArrayContent(picture.ToPng()), name, "picture.png");
        }

        return form;
    }
}
