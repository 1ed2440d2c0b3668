using System.Net;
using Florin.Identity;
using Florin.Platform;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Florin.Tests.Identity;

public sealed class SignInTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task A_person_signs_in_by_username_e_mail_or_phone_in_any_case()
    {
        var name = Calls.Fresh("ann");
        var phone = Calls.FreshPhone();
        await app.Http.RegisterAsync(name, phone);
        foreach (var login in new[] { name, name.ToUpperInvariant(), name + "@example.org", name + "@EXAMPLE.org", phone, phone.Insert(5, " ") })
        {
            var signedIn = await app.Http.SignInAsync(login);
            Assert.Equal((HttpStatusCode.Created, name), (signedIn.Status, signedIn.Body.GetProperty("person").GetProperty("username").GetString()));
            Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("/v1/sessions", signedIn.Access)).Status);
        }
    }

    [Fact]
    public async Task A_username_that_looks_like_somebodys_address_does_not_take_their_sign_in()
    {
        var name = Calls.Fresh("vic");
        await app.Http.RegisterAsync(name);
        var started = await app.Http.StartAsync(
            new
            {
                username = name + "@example.org",
                email = Calls.Fresh("thief") + "@example.org",
                password = "another long password",
            }
        );
        Assert.Equal(HttpStatusCode.Created, (await app.Http.VerifyAsync(started)).Status);
        var signedIn = await app.Http.SignInAsync(name + "@example.org");
        Assert.Equal(name, signedIn.Body.GetProperty("person").GetProperty("username").GetString());
    }

    [Fact]
    public async Task Unknown_login_wrong_password_and_closed_account_are_answered_alike()
    {
        var name = Calls.Fresh("cat");
        var closed = Calls.Fresh("closed");
        await app.Http.RegisterAsync(name);
        await app.Http.RegisterAsync(closed);
        await app.Database.ScalarAsync<int>("update identity.people set deactivated_at = now() where username = $1", closed);
        var source = app.From("127.0.1.1");
        var answers = new[] { await source.SignInAsync("nobody" + name), await source.SignInAsync(name, "a wrong password"), await source.SignInAsync(closed) };
        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.Unauthorized, "sign_in_failed"), (answer.Status, answer.Code)));
        Assert.Single(answers.Select(answer => answer.Text("title") + answer.Text("detail")).Distinct(StringComparer.Ordinal));
        var malformed = await source.SignInAsync("no\0body"); // before anybody is looked for
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (malformed.Status, malformed.Code));
    }

    [Fact]
    public async Task Every_sign_in_hashes_once_so_that_time_tells_nothing()
    {
        // The unknown login is compared with a hash of the same cost: a hash for nobody takes as many rounds as one for somebody.
        var passwords = app.Get<Passwords>();
        Assert.Equal(PasswordMatch.Wrong, await passwords.CompareAsync(null, Calls.Password, TestContext.Current.CancellationToken));
        var hash = await passwords.HashAsync(Calls.Password, TestContext.Current.CancellationToken);
        Assert.Equal(PasswordMatch.Right, await passwords.CompareAsync(hash, Calls.Password, TestContext.Current.CancellationToken));
        Assert.Equal(
            PasswordMatch.Right,
            await passwords.CompareAsync(hash, Calls.Password.Replace("h", "\uFF48", StringComparison.Ordinal), TestContext.Current.CancellationToken)
        );
        Assert.Equal(PasswordMatch.Wrong, await passwords.CompareAsync(hash, Calls.Password + " ", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_hash_with_fewer_rounds_is_replaced_at_the_next_sign_in()
    {
        var name = Calls.Fresh("old");
        await app.Http.RegisterAsync(name);
        var weak = new PasswordHasher<object>(Options.Create(new PasswordHasherOptions { IterationCount = 10 })).HashPassword(new object(), Calls.Password);
        await app.Database.ScalarAsync<int>("update identity.people set password_hash = $2 where username = $1", name, weak);
        Assert.Equal(HttpStatusCode.Created, (await app.Http.SignInAsync(name)).Status);
        Assert.NotEqual(weak, await app.Database.ScalarAsync<string>("select password_hash from identity.people where username = $1", name));
        Assert.Equal(HttpStatusCode.Created, (await app.Http.SignInAsync(name)).Status);
    }

    [Fact]
    public async Task Ten_wrong_passwords_lock_the_account_for_all_but_a_known_device()
    {
        var name = Calls.Fresh("lock");
        var device = Calls.Fresh("device-of-mine");
        await app.Http.RegisterAsync(name);
        Assert.Equal(HttpStatusCode.Created, (await app.Http.SignInAsync(name, device: device)).Status);
        for (var i = 0; i < 10; i++)
        {
            // Each from a source of its own, so that only the account counts.
            Assert.Equal("sign_in_failed", (await app.From($"127.0.2.{i + 1}").SignInAsync(name, "a wrong password")).Code);
        }

        Assert.Equal("sign_in_failed", (await app.Http.SignInAsync(name)).Code);
        Assert.Equal("sign_in_failed", (await app.Http.SignInAsync(name, device: Calls.Fresh("device-of-another"))).Code);
        Assert.Equal(HttpStatusCode.Created, (await app.Http.SignInAsync(name, device: device)).Status);
    }

    [Fact]
    public async Task A_known_device_is_kept_out_after_ten_wrong_passwords_of_its_own()
    {
        var name = Calls.Fresh("dev");
        var device = Calls.Fresh("device-of-mine");
        await app.Http.RegisterAsync(name);
        await app.Http.SignInAsync(name, device: device);
        for (var i = 0; i < 10; i++)
        {
            await app.From($"127.0.3.{i + 1}").SignInAsync(name, "a wrong password", device);
        }

        Assert.Equal("sign_in_failed", (await app.Http.SignInAsync(name, device: device)).Code);
    }

    [Fact]
    public async Task Ten_wrong_passwords_lock_the_source_for_every_account()
    {
        var name = Calls.Fresh("src");
        var device = Calls.Fresh("device-of-mine");
        await app.Http.RegisterAsync(name);
        await app.Http.SignInAsync(name, device: device);
        var source = app.From("127.0.4.1");
        for (var i = 0; i < 10; i++)
        {
            await source.SignInAsync($"nobody{i}{name}", "a wrong password");
        }

        Assert.Equal("sign_in_failed", (await source.SignInAsync(name)).Code);
        Assert.Equal(HttpStatusCode.Created, (await source.SignInAsync(name, device: device)).Status);
        Assert.Equal(HttpStatusCode.Created, (await app.From("127.0.4.2").SignInAsync(name)).Status);
    }

    [Fact]
    public async Task Of_50_guesses_at_once_no_more_than_ten_are_counted_as_tries()
    {
        var name = Calls.Fresh("rush");
        await app.Http.RegisterAsync(name);
        await Task.WhenAll(Enumerable.Range(1, 50).Select(i => app.From($"127.0.5.{i}").SignInAsync(name, "a wrong password")));
        Assert.Equal(10, await app.Database.ScalarAsync<int>("select sign_in_failures from identity.people where username = $1", name));
        Assert.Equal("sign_in_failed", (await app.Http.SignInAsync(name)).Code);
    }

    [Fact]
    public async Task Many_right_sign_ins_at_once_all_succeed()
    {
        var name = Calls.Fresh("many");
        await app.Http.RegisterAsync(name);
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => app.Http.SignInAsync(name)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.Status));
    }

    [Fact]
    public async Task A_sign_in_and_a_refused_one_leave_activity()
    {
        var name = Calls.Fresh("act");
        var me = await app.Http.RegisterAsync(name);
        await app.From("127.0.6.1").SignInAsync(name, "a wrong password");
        await app.From("127.0.6.2").SignInAsync(name);
        Ids.TryRead("usr", me.Body.GetProperty("person").GetProperty("id").GetString(), out var id);
        Assert.Equal(
            "identity.sign_in_failed 127.0.6.1, identity.signed_in 127.0.6.2",
            await app.Database.ScalarAsync<string>(
                "select string_agg(action || ' ' || host(address), ', ' order by id) from activity.entries where subject = $1 and action like 'identity.sign%'",
                id
            )
        );
    }

    [Fact]
    public async Task Other_modules_sign_people_in_by_one_kind_of_login_and_choose_the_session()
    {
        var name = Calls.Fresh("seed");
        await app.Http.RegisterAsync(name);
        using var scope = app.Services.CreateScope();
        var signIn = scope.ServiceProvider.GetRequiredService<SignIn>();
        var http = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        var cancel = TestContext.Current.CancellationToken;
        var signedIn = await signIn.ByPasswordAsync(
            http,
            new SignInAttempt(name, Calls.Password) { Kinds = LoginKinds.Username, Kind = SessionKind.Fixed },
            cancel
        );
        Assert.Equal(name, signedIn.Person.Username);
        await Assert.ThrowsAsync<Refusal>(() => signIn.ByPasswordAsync(http, new SignInAttempt(name, Calls.Password) { Kinds = LoginKinds.Email }, cancel));

        // A fixed refresh token stays the same and is good for a day.
        for (var i = 0; i < 3; i++)
        {
            var again = await app.Http.PostAsync("/v1/sessions/refresh", new { refresh_token = signedIn.Tokens.RefreshToken });
            Assert.Equal((HttpStatusCode.OK, signedIn.Tokens.RefreshToken), (again.Status, again.Refresh));
        }

        Assert.InRange(signedIn.Tokens.RefreshExpiresAt - app.Clock.GetUtcNow(), TimeSpan.FromHours(23.9), TimeSpan.FromDays(1));
    }

    [Fact]
    public async Task People_are_made_from_a_draft_and_found_by_every_login()
    {
        using var scope = app.Services.CreateScope();
        var people = scope.ServiceProvider.GetRequiredService<People>();
        var cancel = TestContext.Current.CancellationToken;
        var name = Calls.Fresh("demo");
        var phone = Calls.FreshPhone();
        var made = await people.CreateAsync(
            new PersonDraft
            {
                Username = name,
                Email = name + "@example.org",
                Phone = phone,
                Roles = [Roles.Support, Roles.Finance],
                FirstName = "De",
                LastName = "Mo",
            },
            cancel
        );
        foreach (var login in new[] { name, name + "@example.org", phone })
        {
            Assert.Equal(made.Id, (await people.FindByLoginAsync(login, LoginKinds.Any, cancel))!.Id);
        }

        var found = (await people.FindAsync(made.Id, cancel))!;
        Assert.True(found.IsStaff);
        Assert.Equal(made.Id, (await people.FindByNumberAsync(found.Number, cancel))!.Id);
        Assert.Equal("De Mo", (await people.DisplayNamesAsync([made.Id], cancel))[made.Id]);
        var refusal = await Assert.ThrowsAsync<Refusal>(() => people.CreateAsync(new PersonDraft { Username = name.ToUpperInvariant() }, cancel));
        Assert.Equal(IdentityRefusals.UsernameTaken, refusal.Reason);
    }
}

/// <summary>Apart, since they wind the clock.</summary>
public sealed class SignInTimeTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task A_lock_ends_after_a_quarter_of_an_hour_and_the_count_begins_anew()
    {
        var name = Calls.Fresh("wait");
        await app.Http.RegisterAsync(name);
        for (var i = 0; i < 10; i++)
        {
            await app.Http.SignInAsync(name, "a wrong password");
        }

        Assert.Equal("sign_in_failed", (await app.Http.SignInAsync(name)).Code);
        app.Clock.Wind(SignInLocks.LockedFor + TimeSpan.FromSeconds(1));
        Assert.Equal("sign_in_failed", (await app.Http.SignInAsync(name, "a wrong password")).Code);
        Assert.Equal(HttpStatusCode.Created, (await app.Http.SignInAsync(name)).Status);
        Assert.Equal(0, await app.Database.ScalarAsync<int>("select sign_in_failures from identity.people where username = $1", name));
    }
}
