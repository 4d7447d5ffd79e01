namespace StableRank.Expressivity;

/// <summary>
/// The signs of the neurons on every region, layer by layer: each layer keeps those of its own cells, and which cell they are in.
/// </summary>
internal sealed class PartitionPatterns
{
    private readonly List<(int Width, int[] Parents, ulong[] On)> _layers = [];

    public void Add(int width, PartitionCells cells) => _layers.Add((width, cells.Parents.ToArray(), cells.On.ToArray()));

    /// <summary>The pattern of one of so many regions, where patterns were kept.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such region.</exception>
    /// <exception cref="InvalidOperationException">They were not kept.</exception>
    public static bool[] Of(PartitionPatterns? patterns, int region, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(region);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(region, count);
        return patterns?.Of(region)
            ?? throw new InvalidOperationException("The activation patterns were not kept; expected KeepPatterns in the options.");
    }

    /// <summary>One entry a neuron of the layers that divide, first layer first.</summary>
    private bool[] Of(int region)
    {
        var result = new bool[_layers.Sum(layer => layer.Width)];
        var end = result.Length;
        for (var l = _layers.Count - 1; l >= 0; l--)
        {
            var (width, parents, on) = _layers[l];
            var words = on.Length / parents.Length;
            end -= width;
            for (var neuron = 0; neuron < width; neuron++)
            {
                result[end + neuron] = ((on[(region * words) + (neuron / 64)] >> (neuron % 64)) & 1) == 1;
            }

            region = parents[region];
        }

        return result;
    }
}
