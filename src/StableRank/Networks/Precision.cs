namespace StableRank.Networks;

/// <summary>The guard of the generic members: networks run in double and in single precision.</summary>
internal static class Precision
{
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is neither double nor float.</exception>
    public static void Require<T>()
    {
        if (typeof(T) != typeof(double) && typeof(T) != typeof(float))
        {
            throw new NotSupportedException($"The element type is {typeof(T).Name}; expected Double or Single.");
        }
    }
}
