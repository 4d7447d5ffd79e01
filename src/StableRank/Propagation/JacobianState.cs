using System.Numerics;

namespace StableRank.Propagation;

/// <summary>A solution of <see cref="JacobianEquation"/> at z = x e^(i theta), or a guess at one.</summary>
internal sealed class JacobianState(int factors)
{
    /// <summary>log x.</summary>
    public double LogX { get; set; }

    /// <summary>theta, in [0, pi].</summary>
    public double Angle { get; set; }

    /// <summary>M = sum t/(z - t) over the squared singular values t of J, in the closed lower half-plane.</summary>
    public Complex M { get; set; }

    /// <summary>
    /// M + (the rank of J), kept apart: near the bottom of the law M is next to minus the rank, and digits would be lost.
    /// </summary>
    public Complex Rest { get; set; }

    /// <summary>The last step of Newton's method, relative: what M is uncertain by.</summary>
    public double LastStep { get; set; }

    /// <summary>u_f = log w_f, Psi_f(w_f) = M, with imaginary parts in [-pi, -theta].</summary>
    public Complex[] Logs { get; } = new Complex[factors];

    /// <summary>Copies another state.</summary>
    public void Set(JacobianState other)
    {
        (LogX, Angle, M, Rest, LastStep) = (other.LogX, other.Angle, other.M, other.Rest, other.LastStep);
        other.Logs.CopyTo(Logs, 0);
    }

    /// <summary>A copy.</summary>
    public JacobianState Copy()
    {
        var copy = new JacobianState(Logs.Length);
        copy.Set(this);
        return copy;
    }
}
