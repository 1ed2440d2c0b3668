namespace Florin.Ledger;

/// <summary>Named points of a batch, where the tests cut power, connections and servers.</summary>
internal enum CommitPoint
{
    /// <summary>Accounts are locked, nothing is judged.</summary>
    Locked,

    /// <summary>Judged; the modules' statements are about to be sent.</summary>
    Judged,

    /// <summary>The modules' statements took effect in the open transaction.</summary>
    RowsChanged,

    /// <summary>The last round trip, with the COMMIT in it, is about to be sent.</summary>
    Committing,

    /// <summary>The COMMIT was answered; nobody has been told.</summary>
    Committed,
}

/// <summary>Lets tests act at the named points, and a sandbox server kill itself there (<c>FLORIN_CRASH_AT=committing:7</c>).</summary>
internal sealed class CommitProbe
{
    /// <summary>Called at each point with the process id of the writer's backend.</summary>
    public Func<CommitPoint, int, Task>? Observer { get; set; }

    public ValueTask ReachAsync(CommitPoint point, int backend) => Observer is null ? ValueTask.CompletedTask : new ValueTask(Observer(point, backend));

    /// <summary>A probe that kills this process when a point is reached for the n-th time.</summary>
    public static CommitProbe CrashAt(string setting)
    {
        var parts = setting.Split(':');
        var point = Enum.Parse<CommitPoint>(parts[0], ignoreCase: true);
        var left = int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture);
        return new CommitProbe
        {
            Observer = (reached, _) =>
            {
                if (reached == point && --left == 0)
                {
                    System.Diagnostics.Process.GetCurrentProcess().Kill();
                }

                return Task.CompletedTask;
            },
        };
    }
}
