using StableRank.Randomness;

namespace StableRank.Spectra;

/// <summary>
/// (s_2, ..., s_k) independent and uniform on [0, 1], given that the squares sum to r - 1: the surface measure of the sphere of radius
/// sqrt(r - 1) inside the cube, uniform in the singular values rather than in their squares (<see cref="UniformFamily"/>). A draw
/// for each matrix, exact. Admits every r in [1, k].
/// </summary>
/// <remarks>
/// In y = s^2 the law is that of independent variables of density y^(-1/2) on [0, 1] given their sum t = r - 1, and a factor e^(lambda y)
/// on each changes nothing, the sum being given. So k - 3 variables of density y^(-1/2) e^(lambda y) are drawn, lambda such that their mean
/// is about t/(k - 1), and the last two must bring the rest w = t - S: the density of their sum is, up to a constant, e^(lambda w) A(w),
/// A(w) = pi for w &lt;= 1 and 4 asin(w^(-1/2)) - pi on [1, 2], convex there and zero at 2. The draw is kept with a probability
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

        // near 1 the squares are kept as what they lack of 1, so that stable ranks next to k lose no digits
        bool lacking = sum > 0.5 * squares.Length;
        double total = lacking ? squares.Length - sum : sum;
        while (true)
        {
            double rest = total;
            for (int i = 0; i < free && rest >= 0; i++)
            {
                (double value, double lack) = square.Next(stream);
                squares[i] = lacking ? lack : value;
                rest -= squares[i];
            }

            if (free > 0 && !(rest > 0 && rest < 2 && Accepts(tilt, rest, lacking, stream)))
            {
                continue;
            }

            // with theta = pi/4 + angle/2 the two are (w/2)(1 + sin) and (w/2)(1 - sin); they lack x/2 - (w/2) sin and x/2 + (w/2) sin of 1
            double lack2 = lacking ? rest : 2 - rest;
            double reach = lack2 >= 1 ? 0.5 * Math.PI : Math.Asin(lack2 / (2 - lack2));
            double lean = 0.5 * (2 - lack2) * Math.Sin(reach * ((2 * stream.NextDouble()) - 1));
            squares[free] = Math.Clamp((0.5 * rest) + lean, 0, 1);
            squares[free + 1] = Math.Clamp((0.5 * rest) - lean, 0, 1);
            break;
        }

        for (int i = 0; lacking && i < squares.Length; i++)
        {
            squares[i] = 1 - squares[i];
        }
    }

    /// <summary>
    /// Keeps the last two's sum w = 2 - x with a probability proportional to e^(lambda w) A(w), A(2 - x) = 2 asin(x/(2 - x)) for x &lt;= 1.
    /// Divided by pi e^(2 lambda) it is at most e^(-2 lambda), e^(-lambda) or, by A(2 - x) &lt;= pi x, 1/(e lambda), as lambda is at most
    /// 0, at most 1, or more.
    /// </summary>
    private static bool Accepts(double tilt, double rest, bool lacking, RandomStream stream)
    {
        double lack = lacking ? rest : 2 - rest;
        double share = lack >= 1 ? 1 : 2 / Math.PI * Math.Asin(lack / (2 - lack));

        // tilt w - 2 tilt less the bound's logarithm; for small sums tilt w is formed from w itself
        double exponent = tilt <= 0 ? tilt * (lacking ? 2 - rest : rest)
            : tilt <= 1 ? tilt - (tilt * lack)
            : 1 + Math.Log(tilt) - (tilt * lack);
        return stream.NextDouble() < share * Math.Exp(exponent);
    }
}
