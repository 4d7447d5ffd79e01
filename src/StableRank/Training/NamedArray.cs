namespace StableRank.Training;

/// <summary>A piece of the state of a training run: what a checkpoint stores under that name.</summary>
/// <typeparam name="T">double or float.</typeparam>
/// <param name="Name">Unique among the pieces of one owner.</param>
/// <param name="Values">The live array, not a copy: it is read when a checkpoint is written and filled when one is read.</param>
public readonly record struct NamedArray<T>(string Name, T[] Values);
