using StableRank.Randomness;

namespace StableRank.Spectra;

/// <summary>
/// (s_2, ..., s_k) independent and uniform on [0, 1], given that the squares sum to r - 1: the surface measure of the sphere of radius
/// sqrt(r - 1) inside the cube, uniform in the singular values rather than in their squares (<see cref="UniformFamily"/>). A draw
/// for each matrix, exact. Admits every r in [1, k].
/// </summary>
/// <remarks>
/// In y = s^2 the law is that of independent variables of density y^(-1/2) on [0, 1] given their sum t = r - 1, and a factor e^(lambda y)
/// on
/// each changes nothing, the sum being given. So k - 3 variables of density y^(-1/2) e^(lambda y) are drawn, lambda such that their mean is
/// about t/(k - 1), and the last two must bring the rest w = t - S: the density of their sum is, up to a constant,
/// e^(lambda w) A(w), A(w) = pi for w &lt;= 1 and 4 asin(w^(-1/2)) - pi on [1, 2], convex there and zero at 2. The draw is kept with a
/// probability
/// proportional to it; given w, the two are w sin^2 theta and w cos^2 theta with theta uniform where both are at most 1. Whatever lambda
/// is, the law is exact; lambda sets the price, about 2 sqrt(k) tries, 2 ms at k = 4096.
/// </remarks>
public sealed class UniformSingularValuesFamily : SpectralFamily
{
    internal UniformSingularValuesFamily()
    {
    }

    /// <summary>"uniform-singular-values".</summary>
    public override string Name => "uniform-singular-values";

    /// <summary>True: each matrix has a spectrum of its own.</summary>
    public override bool IsRandom => true;

    /// <inheritdoc/>
    public override StableRankRange AdmittedRange(int rows, int columns) => WholeRange(rows, columns);

    /// <inheritdoc/>
    protected override Spectrum DrawAdmitted(int rows, int columns, double stableRank, RandomStream? stream)
    {
        int others = Math.Min(rows, columns) - 1;
        double sum = stableRank - 1;
        double[] squares = new double[others];
        if (sum == others)
        {
            squares.AsSpan().Fill(1);
        }
        else if (others == 1)
        {
            squares[0] = sum;
        }
        else if (sum > 0)
        {
            Draw(squares, sum, stream!);
        }

        return RandomSquares.ToSpectrum(squares, stableRank);
    }

    /// <summary>At least two squares of that sum, which is positive and below their number.</summary>
    private static void Draw(Span<double> squares, double sum, RandomStream stream)
    {
        double tilt = TiltedSquare.TiltOfMean(sum / squares.Length);
        var square = new TiltedSquare(tilt);
        int free = squares.Length - 2;

        // max over w of lambda w + log(A(w)/pi): at 0 or 1, or, by A(2 - x) <= pi x (A is convex), at x = 1/lambda
        double bound = tilt <= 0 ? 0 : tilt <= 1 ? tilt : (2 * tilt) - 1 - Math.Log(tilt);
        while (true)
        {
            double rest = sum;
            for (int i = 0; i < free && rest >= 0; i++)
            {
                squares[i] = square.Next(stream);
                rest -= squares[i];
            }

            if (free > 0 && !(rest > 0 && rest < 2))
            {
                continue;
            }

            double widest = rest <= 1 ? 0.5 * Math.PI : Math.Asin(1 / Math.Sqrt(rest));
            double narrowest = (0.5 * Math.PI) - widest;
            double share = 2 * (widest - narrowest) / Math.PI;
            if (free > 0 && stream.NextDouble() >= share * Math.Exp((tilt * rest) - bound))
            {
                continue;
            }

            double sine = Math.Sin(narrowest + ((widest - narrowest) * stream.NextDouble()));
            double part = rest * sine * sine;
            squares[free] = Math.Min(part, 1);
            squares[free + 1] = Math.Clamp(rest - part, 0, 1);
            return;
        }
    }
}
