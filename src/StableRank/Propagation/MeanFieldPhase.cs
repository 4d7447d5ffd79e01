namespace StableRank.Propagation;

/// <summary>
/// The phase of a mean-field map at a fixed point, by chi_1 = g E phi'^2: what it does to small perturbations and to gradients.
/// </summary>
public enum MeanFieldPhase
{
    /// <summary>chi_1 below 1: nearby inputs converge, gradients vanish.</summary>
    Ordered,

    /// <summary>chi_1 within 1e-10 of 1: perturbations and gradients keep their size to leading order.</summary>
    Critical,

    /// <summary>chi_1 above 1: nearby inputs separate (unless lengths grow as fast), gradients explode.</summary>
    Chaotic,
}
