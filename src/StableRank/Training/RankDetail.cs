namespace StableRank.Training;

/// <summary>By which route a tracker finds norms and ranks.</summary>
public enum RankDetail
{
    /// <summary>One singular triple and a Gram matrix: norms, stable and participation rank.</summary>
    Cheap,

    /// <summary>All singular values, without vectors: the effective and the numerical rank too.</summary>
    Exact,
}
