namespace StableRank.Training;

/// <summary>The norm that a matrix keeps when its stable rank is changed; the spectrum has the same shape for all, theory (8.1).</summary>
public enum KeptNorm
{
    /// <summary>Neither: the scale is the one that comes nearest in the Frobenius norm.</summary>
    Free,

    /// <summary>The spectral norm s1.</summary>
    Spectral,

    /// <summary>The Frobenius norm.</summary>
    Frobenius,
}
