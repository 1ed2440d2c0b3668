using System.Security.Cryptography;
using System.Text;
using Florin.Imports;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Florin.Tests.Imports;

/// <summary>A database in the layout of one of the old systems, in a file of its own.</summary>
internal sealed class OldSystem : IDisposable
{
    public const string Password = "1"; // weak ones were taken there, and work on
    private readonly string name;

    public OldSystem(string name, string script)
    {
        this.name = name;
        Run(script);
    }

    public string File { get; } = Path.Combine(Path.GetTempPath(), $"florin-old-{Guid.NewGuid():N}.sqlite3");

    public ImportOptions Options => new(name, File) { Source = "t" + Path.GetFileNameWithoutExtension(File)[^12..] };

    /// <summary>As Django hashes: 1,000 rounds, which the old tests used too.</summary>
    public static string Hash(string password, string salt = "NaCl") =>
        $"pbkdf2_sha256$1000${salt}${Convert.ToBase64String(Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), Encoding.UTF8.GetBytes(salt), 1000, HashAlgorithmName.SHA256, 32))}";

    /// <summary>Runs SQL on it; <c>{hash}</c> stands for the hash of <see cref="Password"/>.</summary>
    public void Run(string script)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the tests' own
        command.CommandText = script.Replace("{hash}", Hash(Password), StringComparison.Ordinal);
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    public async Task<ImportReport> ImportAsync(FlorinApp app, Func<ImportOptions, ImportOptions>? with = null)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<Import>().RunAsync(with?.Invoke(Options) ?? Options, TestContext.Current.CancellationToken);
    }

    public void Dispose() => System.IO.File.Delete(File);

    /// <summary>Django's own columns of a user.</summary>
    private const string User =
        "password varchar(128) not null, last_login datetime, is_superuser bool not null default 0, first_name varchar(150) not null default '', "
        + "last_name varchar(150) not null default '', is_staff bool not null default 0, is_active bool not null default 1, date_joined datetime";

    /// <summary>Seed 1: a shop owner, two customers, three bills.</summary>
    public static OldSystem VeinPay(string mark) =>
        new(
            "veinpay",
            $$"""
            create table api_user (id integer primary key autoincrement, username varchar(150) unique, email varchar(254) not null default '', {{User}}, role varchar(20) not null);
            create table api_user_groups (id integer primary key, user_id bigint, group_id integer);
            create table api_wallet (id integer primary key autoincrement, owner_id bigint unique, balance decimal not null, created_at datetime, updated_at datetime);
            create table api_bill (id integer primary key autoincrement, amount decimal not null, status varchar(20), created_at datetime, updated_at datetime, customer_id bigint, initiating_shop_id bigint);
            create table api_transaction (id integer primary key, amount decimal, bill_id bigint, source_wallet_id bigint, destination_wallet_id bigint);
            insert into api_user (id, username, password, role, first_name, is_staff) values (1, '{{mark}}-shop', '{hash}', 'SHOP_OWNER', 'Vein Shop', 1),
                (2, '{{mark}}-ann', '{hash}', 'CUSTOMER', 'Ann', 0), (3, '{{mark}}-gone', '{hash}', 'CUSTOMER', '', 0);
            update api_user set is_active = 0 where id = 3;
            insert into api_wallet (owner_id, balance) values (1, 1000.10), (2, '75.30'), (3, 0);
            insert into api_bill (amount, status, customer_id, initiating_shop_id) values (12.34, 'PENDING', 2, 1), (5, 'PAID_CASH', 2, 1), (-50, 'PENDING', 2, 1);
            """
        );

    /// <summary>Seed 2: two vouchers that one payment bought, one that nothing bought, one that is used.</summary>
    public static OldSystem VoucherApp(string mark, string code) =>
        new(
            "voucher-app",
            $$"""
            create table users_user (id integer primary key autoincrement, username varchar(150) unique, email varchar(254) unique, {{User}}, phone_number varchar(20), date_of_birth date,
                student_id varchar(50), institution varchar(200), graduation_year integer);
            create table users_userprofile (id integer primary key, user_id bigint);
            create table vouchers_vouchertype (id integer primary key autoincrement, name varchar(100), type_code varchar(50), description text, price decimal, is_active bool, validity_days integer, usage_limit integer);
            create table vouchers_voucher (id char(32) primary key, code varchar(20) unique, status varchar(20), usage_count integer, last_used_at datetime, issued_at datetime, expires_at datetime,
                transaction_id varchar(100), metadata text, user_id bigint, voucher_type_id bigint);
            create table vouchers_voucherusage (id integer primary key, voucher_id char(32));
            create table payments_payment (id char(32) primary key, amount decimal, currency varchar(3), status varchar(20), quantity integer, discount_amount decimal, user_id bigint, voucher_type_id bigint);
            insert into users_user (id, username, email, password, date_of_birth, graduation_year) values (7, '{{mark}}', '{{mark}}@example.org', '{hash}', '2001-02-03', 2024);
            insert into vouchers_vouchertype values (1, 'Old results', '{{mark}}_results', 'Old', 10, 1, 30, 3);
            insert into payments_payment values ('0123456789abcdef0123456789abcdef', 10, 'USD', 'completed', 2, 0.01, 7, 1);
            insert into vouchers_voucher values ('a1', '{{code}}00A', 'active', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00.123456', '2099-01-01 00:00:00', '01234567-89ab-cdef-0123-456789abcdef', '{}', 7, 1),
                ('a2', '{{code}}00B', 'used', 3, '2026-01-01 00:00:00', '2026-01-01 00:00:00', '2099-01-01 00:00:00', '01234567-89ab-cdef-0123-456789abcdef', '{}', 7, 1),
                ('a3', '{{code}}00C', 'active', 0, null, '2026-01-01 00:00:00', '2099-01-01 00:00:00', null, '{}', 7, 1),
                ('a4', '{{code}}00D', 'active', 0, null, '2020-01-01 00:00:00', '2020-02-01 00:00:00', null, '{}', 7, 1);
            """
        );

    /// <summary>Seed 3: three paid, one used.</summary>
    public static OldSystem PaymentFiles(string mark) =>
        new(
            "payment-files",
            $$"""
            create table accounts_customuser (id integer primary key autoincrement, username varchar(150) unique, email varchar(254), mobile_number varchar(11), {{User}});
            create table app_paymenttransaction (payment_id char(32) primary key, amount decimal, status varchar(20), transaction_id varchar(100), gateway_response text, timestamp datetime, user_id bigint);
            create table app_fileupload (file_id char(32) primary key, file varchar(100), filename varchar(100), upload_time datetime, status varchar(20), word_count integer, user_id bigint);
            insert into accounts_customuser (id, username, email, mobile_number, password) values (1, '{{mark}}', '{{mark}}@example.org', '01712345678', '{hash}');
            insert into app_paymenttransaction (payment_id, amount, status, user_id) values ('p1', 100, 'Paid', 1), ('p2', 100, 'Paid', 1), ('p3', 100, 'Paid', 1), ('p4', 100, 'Pending', 1);
            insert into app_fileupload (file_id, user_id) values ('f1', 1);
            """
        );

    /// <summary>Seed 4: plain passwords and balances that are not whole.</summary>
    public static OldSystem QrPay(string mark) =>
        new(
            "qr-pay",
            $$"""
            create table cards (id integer primary key, login varchar unique, password varchar, card varchar, pincode varchar, amaunt integer default 0, pin_limit integer default 10, acess_token varchar);
            create table transactions (id integer primary key, created_at varchar, transaction_secret varchar, code varchar, amount integer, merchant varchar, merchant_id integer, state varchar);
            insert into cards (id, login, password, card, pincode, amaunt, pin_limit) values (1, '{{mark}}-till', 'till secret', '1111', '1234', 250, -1),
                (2, '{{mark}}-payer', 'plain', '2222', '4321', 0.1 + 0.2, 10), (3, '{{mark}}-third', 'third', '3333', 'x', 33.339999, 10);
            insert into transactions (id, merchant, state) values (1, '{{mark}}-till', 'created');
            """
        );

    /// <summary>Seed 5: three wallets, one of them blocked.</summary>
    public static OldSystem WalletApi(string mark, string phone, string numbers) =>
        new(
            "wallet-api",
            $$"""
            create table users_user (id char(32) primary key, email varchar(254) unique, phone_number varchar(128) unique, profile_image varchar(100), {{User}});
            create table wallets_wallet (id integer primary key autoincrement, wallet_number varchar(10) unique, name varchar(30), amount_currency varchar(3), amount decimal, is_active bool, created_at datetime,
                updated_at datetime, user_id char(32));
            create table wallets_walletmonthlyfee (id integer primary key, amount decimal, next_charge_date datetime, wallet_id bigint unique);
            create table wallets_wallettransaction (id char(32) primary key, operation_type varchar(10));
            insert into users_user (id, email, phone_number, password, first_name) values ('00000000000000000000000000000001', '{{mark}}@example.org', '{{phone}}', '{hash}', 'Dana');
            insert into wallets_wallet values (1, '{{numbers}}01', 'Мой кошелек', 'KZT', 150.5, 0, null, null, '00000000000000000000000000000001'),
                (2, '{{numbers}}02', 'Savings', 'USD', '12345678901.99', 1, null, null, '00000000000000000000000000000001');
            insert into wallets_walletmonthlyfee values (1, 200, '2020-01-01 00:00:00', 1), (2, 200, '2099-01-01 00:00:00', 2);
            """
        );
}
