namespace StableRank.Expressivity;

/// <summary>How far a partition has come; told after every layer.</summary>
/// <param name="Layer">The layer done, from 1.</param>
/// <param name="Layers">L.</param>
/// <param name="Regions">The regions after it.</param>
public readonly record struct PartitionProgress(int Layer, int Layers, int Regions);
