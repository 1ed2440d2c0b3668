namespace Florin.Biometrics;

/// <summary>How much depth two views of a face show.</summary>
internal static class FaceRelief
{
    // The corners of the eyes in the mesh.
    private static readonly int[] RightEye = [33, 133];
    private static readonly int[] LeftEye = [362, 263];

    /// <summary>
    /// How far the landmarks of a turned view are from any flat copy of the straight one, in parts of the straight view's eye distance; 0 where a landmark
    /// is missing, so that what cannot be measured counts as flat.
    /// </summary>
    public static double Between(DescribedFace turned, DescribedFace straight)
    {
        var there = straight.Points.ToDictionary(point => point.Id, Place);
        var both = turned.Points.Where(point => there.ContainsKey(point.Id)).ToList();
        var eyes = Distance(there);
        if (both.Count < 5 || !(eyes > 0))
        {
            return 0;
        }

        var residual = Homography.Residual([.. both.Select(Place)], [.. both.Select(point => there[point.Id])]);
        return double.IsFinite(residual) ? residual / eyes : 0;
    }

    private static double Distance(Dictionary<int, Spot> points)
    {
        if (!RightEye.Concat(LeftEye).All(points.ContainsKey))
        {
            return 0;
        }

        var x = LeftEye.Average(id => points[id].X) - RightEye.Average(id => points[id].X);
        var y = LeftEye.Average(id => points[id].Y) - RightEye.Average(id => points[id].Y);
        return Math.Sqrt(x * x + y * y);
    }

    private static Spot Place(FacePoint point) => new(point.X, point.Y);
}
