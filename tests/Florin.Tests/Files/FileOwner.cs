using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Florin.Files;
using Florin.Identity;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Florin.Tests.Ledger;
using Florin.Tests.Payments;
using Florin.Tests.Wallets;

namespace Florin.Tests.Files;

/// <summary>A customer with a BDT wallet who buys credits and sends files over HTTP.</summary>
internal sealed class FileOwner
{
    private FileOwner(FlorinApp app, Customer customer, Purse purse)
    {
        App = app;
        Customer = customer;
        Purse = purse;
    }

    public FlorinApp App { get; }

    public Customer Customer { get; }

    public Purse Purse { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>With money for a hundred credits, of which some are bought.</summary>
    public static async Task<FileOwner> NewAsync(FlorinApp app, int credits = 0)
    {
        var customer = await Customer.NewAsync(app);
        var owner = new FileOwner(app, customer, await customer.OpenAsync("BDT", "10000.00"));
        if (credits > 0)
        {
            await owner.BuyAsync(credits);
        }

        return owner;
    }

    /// <summary>The same person at another server.</summary>
    public FileOwner At(FlorinApp other) => new(other, Customer.At(other), Purse);

    /// <summary>Asks for credits.</summary>
    public Task<Answered> OrderAsync(int count, string service = "word_count", string more = "") =>
        Customer.PostAsync("/v1/payments", $$$"""{"purpose":"file_credit","subject":{"service":"{{{service}}}","quantity":{{{count}}}{{{more}}}}}""");

    /// <summary>Asks for credits and pays them from the wallet.</summary>
    public async Task<Bill> BuyAsync(int count, string service = "word_count")
    {
        var bill = Bill.Of(App, (await OrderAsync(count, service)).Must(201));
        (await bill.PayAsync(Purse)).Must(200);
        return bill;
    }

    public Task<Answered> SendAsync(string text, string name = "a.txt", string? key = null) => SendAsync(Encoding.UTF8.GetBytes(text), name, key: key);

    public Task<Answered> SendAsync(byte[] content, string name, string? service = null, string? key = null) =>
        SendAsync(new ByteArrayContent(content), name, service, key);

    public async Task<Answered> SendAsync(HttpContent content, string name, string? service = null, string? key = null)
    {
        using var form = new MultipartFormDataContent();
        if (service is not null)
        {
            form.Add(new StringContent(service), "service");
        }

        form.Add(content, "file", name);
        return await SendAsync(HttpMethod.Post, "/v1/files", form, key ?? Customer.NewKey());
    }

    public async Task<Answered> SendAsync(HttpMethod method, string path, HttpContent? content, string? key, Action<HttpRequestMessage>? more = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        var token = App.Get<AccessTokens>().Issue(Customer.Id, Ids.New(), [Roles.Customer], App.Clock.GetUtcNow());
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (key is not null)
        {
            request.Headers.Add(Idempotency.Header, key);
        }

        more?.Invoke(request);
        using var answer = await App.Http.SendAsync(request, Cancel);
        return new Answered(
            (int)answer.StatusCode,
            await answer.Content.ReadAsByteArrayAsync(Cancel),
            answer.Headers.Contains("Idempotency-Replayed"),
            answer.Content.Headers.ContentType?.MediaType
        );
    }

    /// <summary>Sends a file, lets it be worked on, and gives what became of it.</summary>
    public async Task<JsonElement> WorkAsync(byte[] content, string name, string? service = null)
    {
        var id = (await SendAsync(content, name, service)).Must(201).Text("id");
        await App.Get<FileProcessing>().RunAsync(Cancel);
        return await ShowAsync(id);
    }

    public async Task<JsonElement> ShowAsync(string id) => (await Customer.GetAsync("/v1/files/" + id)).Must(200);

    /// <summary>Credits as <c>available held spent refunded</c>.</summary>
    public async Task<string> CreditsAsync(string service = "word_count")
    {
        var all = (await Customer.GetAsync("/v1/file-credits")).Must(200).At("data").EnumerateArray();
        var one = all.Single(credit => credit.Text("service").Equals(service, StringComparison.Ordinal));
        return $"{one.Text("available")} {one.Text("held")} {one.Text("spent")} {one.Text("refunded")}";
    }
}

/// <summary>What must hold of credits and the book after everything.</summary>
internal static class FileBooks
{
    /// <summary>How many sums of files are not what a plain recount gives.</summary>
    public const string WrongSums = """
        with sums as (
            select of.size, case of.size when 'ever' then '-infinity' else date_trunc(of.size, uploaded_at, 'UTC') end as start,
                count(*) filter (where state = 'processing') as processing, count(*) filter (where state = 'completed') as completed,
                count(*) filter (where state = 'failed') as failed
            from files.files cross join unnest(array['hour', 'day', 'ever']) of(size) group by 1, 2
            union all
            select size, start, -processing, -completed, -failed from files.figures
        )
        select count(*) from (select from sums group by size, start having (sum(processing), sum(completed), sum(failed)) <> (0, 0, 0)) wrong
        """;

    public static readonly Currency Bdt = Currency.Of("BDT");

    /// <summary>
    /// The liability is what is outstanding, the revenue what was spent, every file under way holds one credit, and the sums are those of the table.
    /// </summary>
    public static async Task CheckAsync(FlorinApp app)
    {
        await Book.CheckCleanAsync(app);
        Assert.Equal(0, await app.Database.ScalarAsync<long>(WrongSums));
        Assert.Equal(
            0,
            await app.Database.ScalarAsync<long>(
                """
                select count(*) from (
                    select currency, sum(balance) filter (where kind = 'file_credit_liability') as liability, sum(balance) filter (where kind = 'file_revenue') as revenue
                    from ledger.accounts group by currency
                ) held full join (
                    select currency, sum(price * (available + held)) as outstanding, sum(price * spent) as spent from files.credit_lots group by currency
                ) owed using (currency)
                where coalesce(liability, 0) <> coalesce(outstanding, 0) or coalesce(revenue, 0) <> coalesce(spent, 0)
                """
            )
        );
        Assert.Equal(
            0,
            await app.Database.ScalarAsync<long>(
                """
                select count(*) from files.credit_lots l where
                    held <> (select count(*) from files.files f where f.lot_id = l.payment_id and f.state = 'processing')
                    or spent <> (select count(*) from files.files f where f.lot_id = l.payment_id and f.state = 'completed')
                """
            )
        );
    }

    public static async Task<long> LiabilityAsync(FlorinApp app) =>
        (
            await new Book(app).AccountAsync(
                await app.Get<HouseAccounts>().IdAsync(HouseAccount.FileCreditLiability, Bdt, TestContext.Current.CancellationToken)
            )
        ).Balance;
}
