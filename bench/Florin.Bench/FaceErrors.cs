namespace Florin.Bench;

/// <summary>The scores of one way to compare: of pairs of one person and of pairs of two.</summary>
internal sealed class FaceErrors
{
    private readonly List<double> genuine = [];
    private readonly List<double> impostor = [];

    /// <summary>Pairs of one person.</summary>
    public int Genuine => genuine.Count;

    /// <summary>Pairs of two people.</summary>
    public int Impostor => impostor.Count;

    /// <summary>One comparison.</summary>
    public void Add(bool isGenuine, double score) => (isGenuine ? genuine : impostor).Add(score);

    /// <summary>Pairs of one person below the threshold.</summary>
    public int FalseRejects(double threshold) => genuine.Count(score => score < threshold);

    /// <summary>Pairs of two people at or above the threshold.</summary>
    public int FalseAccepts(double threshold) => impostor.Count(score => score >= threshold);

    /// <summary>The lowest threshold at which at most this share of pairs of two people is accepted.</summary>
    public double ThresholdAt(double falseAccepts)
    {
        var descending = impostor.OrderDescending().ToList();
        var allowed = (int)Math.Floor(falseAccepts * descending.Count);
        return allowed < descending.Count ? Math.BitIncrement(descending[allowed]) : -1;
    }

    /// <summary>The error rate at the threshold where false rejects and false accepts are most alike: the larger of both there.</summary>
    public double EqualErrorRate()
    {
        if (Genuine == 0 || Impostor == 0)
        {
            return double.NaN;
        }

        var rejected = genuine.Order().ToList();
        var accepted = impostor.Order().ToList();
        return rejected
            .Concat(accepted)
            .Min(threshold => Math.Max(Below(rejected, threshold) / (double)Genuine, 1 - (Below(accepted, threshold) / (double)Impostor)));
    }

    private static int Below(List<double> ascending, double threshold)
    {
        var (low, high) = (0, ascending.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = ascending[middle] < threshold ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
