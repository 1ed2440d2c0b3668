using System.Globalization;
using Florin.Tests.Payments;
using Florin.Tests.Wallets;

namespace Florin.Tests.Shops;

/// <summary>Days on which clocks are changed.</summary>
public sealed class TakingsClockTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task The_day_that_loses_an_hour_has_twenty_three_and_the_one_that_gains_it_has_two_of_one()
    {
        var till = await Till.OpenAsync(app);
        var year = app.Clock.GetUtcNow().Year + 1;
        var spring = LastSunday(year, 3);
        var autumn = LastSunday(year, 10);

        await SellAsync(till, spring.AddHours(-1).AddMinutes(-1), "1.00"); // 23:59 of the day before, in winter time
        await SellAsync(till, spring.AddHours(-1), "2.00"); // midnight
        await SellAsync(till, spring.AddHours(1), "3.00"); // 03:00, right after 01:59
        await SellAsync(till, spring.AddHours(21).AddMinutes(59), "4.00"); // 23:59 in summer time
        await SellAsync(till, spring.AddHours(22), "5.00"); // the next day
        var day = $"{spring:yyyy-MM-dd}";
        Assert.Equal($"{day} 9.00 {spring.AddHours(-1):yyyy-MM-dd HH}", await TakingsAsync(till, day, "day"));
        Assert.Equal(
            $"{day}T00:00 2.00 {spring.AddHours(-1):yyyy-MM-dd HH}, {day}T03:00 3.00 {spring:yyyy-MM-dd} 01, {day}T23:00 4.00 {spring:yyyy-MM-dd} 21",
            await TakingsAsync(till, day, "hour")
        );

        await SellAsync(till, autumn.AddMinutes(30), "6.00"); // 02:30 in summer time
        await SellAsync(till, autumn.AddHours(1).AddMinutes(30), "7.00"); // 02:30 again, in winter time
        await SellAsync(till, autumn.AddHours(22).AddMinutes(59), "8.00"); // 23:59 in winter time
        day = $"{autumn:yyyy-MM-dd}";
        Assert.Equal($"{day} 21.00 {autumn.AddHours(-2):yyyy-MM-dd HH}", await TakingsAsync(till, day, "day"));
        Assert.Equal(
            $"{day}T02:00 6.00 {autumn:yyyy-MM-dd} 00, {day}T02:00 7.00 {autumn:yyyy-MM-dd} 01, {day}T23:00 8.00 {autumn:yyyy-MM-dd} 22",
            await TakingsAsync(till, day, "hour")
        );
    }

    private static async Task<string> TakingsAsync(Till till, string day, string by)
    {
        var answer = (await till.Merchant.GetAsync($"/v1/shops/{till.Shop}/takings?from={day}&to={day}&by={by}&tz=Europe/Berlin")).Must(200);
        return string.Join(
            ", ",
            answer
                .At("data")
                .EnumerateArray()
                .Select(row =>
                    $"{row.Text("bucket")} {row.Text("gross.amount")} {row.At("start").GetDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd HH", CultureInfo.InvariantCulture)}"
                )
        );
    }

    private async Task SellAsync(Till till, DateTimeOffset at, string amount)
    {
        app.Clock.Wind(at - app.Clock.GetUtcNow());
        (await till.CashAsync(await till.AskAsync(amount))).Must(200);
    }

    // At midnight in UTC.
    private static DateTimeOffset LastSunday(int year, int month)
    {
        var last = new DateTimeOffset(year, month, 31, 0, 0, 0, TimeSpan.Zero);
        return last.AddDays(-(int)last.DayOfWeek);
    }
}
