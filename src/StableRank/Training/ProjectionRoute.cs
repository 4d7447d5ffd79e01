namespace StableRank.Training;

/// <summary>How a matrix of the prescribed stable rank was found.</summary>
public enum ProjectionRoute
{
    /// <summary>The matrix had that stable rank already, to rounding, and was not changed.</summary>
    Unchanged,

    /// <summary>A multiple of the matrix plus a matrix of rank one, theory (8.2): only s_1 is moved against the others.</summary>
    RankOne,

    /// <summary>The same with several of the greatest singular triples, all those whose values are cut, held in a block.</summary>
    Block,

    /// <summary>A thin singular value decomposition.</summary>
    Decomposition,
}
