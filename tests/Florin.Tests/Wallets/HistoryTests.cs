using System.Text.Json;

namespace Florin.Tests.Wallets;

/// <summary>Entries that are looked for, one entry, and the wallet that a name leads to.</summary>
public sealed class HistoryTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Theory]
    [InlineData("direction=in", 2)]
    [InlineData("direction=out", 3)]
    [InlineData("kind=deposit", 1)]
    [InlineData("kind=transfer&direction=in", 1)]
    [InlineData("q=CAKE", 2)]
    [InlineData("q=50%25", 1)]
    [InlineData("q=%25", 1)]
    [InlineData("q=h_lf", 0)]
    [InlineData("q=%20", 5)]
    [InlineData("from=2000-01-01", 5)]
    [InlineData("from=2000-01-01&to=2000-12-31", 0)]
    [InlineData("to=2000-12-31&q=cake", 0)]
    public async Task Entries_are_filtered(string query, int count)
    {
        var (purse, _) = await FilledAsync();
        Assert.Equal(count, (await ListAsync(purse, query)).Count);
    }

    [Fact]
    public async Task Entries_of_one_other_wallet_are_found_by_its_number_and_filtered_pages_have_no_gap()
    {
        var (purse, other) = await FilledAsync();
        Assert.Equal(4, (await ListAsync(purse, "q=" + other.Number)).Count);
        Assert.Empty(await ListAsync(purse, "q=0000000000"));
        var seqs = new List<long>();
        string? cursor = null;
        do
        {
            var page = (await purse.Owner.GetAsync($"{purse.Path}/entries?direction=out&limit=1" + (cursor is null ? "" : "&cursor=" + cursor))).Must(200);
            seqs.AddRange(page.At("data").EnumerateArray().Select(entry => entry.At("seq").GetInt64()));
            cursor = page.At("next_cursor").GetString();
        } while (cursor is not null);

        Assert.Equal([5, 3, 2], seqs);
    }

    [Theory]
    [InlineData("direction=up")]
    [InlineData("kind=Robert';--")]
    [InlineData("from=yesterday")]
    [InlineData("to=2026-13-01")]
    [InlineData("q=%00")]
    public async Task A_filter_that_is_none_is_refused(string query)
    {
        var purse = await (await Customer.NewAsync(app)).OpenAsync();
        (await purse.Owner.GetAsync($"{purse.Path}/entries?{query}")).MustRefuse(400, "invalid_request");
    }

    [Fact]
    public async Task One_entry_is_the_same_as_in_the_list_and_nobody_elses()
    {
        var (purse, other) = await FilledAsync();
        foreach (var entry in await ListAsync(purse, ""))
        {
            var shown = (await purse.Owner.GetAsync($"{purse.Path}/entries/{entry.Text("id")}")).Must(200);
            Assert.Equal(entry.GetRawText(), shown.GetRawText());
        }

        var deposit = (await ListAsync(purse, "kind=deposit"))[0].Text("id");
        (await other.Owner.GetAsync($"{purse.Path}/entries/{deposit}")).MustRefuse(404, "not_found");
        (await other.Owner.GetAsync($"{other.Path}/entries/{deposit}")).MustRefuse(404, "not_found");
        (await purse.Owner.GetAsync($"{purse.Path}/entries/trf{deposit[3..]}")).MustRefuse(404, "not_found");
        (await purse.Owner.GetAsync($"{purse.Path}/entries/x")).MustRefuse(404, "not_found");
    }

    [Fact]
    public async Task A_recipient_is_found_by_number_and_by_what_they_proved()
    {
        var asker = await Customer.NewAsync(app);
        var person = await Customer.NewAsync(app);
        var tenge = await person.OpenAsync("KZT");
        var euros = await person.OpenAsync("EUR");
        var mail = $"m{person.Id:N}@example.com";
        var phone = "+7701" + Random();
        await app.Database.ScalarAsync<int>("update identity.people set email = $2, phone = $3 where id = $1", person.Id, mail, phone);

        var found = (await FindAsync(asker, tenge.Number)).Must(200);
        Assert.Equal(
            """{"number":"%","currency":"KZT","name":"Ada L.","own":false}""".Replace("%", tenge.Number, StringComparison.Ordinal),
            found.GetRawText()
        );
        Assert.Equal(euros.Number, (await FindAsync(asker, $"c{person.Id:N}", "EUR")).Must(200).Text("number"));
        Assert.Equal(tenge.Number, (await FindAsync(asker, $"C{person.Id:N}", "USD")).Must(200).Text("number"));
        Assert.Equal("true", (await FindAsync(person, tenge.Number)).Must(200).Text("own"));

        // An address that nobody proved leads to nobody.
        (await FindAsync(asker, mail)).MustRefuse(404, "recipient_not_found");
        (await FindAsync(asker, phone)).MustRefuse(404, "recipient_not_found");
        await app.Database.ScalarAsync<int>("update identity.people set email_verified_at = now(), phone_verified_at = now() where id = $1", person.Id);
        Assert.Equal(tenge.Number, (await FindAsync(asker, mail.ToUpperInvariant())).Must(200).Text("number"));
        Assert.Equal(euros.Number, (await FindAsync(asker, phone.Insert(5, " "), "EUR")).Must(200).Text("number"));
    }

    [Fact]
    public async Task Nobody_is_found_where_there_is_no_wallet_or_no_person()
    {
        var asker = await Customer.NewAsync(app);
        var without = await Customer.NewAsync(app);
        (await FindAsync(asker, $"c{without.Id:N}")).MustRefuse(404, "recipient_not_found");
        (await FindAsync(asker, "0000000000")).MustRefuse(404, "recipient_not_found");
        (await FindAsync(asker, "")).MustRefuse(400, "invalid_request");
        (await FindAsync(asker, "\\u0000")).MustRefuse(400, "invalid_request");
    }

    private static string Random() => System.Security.Cryptography.RandomNumberGenerator.GetString("0123456789", 7);

    private static Task<Answered> FindAsync(Customer who, string to, string? currency = null) =>
        who.SendAsync(HttpMethod.Post, "/v1/recipients", $$"""{"to":"{{to}}"{{(currency is null ? "" : $",\"currency\":\"{currency}\"")}}}""");

    private static async Task<List<JsonElement>> ListAsync(Purse purse, string query) =>
        [.. (await purse.Owner.GetAsync($"{purse.Path}/entries?{query}")).Must(200).At("data").EnumerateArray()];

    // A deposit, three transfers out and one in.
    private async Task<(Purse Purse, Purse Other)> FilledAsync()
    {
        var purse = await (await Customer.NewAsync(app)).OpenAsync("KZT", "100.00");
        var other = await (await Customer.NewAsync(app)).OpenAsync("KZT");
        (await purse.SendAsync(other, "1.00", ""","note":"half a cake" """)).Must(201);
        (await purse.SendAsync(other, "2.00", ""","note":"50% more Cake" """)).Must(201);
        (await other.SendAsync(purse, "0.50")).Must(201);
        (await purse.SendAsync(other, "3.00")).Must(201);
        return (purse, other);
    }
}
