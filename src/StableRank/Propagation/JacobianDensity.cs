using System.Numerics;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Spectra;

namespace StableRank.Propagation;

/// <summary>
/// The law of the squared singular values of the input-output Jacobian J = D_L W_L ... D_1 W_1 in the limit of great widths: theory
/// (4.8) to its end, for the layers' own spectra, rectangles included. Density, distribution function, edges and atoms on the axis
/// itself, without smoothing.
/// </summary>
/// <remarks>
/// <para>Free multiplicative convolution (Voiculescu 1987; for Jacobians Pennington, Schoenholz and Ganguli 2017, arXiv 1711.04735): the
/// equations are in <see cref="JacobianEquation"/>, their solution in <see cref="JacobianTracker"/>. The distribution function comes from
/// the solution at x alone, not from an integral over the density. A probability is a share of the min(n_0, n_L) squared singular values.
/// </para>
/// <para>The limit takes each discrete spectrum as a law: where one singular value of a layer stands apart from the others, as in a spike
/// spectrum, the values of J that come from it form a narrow band of weight about one value, whose place is right to relative
/// 1/sqrt(width) but whose shape is not that of the one random value there. Distances between distribution functions shrink with the
/// width all the same.</para>
/// <para>Of a smooth phi the law of phi'^2 is a quadrature of some 10^2 nodes. One such factor alone (an orthogonal layer of tanh) is these
/// nodes, as atoms; with a second factor of any spread they are smoothed away.</para>
/// <para>Immutable; may be used by several threads.</para>
/// </remarks>
public sealed partial class JacobianDensity
{
    private readonly JacobianEquation _equation;
    private readonly JacobianTracker _tracker;
    private readonly Lazy<IReadOnlyList<JacobianBand>> _bands;

    private JacobianDensity(IReadOnlyList<JacobianLayerLaw> layers)
    {
        _equation = new JacobianEquation(layers);
        _tracker = new JacobianTracker(_equation);
        Atoms = JacobianAtoms.Of(layers, _equation.Count);
        AtomAtZero = Math.Max(0, 1 - _equation.Rank / _equation.Count);
        _bands = new(FindBands);
    }

    /// <summary>min(n_0, n_L), the number of singular values.</summary>
    public int Count => _equation.Count;

    /// <summary>The share of singular values that are 0: 1 - (the least rank of a factor) / <see cref="Count"/>.</summary>
    public double AtomAtZero { get; }

    /// <summary>
    /// The positive points of positive probability, greatest first: products of values one of each factor, whose multiplicities exceed the
    /// widths between them in sum (Belinschi 2003). None, but for few layers of few different values.
    /// </summary>
    public IReadOnlyList<JacobianAtom> Atoms { get; }

    /// <summary>
    /// The support above 0: intervals in which the density is positive, greatest first. Gaps narrower than a fiftieth of their place may be
    /// overlooked. Computed when first asked for, at some 10^3 points.
    /// </summary>
    public IReadOnlyList<JacobianBand> Bands => _bands.Value;

    /// <summary>The greatest squared singular value: the upper edge, or an atom above it.</summary>
    public double UpperEdge => Math.Max(Bands.Count == 0 ? 0 : Bands[0].Upper, Atoms.Count == 0 ? 0 : Atoms[0].X);

    /// <summary>The least squared singular value above <see cref="AtomAtZero"/>; 0 where the density reaches down to 0.</summary>
    public double LowerEdge => Math.Min(
        Bands.Count == 0 ? double.PositiveInfinity : Bands[^1].Lower, Atoms.Count == 0 ? double.PositiveInfinity : Atoms[^1].X);

    /// <summary>
    /// The mean of the squared singular values, zeros included; for n_0 at least n_L the m_1 of <see cref="JacobianMoments"/>.
    /// </summary>
    public double Mean => Math.Exp(_equation.LogTrace) / Count;

    /// <summary>Their variance over the squared mean: Count / (participation rank of J) - 1.</summary>
    public double RelativeVariance => Count * _equation.InverseParticipationRank - 1;

    /// <summary>
    /// Where the greatest squared singular value of a Jacobian of this width is to be expected: the quantile of 1 - 1/(2 Count), below
    /// which all but half a value lie. It tends to <see cref="UpperEdge"/>, and of a narrow band about one outlying value it is the middle.
    /// </summary>
    public double TypicalGreatest => Quantile(1 - 0.5 / Count);

    /// <summary>The prediction for the stable rank of J: Count times <see cref="Mean"/> over <see cref="TypicalGreatest"/>.</summary>
    public double StableRank => Count * Mean / TypicalGreatest;

    /// <summary>The limit of the participation rank of J, theory (1.2).</summary>
    public double ParticipationRank => 1 / _equation.InverseParticipationRank;

    /// <summary>The law for a model, phi' being taken at the mean-field lengths.</summary>
    /// <param name="model">The model; any activation, with or without biases, layers of any shape.</param>
    /// <param name="meanSquare">||x||^2 / n_0 of the input at which the Jacobian is taken, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">The mean square is not positive and finite.</exception>
    /// <exception cref="ArithmeticException">A length exceeds the range of double, or phi' vanishes.</exception>
    public static JacobianDensity Of(Model model, double meanSquare)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.RequireDense();
        if (!double.IsFinite(meanSquare) || meanSquare <= 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(meanSquare), meanSquare, $"The mean square is {meanSquare}; expected a positive finite number.");
        }

        var layers = new JacobianLayerLaw[model.Depth];
        var (below, length) = (Activation.Linear, meanSquare);
        for (var l = 0; l < layers.Length; l++)
        {
            // as MeanField does, which needs the other moments too: those of a random spectrum cost seconds
            var layer = model.Layers[l];
            length = new MeanFieldMap(below, layer.Weights.Gain, layer.BiasVariance).Length(length);
            if (!double.IsFinite(length))
            {
                throw new ArithmeticException($"The length leaves the range of double in layer {l + 1}.");
            }

            layers[l] = JacobianLayerLaw.Of(layer.Weights, layer.Activation, length);
            below = layer.Activation;
        }

        return Of(layers);
    }

    /// <summary>The law for the layers given, first layer first.</summary>
    /// <exception cref="ArgumentException">There is no layer, or one does not fit the one below.</exception>
    /// <exception cref="ArithmeticException">The equations could not be solved, which they say where.</exception>
    public static JacobianDensity Of(IReadOnlyList<JacobianLayerLaw> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        if (layers.Count == 0)
        {
            throw new ArgumentException("A Jacobian needs at least one layer.", nameof(layers));
        }

        for (var l = 1; l < layers.Count; l++)
        {
            if (layers[l].Columns != layers[l - 1].Rows)
            {
                throw new ArgumentException(
                    $"Layer {l + 1} takes {layers[l].Columns} numbers but layer {l} gives {layers[l - 1].Rows}; expected the same number.",
                    nameof(layers));
            }
        }

        return new JacobianDensity(layers);
    }

    /// <summary>The density at x, atoms left out: infinite where it is 0 and the density unbounded, 0 outside the bands.</summary>
    /// <param name="x">A squared singular value.</param>
    /// <exception cref="ArgumentOutOfRangeException">x is NaN.</exception>
    public double Density(double x) => At(x).Density;

    /// <summary>The share of squared singular values up to x, zeros included.</summary>
    /// <param name="x">Any number.</param>
    /// <exception cref="ArgumentOutOfRangeException">x is NaN.</exception>
    public double CumulativeProbability(double x) => At(x).CumulativeProbability;

    /// <summary>Density and distribution function at x with their diagnostics.</summary>
    /// <param name="x">Any number.</param>
    /// <exception cref="ArgumentOutOfRangeException">x is NaN.</exception>
    public JacobianPoint At(double x)
    {
        if (double.IsNaN(x))
        {
            throw new ArgumentOutOfRangeException(nameof(x), x, "A squared singular value is a number, but x is NaN.");
        }

        if (!(x > 0))
        {
            return new JacobianPoint(x, x == 0 && LowerEdge == 0 ? double.PositiveInfinity : 0, x < 0 ? 0 : AtomAtZero, 0, 0, true);
        }

        if (Math.Log(x) > _equation.LogBound + 1e-12)
        {
            return new JacobianPoint(x, 0, 1, 0, 0, true);
        }

        // an atom is a pole: the distribution function jumps there
        foreach (var atom in Atoms)
        {
            if (Math.Abs(x - atom.X) <= 4e-15 * atom.X)
            {
                var above = Solve(Math.Log(x) + BesideAtom);
                return new JacobianPoint(x, 0, above.Probability, above.Residual, above.Iterations, above.Converged);
            }
        }

        var point = Solve(Math.Log(x));
        return new JacobianPoint(x, point.DensityInLog / x, point.Probability, point.Residual, point.Iterations, point.Converged);
    }

    /// <summary>The squared singular value up to which a share <paramref name="probability"/> of them lies.</summary>
    /// <param name="probability">In [0, 1]; up to <see cref="AtomAtZero"/> it gives 0, 1 gives the upper edge.</param>
    /// <exception cref="ArgumentOutOfRangeException">The probability is NaN or outside [0, 1].</exception>
    public double Quantile(double probability)
    {
        if (!(probability is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(probability), probability, $"A probability is in [0, 1], but {probability} was given.");
        }

        if (probability <= AtomAtZero)
        {
            return 0;
        }

        if (probability == 1)
        {
            return UpperEdge;
        }

        foreach (var atom in Atoms)
        {
            var below = Solve(Math.Log(atom.X) - BesideAtom).Probability;
            if (probability > below - 1e-12 && probability <= below + atom.Probability + 1e-12)
            {
                return atom.X;
            }
        }

        // in log x downwards until the probability is below
        var high = _equation.LogBound + 1e-9;
        var low = high - 1;
        while (Solve(low).Probability > probability)
        {
            (high, low) = (low, low - 2 * (high - low));
            if (low < LeastLog)
            {
                return 0;
            }
        }

        return Math.Exp(BracketedRoot.Solve(log => Solve(log).Probability - probability, low, high));
    }

    /// <summary>The law at e^(log x); the density is that of log x.</summary>
    private SolvedPoint Solve(double logX)
    {
        if (logX > _equation.LogBound + 1e-12)
        {
            return new SolvedPoint(0, 1, 0, 0, true);
        }

        var (state, iterations, converged) = _tracker.At(logX);
        var imaginary = Math.Abs(state.M.Imaginary);
        // what is nothing but rounding is no density
        if (imaginary <= Math.Max(Imaginary, 8 * state.LastStep) * Math.Min(Complex.Abs(state.M), Complex.Abs(state.Rest)))
        {
            imaginary = 0;
        }

        return new SolvedPoint(
            imaginary / (Math.PI * Count), 1 - _equation.CountAbove(state) / Count, _equation.Residual(state), iterations, converged);
    }

    /// <summary>|Im M| below this part of |M| and of |M + rank| is rounding, or the distance from the axis near an edge.</summary>
    private const double Imaginary = 1e-9;

    /// <summary>How far from an atom, in log x, the law is taken for what it is beside it.</summary>
    private const double BesideAtom = 1e-7;

    private readonly record struct SolvedPoint(
        double DensityInLog, double Probability, double Residual, int Iterations, bool Converged)
    {
        public bool IsInside => DensityInLog > 0;
    }
}
