namespace StableRank.Expressivity;

/// <summary>Goes through the layers of a network and divides a segment or a polygon at every neuron's sign change.</summary>
internal sealed class PartitionSweep
{
    private readonly List<int> _counts = [];

    /// <param name="layers">The network.</param>
    /// <param name="vertices">The corners, with the inputs as values.</param>
    /// <param name="basis">The derivatives of an input by the coordinates: n_0 x 1 or 2.</param>
    /// <param name="dimension">1 or 2.</param>
    /// <param name="options">What is kept and how far it goes.</param>
    /// <param name="progress">Is told of every layer.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public PartitionSweep(
        PartitionLayer[] layers, PartitionVertices vertices, double[] basis, int dimension, PartitionOptions options,
        IProgress<PartitionProgress>? progress, CancellationToken cancellationToken)
    {
        Vertices = vertices;
        Cells = PartitionCells.Whole(vertices.Count);
        Patterns = options.KeepPatterns ? new PartitionPatterns() : null;
        var slopes = new PartitionSlopes(dimension, basis);
        for (var l = 0; l < layers.Length; l++)
        {
            var layer = layers[l];
            cancellationToken.ThrowIfCancellationRequested();
            slopes.Advance(layer, l > 0 ? layers[l - 1] : null, Cells, cancellationToken);
            vertices.Multiply(layer, l + 1);
            if (layer.Splits)
            {
                vertices.Classify();
                Cells = Cells.Refine(vertices, options.MaximumRegions, $"layer {l + 1} of {layers.Length}", cancellationToken);
                Patterns?.Add(layer.Rows, Cells);
            }

            vertices.Activate();
            _counts.Add(Cells.Count);
            progress?.Report(new PartitionProgress(l + 1, layers.Length, Cells.Count));
        }

        Slopes = slopes.Behind(layers[^1], Cells);
        Tolerance = slopes.Tolerance;
        vertices.Finish();
    }

    /// <summary>The corners, with the outputs as values.</summary>
    public PartitionVertices Vertices { get; }

    public PartitionCells Cells { get; }

    /// <summary>The derivatives of the outputs: n_L x (dimension cells), column-major.</summary>
    public double[] Slopes { get; }

    /// <summary>How far apart two entries of <see cref="Slopes"/> may be and still be the same number.</summary>
    public double Tolerance { get; }

    /// <summary>The number of cells after every layer.</summary>
    public IReadOnlyList<int> Counts => _counts;

    public PartitionPatterns? Patterns { get; }

    /// <summary>Whether the affine maps of two cells have the same linear part.</summary>
    public bool HaveSameSlopes(int cell, int other)
    {
        var size = Slopes.Length / Cells.Count;
        var a = Slopes.AsSpan(cell * size, size);
        var b = Slopes.AsSpan(other * size, size);
        for (var i = 0; i < size; i++)
        {
            if (!(Math.Abs(a[i] - b[i]) <= Tolerance))
            {
                return false;
            }
        }

        return true;
    }
}
