using System.Numerics;

namespace StableRank.Training;

/// <summary>Fills live arrays from stored ones.</summary>
internal static class StateArrays
{
    /// <summary>Copies by name; checks all before it changes any.</summary>
    /// <exception cref="ArgumentException">An array is missing or has another length; the message names it.</exception>
    public static void Fill<T>(IReadOnlyList<NamedArray<T>> targets, IReadOnlyDictionary<string, T[]> stored, string argument)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (var (name, values) in targets)
        {
            if (!stored.TryGetValue(name, out var found))
            {
                throw new ArgumentException($"There is no array '{name}'; there are: {string.Join(", ", stored.Keys)}.", argument);
            }

            if (found.Length != values.Length)
            {
                throw new ArgumentException($"The array '{name}' has {found.Length} elements; expected {values.Length}.", argument);
            }
        }

        foreach (var (name, values) in targets)
        {
            stored[name].CopyTo(values, 0);
        }
    }
}
