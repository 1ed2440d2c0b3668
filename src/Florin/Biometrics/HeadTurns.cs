using System.Security.Cryptography;

namespace Florin.Biometrics;

/// <summary>What a payer is asked to do for one picture.</summary>
internal enum HeadTurn
{
    /// <summary>Look straight into the camera.</summary>
    Front,

    /// <summary>Turn the head to one's own left.</summary>
    Left,

    /// <summary>Turn the head to one's own right.</summary>
    Right,
}

/// <summary>
/// Draws the order in which a payer turns their head. It begins straight, looks straight twice, turns both ways, and never asks for the same thing twice in
/// a row: fourteen orders, of four or five pictures.
/// </summary>
/// <param name="next">A whole number from 0 to below its argument; cryptographic but in tests and benchmarks.</param>
internal sealed class HeadTurns(Func<int, int> next)
{
    private static readonly HeadTurn[][] Orders = [.. All(4).Concat(All(5))];

    /// <summary>Draws from the system's cryptographic generator.</summary>
    public HeadTurns()
        : this(RandomNumberGenerator.GetInt32) { }

    /// <summary>Every order that may be drawn.</summary>
    public static IReadOnlyList<IReadOnlyList<HeadTurn>> Possible => Orders;

    /// <summary>One of them.</summary>
    public IReadOnlyList<HeadTurn> Draw() => Orders[next(Orders.Length)];

    /// <summary>As it is kept and sent: <c>front,left,front,right</c>.</summary>
    public static string Show(IEnumerable<HeadTurn> steps) => string.Join(',', steps.Select(Show));

    /// <summary>One step on the wire.</summary>
    public static string Show(HeadTurn step) =>
        step switch
        {
            HeadTurn.Left => "left",
            HeadTurn.Right => "right",
            _ => "front",
        };

    /// <summary>Reads what <see cref="Show(IEnumerable{HeadTurn})"/> wrote.</summary>
    public static IReadOnlyList<HeadTurn> Read(string steps) =>
        [
            .. steps
                .Split(',')
                .Select(step =>
                    step switch
                    {
                        "left" => HeadTurn.Left,
                        "right" => HeadTurn.Right,
                        _ => HeadTurn.Front,
                    }
                ),
        ];

    private static IEnumerable<HeadTurn[]> All(int length)
    {
        IEnumerable<HeadTurn[]> orders =
        [
            [HeadTurn.Front],
        ];
        for (var i = 1; i < length; i++)
        {
            orders = orders.SelectMany(order => Enum.GetValues<HeadTurn>().Where(turn => turn != order[^1]).Select(turn => (HeadTurn[])[.. order, turn]));
        }

        return orders.Where(order => order.Count(turn => turn is HeadTurn.Front) == 2 && order.Contains(HeadTurn.Left) && order.Contains(HeadTurn.Right));
    }
}
