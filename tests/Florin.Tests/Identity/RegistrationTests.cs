using System.Net;
using System.Text.Json;
using Florin.Identity;
using Florin.Platform;
using Npgsql;

namespace Florin.Tests.Identity;

public sealed class RegistrationTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private static readonly string[] Customer = ["customer"];

    [Fact]
    public async Task A_person_signs_up_by_e_mail_with_every_field_and_is_signed_in()
    {
        var name = Calls.Fresh("ann");
        var started = await app.Http.StartAsync(
            new
            {
                username = name,
                email = $"{name}@Example.org",
                phone = "+7 (701) 555-00-11",
                password = Calls.Password,
                first_name = "Ann",
                last_name = "Lee",
                date_of_birth = "2001-02-03",
                student_id = "S-1",
                institution = "KazNU",
                graduation_year = 2024,
                locale = "kk-KZ",
            }
        );
        Assert.Equal(HttpStatusCode.Accepted, started.Status);
        Assert.Equal("email", started.Text("channel"));
        Assert.Equal(0L, await PeopleNamedAsync(name));

        var verified = await app.Http.VerifyAsync(started);
        Assert.Equal(HttpStatusCode.Created, verified.Status);
        Assert.Equal("Bearer", verified.Text("token_type"));
        Assert.Equal("3600", verified.Text("expires_in"));
        var person = verified.Body.GetProperty("person");
        Assert.StartsWith("usr_", person.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal("+77015550011", person.GetProperty("phone").GetString());
        Assert.Equal(Customer, person.GetProperty("roles").Deserialize<string[]>());

        var row = await app.Database.ScalarAsync<string>(
            "select concat_ws('|', email_verified_at is not null, phone_verified_at is null, first_name, date_of_birth, student_id, institution, graduation_year, locale) "
                + "from identity.people where username = $1",
            name
        );
        Assert.Equal("t|t|Ann|2001-02-03|S-1|KazNU|2024|kk-KZ", row);
        Assert.Equal(
            1L,
            await app.Database.ScalarAsync<long>(
                "select count(*) from platform.outbox where topic = $1 and payload ->> 'person_id' = $2",
                People.Registered,
                person.GetProperty("id").GetString()!
            )
        );
        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("/v1/sessions", verified.Access)).Status);
    }

    [Fact]
    public async Task A_person_signs_up_by_phone_alone()
    {
        var phone = Calls.FreshPhone();
        var started = await app.Http.StartAsync(new { phone, password = Calls.Password });
        Assert.Equal("sms", started.Text("channel"));
        var verified = await app.Http.VerifyAsync(started);
        Assert.Equal(HttpStatusCode.Created, verified.Status);
        Assert.True(await app.Database.ScalarAsync<bool>("select phone_verified_at is not null from identity.people where phone = $1", phone));
        Assert.Equal(HttpStatusCode.Created, (await app.Http.SignInAsync(phone)).Status);
    }

    [Fact]
    public async Task The_message_holds_the_code_and_no_table_does()
    {
        var email = Calls.Fresh("bob") + "@example.org";
        var started = await app.Http.StartAsync(new { email, password = Calls.Password });
        var code = started.Text("sandbox_code")!;
        var messages = await MessagesToAsync(email);
        var message = Assert.Single(messages);
        Assert.Equal("registration_code", message.Template);
        Assert.Equal(code, message.Values["code"]);
        Assert.False(await app.Database.ScalarAsync<bool>("select exists (select from platform.outbox where payload::text like '%' || $1 || '%')", code));
        Assert.False(
            await app.Database.ScalarAsync<bool>("select exists (select from identity.codes where encode(payload, 'escape') like '%' || $1 || '%')", email)
        );
    }

    [Fact]
    public async Task A_wrong_code_is_counted_and_the_fifth_ends_it()
    {
        var started = await app.Http.StartAsync(new { email = Calls.Fresh("eve") + "@example.org", password = Calls.Password });
        var right = started.Text("sandbox_code")!;
        var wrong = string.Equals(right, "000000", StringComparison.Ordinal) ? "000001" : "000000";
        for (var i = 0; i < 5; i++)
        {
            var refused = await app.Http.VerifyAsync(started, wrong);
            Assert.Equal((HttpStatusCode.UnprocessableEntity, "code_not_valid"), (refused.Status, refused.Code));
        }

        Assert.Equal("code_not_valid", (await app.Http.VerifyAsync(started)).Code);
    }

    [Fact]
    public async Task The_fifth_try_may_still_be_right()
    {
        var started = await app.Http.StartAsync(new { email = Calls.Fresh("eva") + "@example.org", password = Calls.Password });
        var wrong = string.Equals(started.Text("sandbox_code"), "000000", StringComparison.Ordinal) ? "000001" : "000000";
        for (var i = 0; i < 4; i++)
        {
            await app.Http.VerifyAsync(started, wrong);
        }

        Assert.Equal(HttpStatusCode.Created, (await app.Http.VerifyAsync(started)).Status);
    }

    [Fact]
    public async Task A_code_is_used_once()
    {
        var started = await app.Http.StartAsync(new { email = Calls.Fresh("joe") + "@example.org", password = Calls.Password });
        Assert.Equal(HttpStatusCode.Created, (await app.Http.VerifyAsync(started)).Status);
        Assert.Equal("code_not_valid", (await app.Http.VerifyAsync(started)).Code);
    }

    [Fact]
    public async Task A_code_is_worth_nothing_for_another_registration()
    {
        var one = await app.Http.StartAsync(new { email = Calls.Fresh("one") + "@example.org", password = Calls.Password });
        var two = await app.Http.StartAsync(new { email = Calls.Fresh("two") + "@example.org", password = Calls.Password });
        if (!string.Equals(one.Text("sandbox_code"), two.Text("sandbox_code"), StringComparison.Ordinal))
        {
            Assert.Equal("code_not_valid", (await app.Http.VerifyAsync(one, two.Text("sandbox_code"))).Code);
        }

        var missing = await app.Http.PostAsync($"/v1/registrations/{Ids.Show("reg", Ids.New())}/verify", new { code = "123456" });
        Assert.Equal("code_not_valid", missing.Code);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.PostAsync("/v1/registrations/nonsense/verify", new { code = "123456" })).Status);
    }

    [Fact]
    public async Task Of_50_that_verify_at_once_exactly_one_makes_the_person()
    {
        var name = Calls.Fresh("sam");
        var started = await app.Http.StartAsync(
            new
            {
                username = name,
                email = name + "@example.org",
                password = Calls.Password,
            }
        );
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => app.Http.VerifyAsync(started)));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.Equal(49, answers.Count(answer => string.Equals(answer.Code, "code_not_valid", StringComparison.Ordinal)));
        Assert.Equal(1L, await PeopleNamedAsync(name));
    }

    [Fact]
    public async Task A_taken_username_is_said_at_once_whatever_its_case()
    {
        var name = Calls.Fresh("kim");
        await app.Http.RegisterAsync(name);
        var refused = await app.Http.StartAsync(
            new
            {
                username = name.ToUpperInvariant(),
                email = Calls.Fresh("x") + "@example.org",
                password = Calls.Password,
            }
        );
        Assert.Equal((HttpStatusCode.Conflict, "username_taken"), (refused.Status, refused.Code));
    }

    [Fact]
    public async Task A_taken_address_is_told_to_its_owner_only()
    {
        var name = Calls.Fresh("lea");
        await app.Http.RegisterAsync(name);
        var free = await app.Http.StartAsync(new { email = Calls.Fresh("free") + "@example.org", password = Calls.Password });
        var taken = await app.Http.StartAsync(new { email = name.ToUpperInvariant() + "@example.org", password = Calls.Password });
        Assert.Equal(free.Status, taken.Status);
        Assert.Equal(free.Body.EnumerateObject().Select(p => p.Name), taken.Body.EnumerateObject().Select(p => p.Name));
        var message = Assert.Single(await MessagesToAsync(name.ToUpperInvariant() + "@example.org"));
        Assert.Equal("already_registered", message.Template);
        Assert.Empty(message.Values);
        Assert.Equal((HttpStatusCode.Conflict, "email_taken"), await StatusAsync(app.Http.VerifyAsync(taken)));
    }

    [Fact]
    public async Task An_address_that_was_only_claimed_goes_to_the_one_who_proves_it()
    {
        var squatter = Calls.Fresh("squat");
        var phone = Calls.FreshPhone();
        await app.Http.RegisterAsync(squatter, phone);
        var owner = await app.Http.VerifyAsync(await app.Http.StartAsync(new { phone, password = Calls.Password }));
        Assert.Equal(HttpStatusCode.Created, owner.Status);
        Assert.Equal(phone, owner.Body.GetProperty("person").GetProperty("phone").GetString());
        Assert.Null(await app.Database.ScalarAsync<string>("select phone from identity.people where username = $1", squatter));

        var again = await app.Http.StartAsync(
            new
            {
                username = Calls.Fresh("third"),
                email = Calls.Fresh("third") + "@example.org",
                phone,
                password = Calls.Password,
            }
        );
        Assert.Equal((HttpStatusCode.Conflict, "phone_taken"), await StatusAsync(app.Http.VerifyAsync(again)));
    }

    [Theory]
    [InlineData("short", "password")]
    [InlineData("1234567890123", "password")]
    [InlineData("Password2024!", "password")]
    [InlineData("qwertyuiop", "password")]
    [InlineData("abcdefghijkl", "password")]
    [InlineData("aaaaaaaaaaaa", "password")]
    [InlineData("p@ssw0rd", "password")]
    [InlineData("MyOwnLongName", "password")]
    public async Task A_password_that_anybody_would_guess_is_refused(string password, string field)
    {
        var refused = await app.Http.StartAsync(
            new
            {
                username = "myownlongname",
                email = "myownlongname@example.org",
                password,
            }
        );
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (refused.Status, refused.Code));
        Assert.True(refused.Body.GetProperty("errors").TryGetProperty(field, out _));
    }

    [Theory]
    [InlineData("email", "no-at-sign")]
    [InlineData("email", "a@b")]
    [InlineData("email", "a b@example.org")]
    [InlineData("email", "Ann <ann@example.org>")]
    [InlineData("email", "ann@example..org")]
    [InlineData("phone", "87015550011")]
    [InlineData("phone", "+0123456789")]
    [InlineData("phone", "+7701")]
    [InlineData("phone", "+7701555001122334")]
    [InlineData("username", "with space")]
    [InlineData("username", "")]
    public async Task A_malformed_login_is_refused_by_field(string field, string value)
    {
        var request = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["email"] = "fine@example.org",
            ["password"] = Calls.Password,
            [field] = value,
        };
        var refused = await app.Http.StartAsync(request);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (refused.Status, refused.Code));
        Assert.True(refused.Body.GetProperty("errors").TryGetProperty(field, out _), refused.Body.ToString());
    }

    [Fact]
    public async Task A_username_alone_cannot_get_a_code()
    {
        Assert.Equal(HttpStatusCode.BadRequest, (await app.Http.StartAsync(new { username = Calls.Fresh("solo"), password = Calls.Password })).Status);
    }

    [Fact]
    public async Task One_address_gets_ten_codes_an_hour()
    {
        var email = Calls.Fresh("bomb") + "@example.org";
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(HttpStatusCode.Accepted, (await app.Http.StartAsync(new { email, password = Calls.Password })).Status);
        }

        var refused = await app.Http.StartAsync(new { email, password = Calls.Password });
        Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limited"), (refused.Status, refused.Code));
        Assert.NotNull(refused.Message.Headers.RetryAfter);
    }

    [Fact]
    public async Task Text_that_the_database_cannot_hold_is_refused()
    {
        var refused = await app.Http.StartAsync(
            new
            {
                email = Calls.Fresh("nul") + "@example.org",
                first_name = "a\0b",
                password = Calls.Password,
            }
        );
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
    }

    private static async Task<(HttpStatusCode Status, string? Code)> StatusAsync(Task<Got> call)
    {
        var got = await call;
        return (got.Status, got.Code);
    }

    private Task<long> PeopleNamedAsync(string username) =>
        app.Database.ScalarAsync<long>("select count(*) from identity.people where username = $1", username);

    private async Task<List<MessageRequest>> MessagesToAsync(string to)
    {
        var found = new List<MessageRequest>();
        await using var connection = new NpgsqlConnection(app.Database.SuperuserConnection);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand("select secret from platform.outbox where topic = $1 and secret is not null", connection);
        command.Parameters.Add(new() { Value = MessageRequest.Topic });
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            var message = MessageRequest.Open(app.Get<Secrets>(), reader.GetFieldValue<byte[]>(0));
            if (string.Equals(message.To, to, StringComparison.Ordinal))
            {
                found.Add(message);
            }
        }

        return found;
    }
}

/// <summary>Apart, since they wind the clock.</summary>
public sealed class RegistrationTimeTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task A_code_lives_five_minutes()
    {
        var early = await app.Http.StartAsync(new { email = Calls.Fresh("early") + "@example.org", password = Calls.Password });
        app.Clock.Wind(TimeSpan.FromSeconds(290));
        Assert.Equal(HttpStatusCode.Created, (await app.Http.VerifyAsync(early)).Status);

        var late = await app.Http.StartAsync(new { email = Calls.Fresh("late") + "@example.org", password = Calls.Password });
        app.Clock.Wind(TimeSpan.FromSeconds(301));
        Assert.Equal("code_not_valid", (await app.Http.VerifyAsync(late)).Code);
    }
}
