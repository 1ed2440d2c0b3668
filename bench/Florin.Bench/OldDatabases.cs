using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Florin.Bench;

/// <summary>A generated database of one of the systems that Florin replaces, and what is to be found in it.</summary>
/// <param name="System">As <c>./florin import</c> calls it.</param>
/// <param name="File">The SQLite file.</param>
internal sealed record OldDatabase(string System, string File)
{
    /// <summary>Passwords by login.</summary>
    public Dictionary<string, string> Passwords { get; } = new(StringComparer.Ordinal);

    /// <summary>What each of these holds, in minor units or pieces: wallets by username or number, credits by username, vouchers' uses by code.</summary>
    public Dictionary<string, long> Held { get; } = new(StringComparer.Ordinal);
}

/// <summary>Makes them, with so many people each; every time the same ones.</summary>
internal sealed class OldDatabases(string folder, int people)
{
    private const string User =
        "password varchar(128) not null, last_login datetime, is_superuser bool not null default 0, first_name varchar(150) not null default '', "
        + "last_name varchar(150) not null default '', is_staff bool not null default 0, is_active bool not null default 1, date_joined datetime";

    private static readonly string[] WalletCurrencies = ["KZT", "EUR", "USD"];

    private uint state = 20261122;

    // Passwords of the QR system were kept as they are, and all are hashed by the import: a tenth of the people shows what each costs.
    public IEnumerable<OldDatabase> All() => [VeinPay(), VoucherApp(), PaymentFiles(), QrPay(), WalletApi()];

    private OldDatabase VeinPay() =>
        Make(
            "veinpay",
            people,
            $"""
            create table api_user (id integer primary key, username varchar(150) unique, email varchar(254) not null default '', {User}, role varchar(20) not null);
            create table api_wallet (id integer primary key, owner_id bigint unique, balance decimal not null, created_at datetime, updated_at datetime);
            create table api_bill (id integer primary key, amount decimal not null, status varchar(20), created_at datetime, updated_at datetime, customer_id bigint, initiating_shop_id bigint);
            """,
            (into, made, i) =>
            {
                var name = Login(made, "vein", i);
                var cents = Next(1_000_000);
                made.Held[name] = cents;
                into(
                    "insert into api_user (id, username, password, role) values ($1, $2, $3, $4)",
                    [i, name, Hash(made, name), i % 100 == 1 ? "SHOP_OWNER" : "CUSTOMER"]
                );
                into("insert into api_wallet (owner_id, balance) values ($1, $2)", [i, Decimal(cents)]);
                into(
                    "insert into api_bill (amount, status, customer_id, initiating_shop_id) values ($1, $2, $3, $4)",
                    [Decimal(1 + Next(10_000)), i % 2 == 0 ? "PENDING" : "PAID_WALLET", i, 1 + (i - 1) / 100 * 100]
                );
            }
        );

    private OldDatabase VoucherApp() =>
        Make(
            "voucher-app",
            people,
            $"""
            create table users_user (id integer primary key, username varchar(150) unique, email varchar(254) unique, {User});
            create table vouchers_vouchertype (id integer primary key, name varchar(100), type_code varchar(50), description text, price decimal, is_active bool, validity_days integer, usage_limit integer);
            create table vouchers_voucher (id char(32) primary key, code varchar(20) unique, status varchar(20), usage_count integer, last_used_at datetime, issued_at datetime, expires_at datetime,
                transaction_id varchar(100), metadata text, user_id bigint, voucher_type_id bigint);
            create table payments_payment (id char(32) primary key, amount decimal, currency varchar(3), status varchar(20), quantity integer, discount_amount decimal, user_id bigint, voucher_type_id bigint);
            insert into vouchers_vouchertype values (1, 'Bench results', 'bench_results', '', 10, 1, 30, 3);
            """,
            (into, made, i) =>
            {
                var name = Login(made, "vou", i);
                var payment = Guid32(i);
                into("insert into users_user (id, username, email, password) values ($1, $2, $3, $4)", [i, name, name + "@example.org", Hash(made, name)]);
                into("insert into payments_payment values ($1, 10, 'USD', 'completed', 2, 0, $2, 1)", [payment, i]);
                for (var place = 0; place < 2; place++)
                {
                    var (code, used) = (string.Create(CultureInfo.InvariantCulture, $"BENCH{i * 2 + place:D7}"), Next(4));
                    made.Held[code] = 3 - used;
                    into(
                        "insert into vouchers_voucher values ($1, $2, $3, $4, null, '2026-01-01 00:00:00', '2099-01-01 00:00:00', $5, '{}', $6, 1)",
                        [Guid32(1_000_000 + i * 2 + place), code, used == 3 ? "used" : "active", used, payment, i]
                    );
                }
            }
        );

    private OldDatabase PaymentFiles() =>
        Make(
            "payment-files",
            people,
            $"""
            create table accounts_customuser (id integer primary key, username varchar(150) unique, email varchar(254), mobile_number varchar(11), {User});
            create table app_paymenttransaction (payment_id char(32) primary key, amount decimal, status varchar(20), transaction_id varchar(100), gateway_response text, timestamp datetime, user_id bigint);
            create table app_fileupload (file_id char(32) primary key, file varchar(100), filename varchar(100), upload_time datetime, status varchar(20), word_count integer, user_id bigint);
            """,
            (into, made, i) =>
            {
                var name = Login(made, "fil", i);
                var (paid, used) = (1 + Next(4), Next(2));
                made.Held[name] = paid - used;
                into(
                    "insert into accounts_customuser (id, username, email, mobile_number, password) values ($1, $2, $3, '01712345678', $4)",
                    [i, name, name + "@example.org", Hash(made, name)]
                );
                for (var number = 0; number < paid; number++)
                {
                    into("insert into app_paymenttransaction (payment_id, amount, status, user_id) values ($1, 100, 'Paid', $2)", [Guid32(i * 10 + number), i]);
                }

                if (used > 0)
                {
                    into("insert into app_fileupload (file_id, user_id) values ($1, $2)", [Guid32(i), i]);
                }
            }
        );

    private OldDatabase QrPay() =>
        Make(
            "qr-pay",
            Math.Max(1, people / 10),
            """
            create table cards (id integer primary key, login varchar unique, password varchar, card varchar, pincode varchar, amaunt integer default 0, pin_limit integer default 10, acess_token varchar);
            create table transactions (id integer primary key, created_at varchar, transaction_secret varchar, code varchar, amount integer, merchant varchar, merchant_id integer, state varchar);
            """,
            (into, made, i) =>
            {
                var name = Login(made, "qr", i);
                var whole = Next(10_000);
                made.Held[name] = whole * 100;
                into(
                    "insert into cards (id, login, password, card, pincode, amaunt) values ($1, $2, $3, $4, $5, $6)",
                    [i, name, made.Passwords[name], i.ToString(CultureInfo.InvariantCulture), Next(10_000).ToString("D4", CultureInfo.InvariantCulture), whole]
                );
                if (i % 100 == 1)
                {
                    into("insert into transactions (merchant, state) values ($1, 'completed')", [name]);
                }
            }
        );

    private OldDatabase WalletApi() =>
        Make(
            "wallet-api",
            people,
            $"""
            create table users_user (id char(32) primary key, email varchar(254) unique, phone_number varchar(128) unique, profile_image varchar(100), {User});
            create table wallets_wallet (id integer primary key, wallet_number varchar(10) unique, name varchar(30), amount_currency varchar(3), amount decimal, is_active bool, created_at datetime,
                updated_at datetime, user_id char(32));
            create table wallets_walletmonthlyfee (id integer primary key, amount decimal, next_charge_date datetime, wallet_id bigint unique);
            """,
            (into, made, i) =>
            {
                var phone = string.Create(CultureInfo.InvariantCulture, $"+7701{i:D7}");
                made.Passwords[phone] = $"secret of {phone}";
                into(
                    "insert into users_user (id, email, phone_number, password) values ($1, $2, $3, $4)",
                    [Guid32(i), $"wal{i}@example.org", phone, Hash(made, phone)]
                );
                for (var place = 0; place <= i % 3; place++)
                {
                    var blocked = i % 50 == 0; // holds less than the fee: whatever comes in pays it first, there as here
                    var (id, cents) = (i * 3 + place, Next(blocked ? 30 : 10_000_000));
                    var number = (1_000_000_000L + id).ToString(CultureInfo.InvariantCulture);
                    made.Held[number] = cents;
                    into(
                        "insert into wallets_wallet values ($1, $2, 'Savings', $3, $4, $5, null, null, $6)",
                        [id, number, WalletCurrencies[place], Decimal(cents), !blocked, Guid32(i)]
                    );
                    into("insert into wallets_walletmonthlyfee values ($1, 200, '2099-01-01 00:00:00', $1)", [id]);
                }
            }
        );

    private OldDatabase Make(string system, int count, string tables, Action<Action<string, object[]>, OldDatabase, int> fill)
    {
        var made = new OldDatabase(system, Path.Combine(folder, system + ".sqlite3"));
        using var connection = new SqliteConnection($"Data Source={made.File};Pooling=False");
        connection.Open();
        var statements = new Dictionary<string, SqliteCommand>(StringComparer.Ordinal);
        Run(connection, tables);
        Run(connection, "begin");
        for (var i = 1; i <= count; i++)
        {
            fill(Insert, made, i);
        }

        Run(connection, "commit");
        foreach (var statement in statements.Values)
        {
            statement.Dispose();
        }

        return made;

        void Insert(string sql, object[] values)
        {
            if (!statements.TryGetValue(sql, out var statement))
            {
                statements[sql] = statement = connection.CreateCommand();
#pragma warning disable CA2100 // the benchmark's own
                statement.CommandText = sql;
#pragma warning restore CA2100
            }

            statement.Parameters.Clear();
            for (var at = 0; at < values.Length; at++)
            {
                statement.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"${at + 1}"), values[at]);
            }

            statement.ExecuteNonQuery();
        }
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the benchmark's own
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static string Login(OldDatabase made, string prefix, int i)
    {
        var login = string.Create(CultureInfo.InvariantCulture, $"{prefix}{i}");
        made.Passwords[login] = $"secret of {login}";
        return login;
    }

    // As Django hashes; it takes more rounds, which only makes the first sign-in longer.
    private static string Hash(OldDatabase made, string login)
    {
        var password = Encoding.UTF8.GetBytes(made.Passwords[login]);
        var hash = Rfc2898DeriveBytes.Pbkdf2(password, Encoding.UTF8.GetBytes(login), 1000, HashAlgorithmName.SHA256, 32);
        return $"pbkdf2_sha256$1000${login}${Convert.ToBase64String(hash)}";
    }

    private static string Guid32(int number) => number.ToString("x32", CultureInfo.InvariantCulture);

    private static string Decimal(long cents) => (cents / 100m).ToString("0.00", CultureInfo.InvariantCulture);

    // The same numbers every time.
    private int Next(int below)
    {
        state = state * 1664525 + 1013904223;
        return (int)((state >> 8) % (uint)below);
    }
}
