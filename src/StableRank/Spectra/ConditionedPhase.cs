namespace StableRank.Spectra;

/// <summary>How the bulk of a Gaussian matrix's squared singular values lies once its stable rank is prescribed, theory (3.3).</summary>
public enum ConditionedPhase
{
    /// <summary>
    /// Below the unconditioned stable rank: the greatest singular value is pulled out of the bulk, which stays a Marchenko-Pastur law with
    /// an upper edge below 1.
    /// </summary>
    Pulled,

    /// <summary>Above it, in square shapes, up to r = 3k/4: the bulk is pressed against the wall at 1 and still touches 0.</summary>
    Squeezed,

    /// <summary>Pressed against the wall at 1 and detached from 0: square shapes above r = 3k/4, and rectangles above the unconditioned
    /// value.</summary>
    Gapped,
}
