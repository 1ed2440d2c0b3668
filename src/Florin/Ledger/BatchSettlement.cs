using Florin.Platform;

namespace Florin.Ledger;

/// <summary>
/// A batch on its way to being answered: who still waits for an attempt, and who was refused by a guarded row and waits until those before
/// them stand. If one of those falls after all, the row may be free again, and they are judged once more.
/// </summary>
internal sealed class BatchSettlement(List<PendingCommit> commits)
{
    private readonly List<(PendingCommit Pending, Exception Reason)> aside = [];
    private readonly HashSet<PendingCommit> mustStand = [];

    /// <summary>Commits for the next attempt, in order of arrival. What was answered for good does not come back.</summary>
    public List<PendingCommit> Waiting { get; private set; } = commits.FindAll(pending => !pending.Task.IsCompleted);

    public bool HasKeys => Waiting.Exists(pending => pending.Commit.Key is not null);

    /// <summary>
    /// Takes out those whose guarded statement touched the wrong number of rows. One that failed behind an earlier failure on the same row stays,
    /// for it may have failed only because of that. The earliest failure never stays, and one with nothing accepted before it is refused for good: so this ends.
    /// </summary>
    public void SetAside(RowsRefusedException refused, Func<PendingCommit, Exception, Exception> name)
    {
        var failing = refused.Failures.Select(failure => failure.Arrival).ToHashSet();
        var standing = Enumerable.Range(0, Waiting.Count).Where(i => refused.Accepted[i] && !failing.Contains(i)).ToList();
        var gone = new HashSet<PendingCommit>();
        foreach (var failure in refused.Failures)
        {
            var pending = Waiting[failure.Arrival];
            var inTheWay = refused.TouchedByFailures.GetValueOrDefault((failure.Row.Table, failure.Row.Key), int.MaxValue);
            if (inTheWay < failure.Arrival || !gone.Add(pending))
            {
                continue;
            }

            var reason = failure.Cause is null ? failure.Row.Otherwise.With() : name(pending, failure.Cause);
            if (standing.Count == 0 || standing[0] > failure.Arrival)
            {
                pending.Refuse(reason);
            }
            else
            {
                aside.Add((pending, reason));
            }
        }

        mustStand.UnionWith(standing.Select(i => Waiting[i]));
        Waiting = Waiting.FindAll(pending => !gone.Contains(pending));
    }

    /// <summary>After an attempt was answered, or where nobody is left for one: refuses those set aside, or has them judged again.</summary>
    /// <param name="accepted">Whose effects are in the book now.</param>
    public void Conclude(IReadOnlySet<PendingCommit> accepted)
    {
        Waiting = [];
        if (mustStand.IsSubsetOf(accepted))
        {
            aside.ForEach(refused => refused.Pending.Refuse(refused.Reason));
        }
        else
        {
            Waiting = [.. aside.Select(refused => refused.Pending)];
        }

        aside.Clear();
        mustStand.Clear();
    }

    /// <summary>Nobody can be told more than this.</summary>
    public void RefuseAll(RefusalCode reason)
    {
        Waiting.ForEach(pending => pending.Refuse(reason.With()));
        aside.ForEach(refused => refused.Pending.Refuse(reason.With()));
        Waiting = [];
        aside.Clear();
    }

    /// <summary>Whether everybody is answered.</summary>
    public bool Settled => Waiting.Count == 0 && aside.Count == 0;
}
