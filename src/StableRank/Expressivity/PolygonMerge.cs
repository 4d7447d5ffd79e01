namespace StableRank.Expressivity;

/// <summary>Polygons that have an edge in common and the same affine map are one piece of the function.</summary>
internal static class PolygonMerge
{
    /// <summary>The number of pieces.</summary>
    public static int Count(PartitionSweep sweep)
    {
        var cells = sweep.Cells;
        var representative = new int[cells.Count];
        for (var k = 0; k < representative.Length; k++)
        {
            representative[k] = k;
        }

        var pieces = cells.Count;
        var waiting = new Dictionary<(int, int), int>();
        for (var k = 0; k < cells.Count; k++)
        {
            var corners = cells[k];
            for (var i = 0; i < corners.Length; i++)
            {
                var (a, b) = (corners[i], corners[(i + 1) % corners.Length]);
                var edge = (Math.Min(a, b), Math.Max(a, b));
                if (!waiting.Remove(edge, out var other))
                {
                    waiting.Add(edge, k);
                }
                else if (sweep.HaveSameSlopes(k, other) && Join(representative, k, other))
                {
                    pieces--;
                }
            }
        }

        return pieces;
    }

    private static bool Join(int[] representative, int a, int b)
    {
        var (first, second) = (Find(representative, a), Find(representative, b));
        representative[Math.Max(first, second)] = Math.Min(first, second);
        return first != second;
    }

    private static int Find(int[] representative, int k)
    {
        while (representative[k] != k)
        {
            representative[k] = representative[representative[k]];
            k = representative[k];
        }

        return k;
    }
}
