using System.Numerics;

namespace StableRank.Propagation;

/// <summary>A law of two values or more that occurs as <paramref name="count"/> factors of the product, but for their scale.</summary>
internal sealed class JacobianFactor(DiscreteLaw law, int count)
{
    // a multiple of the vector's length; what is added has weight 0
    private readonly double[] _values = Padded(law.Values);
    private readonly double[] _weights = Padded(law.Weights);

    /// <summary>The law.</summary>
    public DiscreteLaw Law => law;

    /// <summary>How many factors have it.</summary>
    public int Count { get; set; } = count;

    /// <summary>
    /// Psi(w) = sum c w t/(1 - w t) at w = e^u, Psi(w) + sum c = sum c/(1 - w t) without cancellation, and dPsi/du = sum c w t/(1 - w t)^2.
    /// </summary>
    public (Complex Value, Complex Above, Complex Rate) Psi(Complex u)
    {
        var w = Complex.Exp(u);
        var (re, im) = (new Vector<double>(w.Real), new Vector<double>(w.Imaginary));
        var (valueRe, valueIm, restRe, restIm) = (Vector<double>.Zero, Vector<double>.Zero, Vector<double>.Zero, Vector<double>.Zero);
        var (rateRe, rateIm) = (Vector<double>.Zero, Vector<double>.Zero);
        for (var i = 0; i < _values.Length; i += Vector<double>.Count)
        {
            var t = new Vector<double>(_values, i);
            var c = new Vector<double>(_weights, i);
            var (a, b) = (re * t, im * t);
            var d = Vector<double>.One - a;
            var inverse = Vector<double>.One / (d * d + b * b);

            // p = 1/(1 - w t), q = w t p
            var (pRe, pIm) = (d * inverse, b * inverse);
            var (qRe, qIm) = (a * pRe - b * pIm, a * pIm + b * pRe);
            valueRe += c * qRe;
            valueIm += c * qIm;
            restRe += c * pRe;
            restIm += c * pIm;
            rateRe += c * (qRe * pRe - qIm * pIm);
            rateIm += c * (qRe * pIm + qIm * pRe);
        }

        return (Sum(valueRe, valueIm), Sum(restRe, restIm), Sum(rateRe, rateIm));

        static Complex Sum(Vector<double> re, Vector<double> im) => new(Vector.Sum(re), Vector.Sum(im));
    }

    /// <summary>sum c arg(1 - w t), w = e^u in the closed lower half-plane: each in [0, pi].</summary>
    public double ArgumentSum(Complex u)
    {
        var w = Complex.Exp(u);
        var sum = 0.0;
        for (var i = 0; i < law.Values.Length; i++)
        {
            sum += law.Weights[i] * Math.Atan2(Math.Abs(w.Imaginary) * law.Values[i], 1 - w.Real * law.Values[i]);
        }

        return sum;
    }

    private static double[] Padded(double[] values)
    {
        var lanes = Vector<double>.Count;
        var result = new double[(values.Length + lanes - 1) / lanes * lanes];
        values.CopyTo(result, 0);
        return result;
    }
}
