namespace StableRank.Expressivity;

/// <summary>Which image of a curve is measured in a layer.</summary>
public enum CurveSignal
{
    /// <summary>x_l = phi(h_l), behind the activation: what theory (4.5) is about.</summary>
    PostActivations,

    /// <summary>h_l = W x_(l-1) + b, before the activation: what mean-field theory is about (Poole et al. 2016).</summary>
    PreActivations,
}
