using System.Numerics;

namespace StableRank.Propagation;

/// <summary>
/// The equation for the law of J J^T, J = D_L W_L ... D_1 W_1 with factors in free position, by multiplication of S-transforms.
/// </summary>
/// <remarks>
/// <para>With unnormalised traces: Psi_A(w) = tr w A (1 - w A)^-1 is the same for A A^T and A^T A and does not see zeros, chi_A is its
/// inverse. The S-transform at size N is (M + N)/M chi(M), M = N psi, so that two factors that meet at size N multiply as
/// chi_AB(M) = chi_A(M) chi_B(M) (M + N)/M, rectangles included. Of the whole chain
/// <code>
/// log chi_J(M) = sum_f e_f log chi_f(M) + a log M + sum_N b_N log(1 + M/N) + const,
/// </code>
/// where the sum over f keeps those laws alone that have two values or more: one value t of weight c has
/// log chi = log M - log(c t) - log(1 + M/c), and independent Gaussian entries of variance v have
/// log chi = log M - log(v m n) - log(1 + M/m) - log(1 + M/n). The counts obey sum e_f + a = 1.</para>
/// <para>The unknowns are M and u_f = log chi_f(M), and log chi_J(M) = -log z. Every w_f = e^(u_f) is a subordination function: for z in
/// the upper half-plane it lies in the lower one, arg w_f in (-pi, arg 1/z] (Belinschi and Bercovici 2007).</para>
/// </remarks>
internal sealed class JacobianEquation
{
    private readonly List<JacobianFactor> _factors = [];
    private readonly Dictionary<double, int> _shifts = [];
    private int _power;
    private double _constant;

    public JacobianEquation(IReadOnlyList<JacobianLayerLaw> layers)
    {
        Count = Math.Min(layers[0].Columns, layers[^1].Rows);
        Rank = double.PositiveInfinity;
        var inverse = 0.0;
        for (var l = 0; l < layers.Count; l++)
        {
            var layer = layers[l];
            if (layer.Weights is { } weights)
            {
                Add(weights);
            }
            else
            {
                Shift(layer.Rows, -1);
                Shift(layer.Columns, -1);
                _power++;
                _constant -= Math.Log(layer.Variance);
                LogTrace += Math.Log(layer.Variance) + Math.Log(layer.Rows) + Math.Log(layer.Columns);
                LogBound += Math.Log(layer.Variance) + 2 * Math.Log(Math.Sqrt(layer.Rows) + Math.Sqrt(layer.Columns));
                Rank = Math.Min(Rank, Math.Min(layer.Rows, layer.Columns));
            }

            Add(layer.Slopes);
            IsSmooth |= layer.IsSmooth;
            inverse += layer.InverseParticipationRank + layer.Slopes.InverseParticipationRank;
            var junctions = l < layers.Count - 1 ? 2 : 1;
            Shift(layer.Rows, junctions);
            _power -= junctions;
            LogTrace -= junctions * Math.Log(layer.Rows);
            inverse -= junctions / (double)layer.Rows;
        }

        foreach (var (size, count) in _shifts)
        {
            // log(M + N) = log N + log(1 + M/N)
            _constant += count * Math.Log(size);
        }

        InverseParticipationRank = inverse;
    }

    /// <summary>min(n_0, n_L).</summary>
    public int Count { get; }

    /// <summary>The weight of the squared singular values above 0: the least rank of a factor.</summary>
    public double Rank { get; private set; }

    /// <summary>The log of tr J J^T.</summary>
    public double LogTrace { get; private set; }

    /// <summary>tr (J J^T)^2 / (tr J J^T)^2.</summary>
    public double InverseParticipationRank { get; }

    /// <summary>The log of a number that no squared singular value exceeds: the product of the factors' greatest.</summary>
    public double LogBound { get; private set; }

    /// <summary>Whether a law of slopes is a quadrature's nodes.</summary>
    public bool IsSmooth { get; }

    /// <summary>The laws that have two values or more.</summary>
    public IReadOnlyList<JacobianFactor> Factors => _factors;

    /// <summary>The solution for z far out on the negative axis, to first order in 1/z.</summary>
    public JacobianState Far(double logX)
    {
        var m = -Math.Exp(LogTrace - logX);
        var state = new JacobianState(_factors.Count)
        {
            LogX = logX, Angle = Math.PI, M = new Complex(m, -0.0), Rest = new Complex(Rank + m, -0.0),
        };
        for (var f = 0; f < _factors.Count; f++)
        {
            state.Logs[f] = new Complex(LogTrace - logX - Math.Log(_factors[f].Law.Trace), -Math.PI);
        }

        return state;
    }

    /// <summary>
    /// Newton's step from a state for its z: the states becomes better by it. Returns the step's size, relative to M and w_f.
    /// </summary>
    public double Step(JacobianState state)
    {
        Span<Complex> residuals = _factors.Count <= 64 ? stackalloc Complex[_factors.Count] : new Complex[_factors.Count];
        Span<Complex> rates = _factors.Count <= 64 ? stackalloc Complex[_factors.Count] : new Complex[_factors.Count];
        var (value, rate) = Algebraic(state);
        value += new Complex(_constant + state.LogX, state.Angle);
        for (var f = 0; f < _factors.Count; f++)
        {
            (residuals[f], rates[f]) = Mismatch(state, f);
            value += _factors[f].Count * (state.Logs[f] + residuals[f] / rates[f]);
            rate += _factors[f].Count / rates[f];
        }

        var move = -value / rate;
        var size = Complex.Abs(move) / Math.Min(Complex.Abs(state.M), Complex.Abs(state.Rest));
        state.M += move;
        state.Rest += move;
        for (var f = 0; f < _factors.Count; f++)
        {
            var change = (move + residuals[f]) / rates[f];
            size = Math.Max(size, Complex.Abs(change));
            state.Logs[f] += change;
        }

        return size;
    }

    /// <summary>|log chi_J(M) + log z|, with the greatest |Psi_f(w_f) - M| / |M|.</summary>
    public double Residual(JacobianState state)
    {
        var value = Algebraic(state).Value + new Complex(_constant + state.LogX, state.Angle);
        var worst = 0.0;
        for (var f = 0; f < _factors.Count; f++)
        {
            value += _factors[f].Count * state.Logs[f];
            worst = Math.Max(worst, Complex.Abs(Mismatch(state, f).Residual) / Complex.Abs(state.M));
        }

        return Math.Max(worst, Complex.Abs(value));
    }

    /// <summary>
    /// How many squared singular values of J exceed x, the state being the solution at x + i0. Since d/dw sum log(1 - w t) = -Psi/w,
    /// <code>
    /// sum log(1 - t/z) = -int_0^M m dlog chi_J = sum_f e_f sum_i c_i log(1 - w_f t_i) - a M + sum_N b_N (N log(1 + M/N) - M),
    /// </code>
    /// and its imaginary part is pi for every t above x: no integral over the density.
    /// </summary>
    public double CountAbove(JacobianState state)
    {
        var depth = Math.Abs(state.M.Imaginary);
        var sum = _power * depth;
        foreach (var (size, count) in _shifts)
        {
            sum += count * (depth - size * Math.Atan2(depth, Shifted(state, size).Real));
        }

        for (var f = 0; f < _factors.Count; f++)
        {
            sum += _factors[f].Count * _factors[f].ArgumentSum(state.Logs[f]);
        }

        return Math.Clamp(sum / Math.PI, 0, Rank);
    }

    /// <summary>M - Psi_f(w_f) and the derivative of Psi_f by u_f.</summary>
    private (Complex Residual, Complex Rate) Mismatch(JacobianState state, int f)
    {
        var (psi, rest, rate) = _factors[f].Psi(state.Logs[f]);
        var fromBelow = _factors[f].Law.Rank == Rank && Complex.Abs(state.Rest) < Complex.Abs(state.M);
        return (fromBelow ? state.Rest - rest : state.M - psi, rate);
    }

    /// <summary>M + N.</summary>
    private Complex Shifted(JacobianState state, double size) =>
        Complex.Abs(state.Rest) < Complex.Abs(state.M) ? state.Rest + (size - Rank) : state.M + size;

    /// <summary>a log M + sum b_N log(1 + M/N) with its derivative, arguments in [-pi, 0].</summary>
    private (Complex Value, Complex Rate) Algebraic(JacobianState state)
    {
        var value = _power * Log(state.M);
        var rate = _power / state.M;
        foreach (var (size, count) in _shifts)
        {
            var shifted = Shifted(state, size);
            value += count * (Log(shifted) - Math.Log(size));
            rate += count / shifted;
        }

        return (value, rate);
    }

    private static Complex Log(Complex m) =>
        new(Math.Log(Complex.Abs(m)), Math.Atan2(-Math.Abs(m.Imaginary), m.Real));

    private void Add(DiscreteLaw law)
    {
        LogTrace += law.LogScale + Math.Log(law.Trace);
        LogBound += law.LogScale;
        Rank = Math.Min(Rank, law.Rank);
        _constant -= law.LogScale;
        if (law.Values.Length == 1)
        {
            _power++;
            Shift(law.Rank, -1);
        }
        else if (_factors.Find(factor => factor.Law.HasShapeOf(law)) is { } same)
        {
            same.Count++;
        }
        else
        {
            _factors.Add(new JacobianFactor(law, 1));
        }
    }

    private void Shift(double size, int count)
    {
        _shifts[size] = _shifts.GetValueOrDefault(size) + count;
        if (_shifts[size] == 0)
        {
            _shifts.Remove(size);
        }
    }
}
