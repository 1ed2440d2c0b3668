using System.Text.Json;
using Florin.Activity;
using Florin.Files;
using Florin.Identity;
using Florin.Imports.Sources;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Florin.Shops;
using Florin.Vouchers;
using Florin.Wallets;

namespace Florin.Imports;

/// <summary>What an import did, or would do.</summary>
/// <param name="Done">Whether it was done.</param>
/// <param name="Lines">For the operator, line by line.</param>
/// <param name="Problems">What stopped it.</param>
internal sealed record ImportReport(bool Done, IReadOnlyList<string> Lines, IReadOnlyList<string> Problems);

/// <summary>
/// Takes the people, balances and goods of an old system over: one commit, so that all of it is here or nothing. Money comes out of the opening balances'
/// account, so that the book balances and shows what it took over.
/// </summary>
internal sealed class Import(
    People people,
    Passwords passwords,
    WalletOpening opening,
    WalletFacts wallets,
    ShopImport shops,
    VoucherImport vouchers,
    CreditImport credits,
    HouseAccounts house,
    GeneralLedger ledger,
    Taken taken,
    ActivityLog activity,
    Settings settings,
    TimeProvider clock
)
{
    private const int ManyToHash = 100; // some ten seconds

    // What an upload cost there: 100 BDT, whatever it costs here.
    private static readonly Amount UploadPrice = new(100_00, Currency.Of("BDT"));

    /// <summary>Does it.</summary>
    /// <exception cref="Refusal"><c>import_unreadable</c>, <c>import_overtaken</c>, and those of what it makes</exception>
    /// <param name="options">What to take, and how.</param>
    /// <param name="cancel">Stops before the commit; not the commit.</param>
    /// <param name="say">Is told of what takes long.</param>
    public async Task<ImportReport> RunAsync(ImportOptions options, CancellationToken cancel, Action<string>? say = null)
    {
        var data = Read(options);
        var known = await taken.ReadAsync(options.Source, cancel);
        var coming = data.People.Where(person => !known.Has("person", person.Key)).ToList();
        var logins = coming.SelectMany(person => new[] { person.Username, person.Email, person.Phone }).OfType<string>().Select(login => login.Trim()).ToList();
        var matched = new PersonMatching(options, await people.HoldersAsync(logins, cancel), data).Match(coming);
        await CheckAsync(data, known, cancel);

        var work = new Work(options, data, known, new LedgerCommit());
        AddPeople(work, matched, HashPlain(work, matched, say));
        await AddWalletsAsync(work, cancel);
        if (data.Problems.Count == 0)
        {
            await AddShopsAsync(work, cancel);
            await AddVouchersAsync(work, cancel);
            await AddCreditsAsync(work, cancel);
        }

        foreach (var constraint in People.Constraints.Keys.Append(VoucherImport.CodeConstraint).Append(Taken.Constraint))
        {
            work.Commit.Constraints[constraint] = ImportsRefusals.Overtaken;
        }

        var go = data.Problems.Count == 0 && !options.DryRun && work.Commit.Inserts.Count > 0;
        if (go)
        {
            await ledger.CommitAsync(work.Commit);
        }

        return new ImportReport(go, [.. work.Report(matched)], data.Problems);
    }

    private SourceData Read(ImportOptions options)
    {
        var data = new SourceData();
        var currency = options.Currency ?? settings.DefaultCurrency;
        using var file = new SourceFile(options.File);
        switch (options.System)
        {
            case "veinpay":
                VeinPaySource.Read(file, data, currency);
                break;
            case "voucher-app":
                VoucherAppSource.Read(file, data, currency);
                break;
            case "payment-files":
                PaymentFilesSource.Read(file, data);
                break;
            case "qr-pay":
                QrPaySource.Read(file, data, currency);
                break;
            default:
                WalletApiSource.Read(file, data);
                break;
        }

        return data;
    }

    private async Task CheckAsync(SourceData data, TakenRows known, CancellationToken cancel)
    {
        var coming = data.Wallets.Where(wallet => !known.Has("wallet", wallet.Key)).ToList();
        var numbers = await wallets.TakenAsync([.. coming.Select(wallet => wallet.Number).OfType<string>()], cancel);
        foreach (var wallet in coming)
        {
            var wrong =
                wallet.Minor < 0 ? "its balance is below zero"
                : !settings.Currencies.Contains(wallet.Currency) ? $"wallets in {wallet.Currency.Code} are not offered here (FLORIN_CURRENCIES)"
                : wallet.Number is { } number && numbers.Contains(number) ? $"its number {number} is another wallet's here"
                : null;
            if (wrong is not null)
            {
                data.Problems.Add($"wallet {wallet.Key}: {wrong}");
            }
        }

        var fresh = data.Vouchers.Where(voucher => !known.Has("voucher", voucher.Key)).ToList();
        data.Problems.AddRange(
            fresh.Where(one => !VoucherImport.IsCode(one.Voucher.Code)).Select(one => $"voucher {one.Key}: its code is not 12 of A-Z and 0-9")
        );
        var codes = fresh.Select(one => one.Voucher.Code).ToList();
        data.Problems.AddRange((await vouchers.TakenAsync(codes, cancel)).Select(code => $"the voucher code {code[..4]}… is another voucher's here"));
        data.Problems.AddRange(
            codes
                .CountBy(code => code, StringComparer.Ordinal)
                .Where(code => code.Value > 1)
                .Select(code => $"the voucher code {code.Key[..Math.Min(4, code.Key.Length)]}… stands there twice")
        );
    }

    // Where passwords were kept as they are: hashing is the slow part of such an import, so it is done for all at once, and not where nothing comes of it.
    private Dictionary<string, string> HashPlain(Work work, List<MatchedPerson> matched, Action<string>? say)
    {
        var plain = matched
            .Where(one => one.Existing is null && !work.Options.DryRun && work.Data.Problems.Count == 0)
            .SelectMany(one =>
                new[] { (Key: "password " + one.Source.Key, Text: one.Source.PlainPassword), (Key: "pin " + one.Source.Key, Text: one.Source.Pin) }
            )
            .Where(one => one.Text is not null)
            .ToList();
        if (plain.Count > ManyToHash)
        {
            say?.Invoke($"Hashing {plain.Count} passwords and PINs …");
        }

        return plain.Zip(passwords.HashMany(plain.ConvertAll(one => one.Text!)), (one, hash) => (one.Key, hash)).ToDictionary(StringComparer.Ordinal);
    }

    private void AddPeople(Work work, List<MatchedPerson> matched, Dictionary<string, string> hashed)
    {
        foreach (var (source, existing) in matched)
        {
            if (existing is not null)
            {
                work.Take("person", source.Key, existing.Id);
                if (source.Merchant && !existing.Roles.Contains(Roles.Merchant))
                {
                    work.Commit.Rows.Add(PersonRoles.Grant(existing.Id, Roles.Merchant, clock.GetUtcNow()));
                }

                continue;
            }

            try
            {
                var person = People.Draw(Draft(work, source, hashed), clock.GetUtcNow());
                work.Take("person", source.Key, person.Id);
                work.Made.Add(person.Id);
                work.Commit.Inserts.Add(People.Row(person));
                work.Commit.Inserts.Add(ActivityLog.Row(activity.Entry("identity.person_imported", person.Id, new { work.Options.Source, source.Key })));
            }
            catch (Refusal refusal) when (refusal.Reason == PlatformRefusals.InvalidRequest)
            {
                work.Data.Problems.Add($"{source.Shown}: {ImportsRefusals.Say(refusal)}");
            }
        }
    }

    private static PersonDraft Draft(Work work, SourcePerson source, Dictionary<string, string> hashed)
    {
        var hash = DjangoPasswords.IsHash(source.PasswordHash) ? source.PasswordHash : hashed.GetValueOrDefault("password " + source.Key);
        work.WithoutPassword += hash is null && source.PlainPassword is null ? 1 : 0;
        work.Staff += source.Staff ? 1 : 0;
        return new PersonDraft
        {
            Username = source.Username,
            Email = source.Email,
            EmailVerified = work.Options.TrustAddresses,
            Phone = source.Phone,
            PhoneVerified = work.Options.TrustAddresses,
            ContactNumber = source.ContactNumber,
            FirstName = Names.Clean(source.FirstName, "first_name", Names.MostOfAName, lines: false),
            LastName = Names.Clean(source.LastName, "last_name", Names.MostOfAName, lines: false),
            PasswordHash = hash,
            PinHash = hashed.GetValueOrDefault("pin " + source.Key),
            Roles = source.Merchant ? [Roles.Merchant] : [Roles.Customer],
            Deactivated = !source.Active,
            DateOfBirth = source.DateOfBirth,
            StudentId = source.StudentId,
            Institution = source.Institution,
            GraduationYear = source.GraduationYear,
        };
    }

    private async Task AddWalletsAsync(Work work, CancellationToken cancel)
    {
        foreach (var source in work.Fresh(work.Data.Wallets, "wallet", wallet => wallet.Key))
        {
            if (work.Person(source.Person, $"wallet {source.Key}") is not { } person)
            {
                continue;
            }

            var there = work.Made.Contains(person)
                ? null
                : (await wallets.OfPersonAsync(person, cancel)).FirstOrDefault(fact => fact.Currency == source.Currency);
            try
            {
                var (id, account) = there is null ? await OpenAsync(work, person, source, cancel) : (there.Id, there.Account);
                work.Take("wallet", source.Key, id);
                await PostAsync(work, account, new Amount(source.Minor, source.Currency), cancel);
            }
            catch (Refusal refusal) when (refusal.Reason == PlatformRefusals.InvalidRequest)
            {
                work.Data.Problems.Add($"wallet {source.Key}: {ImportsRefusals.Say(refusal)}");
            }
        }
    }

    private async Task<(Guid Id, long Account)> OpenAsync(Work work, Guid person, SourceWallet source, CancellationToken cancel)
    {
        var account = await ledger.NewAccountIdAsync(cancel);
        var wallet = source.Number is { } number
            ? opening.Restore(person, account, source.Currency, source.Name, number, source.FeeDue)
            : opening.Draw(person, account, source.Currency);
        opening.AddTo(work.Commit, wallet, source.ProofLimit);
        if (source.Blocked && await opening.FeeOwedAsync(source.Currency, cancel) is { } owed)
        {
            work.Commit.Changes.Add(new AccountChange(account) { Arrears = owed });
        }

        return (wallet.Id, account);
    }

    private async Task AddShopsAsync(Work work, CancellationToken cancel)
    {
        var bills = work.Fresh(work.Data.Bills, "bill", bill => bill.Key).ToLookup(bill => bill.Merchant, StringComparer.Ordinal);
        foreach (var key in work.Data.People.Where(person => person.Merchant).Select(person => person.Key).Union(bills.Select(group => group.Key)))
        {
            var open = bills[key].ToList();
            var customers = open.Select(bill => work.Person(bill.Customer, $"bill {bill.Key}")).ToList();
            if (work.Person(key, $"the bills of {key}") is not { } owner || customers.Contains(null))
            {
                continue;
            }

            var orders = open.Zip(customers, (bill, customer) => new OpenBill(customer!.Value, bill.Amount, bill.Key)).ToList();
            IReadOnlyList<Guid> made = [];
            if (!work.Known.Has("shop", key))
            {
                var source = work.Data.People.Find(person => string.Equals(person.Key, key, StringComparison.Ordinal))!;
                var name = $"{source.FirstName} {source.LastName}".Trim() is { Length: > 0 } full ? full : source.Username ?? "Shop";
                (var shop, made) = await shops.AddShopAsync(work.Commit, owner, name, work.Options.Currency ?? settings.DefaultCurrency, orders, cancel);
                work.Take("shop", key, shop);
            }
            else if (orders.Count > 0 && !work.Options.DryRun)
            {
                made = await shops.AddBillsAsync(work.Commit, work.Known["shop", key], orders, cancel);
            }

            foreach (var (bill, id) in open.Zip(made))
            {
                work.Take("bill", bill.Key, id);
            }
        }
    }

    private async Task AddVouchersAsync(Work work, CancellationToken cancel)
    {
        var types = new Dictionary<string, Guid>(StringComparer.Ordinal);
        foreach (var (key, type) in work.Data.VoucherTypes)
        {
            try
            {
                types[key] = await vouchers.AddTypeAsync(work.Commit, type, cancel);
            }
            catch (Refusal refusal) when (refusal.Reason == PlatformRefusals.InvalidRequest)
            {
                work.Data.Problems.Add($"voucher type {type.Code}: {ImportsRefusals.Say(refusal)}");
            }
        }

        var liability = new Dictionary<long, Amount>();
        foreach (var source in work.Fresh(work.Data.Vouchers, "voucher", voucher => voucher.Key))
        {
            if (work.Person(source.Person, $"voucher {source.Key}") is not { } owner || !types.TryGetValue(source.Type, out var type))
            {
                continue;
            }

            var voucher = source.Voucher with { Type = type, Owner = owner };
            var (id, account, minor) = await vouchers.AddAsync(work.Commit, voucher, work.Data.VoucherTypes[source.Type], cancel);
            work.Take("voucher", source.Key, id);
            liability[account] = new Amount(liability.GetValueOrDefault(account).Minor + minor, voucher.Price.Currency);
        }

        foreach (var (account, amount) in liability)
        {
            await PostAsync(work, account, amount, cancel);
        }
    }

    private async Task AddCreditsAsync(Work work, CancellationToken cancel)
    {
        foreach (var source in work.Fresh(work.Data.Credits, "credits", one => one.Person))
        {
            if (work.Person(source.Person, $"the credits of {source.Person}") is { } person)
            {
                var (account, minor) = await credits.AddToAsync(work.Commit, person, source.Count, UploadPrice, cancel);
                work.Take("credits", source.Person, person);
                await PostAsync(work, account, new Amount(minor, UploadPrice.Currency), cancel);
            }
        }
    }

    private async Task PostAsync(Work work, long account, Amount amount, CancellationToken cancel)
    {
        if (amount.Minor == 0)
        {
            return;
        }

        var from = await house.IdAsync(HouseAccount.Opening, amount.Currency, cancel);
        var metadata = JsonSerializer.Serialize(new { imported_from = work.Options.Source });
        work.Commit.Postings.Add(new PostingDraft("opening", new Move(from, account, amount.Minor)) { Metadata = metadata });
        work.Posted[amount.Currency.Code] = work.Posted.GetValueOrDefault(amount.Currency.Code) + amount.Minor;
    }
}
