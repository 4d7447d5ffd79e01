using StableRank.Randomness;

namespace StableRank.Spectra;

/// <summary>Draws y = s^2 in [0, 1] of density proportional to y^(-1/2) e^(lambda y), that is s in [0, 1] of density e^(lambda s^2).
/// Exact.</summary>
internal readonly struct TiltedSquare
{
    private const double Flat = 1e-8;       // below this |lambda| the tilt is left out of the proposal and kept in the acceptance
    private const int Nodes = 200;

    private readonly double _tilt;
    private readonly double _scale;

    public TiltedSquare(double tilt)
    {
        _tilt = tilt;
        _scale = tilt < 0 ? 1 / Math.Sqrt(-2 * tilt) : Math.Exp(-tilt);
    }

    /// <summary>A lambda whose mean of y is near <paramref name="mean"/>, in (0, 1): as near as speed asks for; exactness does not need
    /// it.</summary>
    public static double TiltOfMean(double mean)
    {
        const double Edge = 0.02;
        if (mean < Edge)
        {
            return -0.5 / mean;             // a Gaussian of variance -1/(2 lambda), far from 1
        }

        if (mean > 1 - Edge)
        {
            return 1 / (1 - mean);          // 1 - y exponential of rate lambda, far from 0
        }

        double low = -1 / Edge;
        double high = 2 / Edge;
        for (int step = 0; step < 40; step++)
        {
            double middle = 0.5 * (low + high);
            (low, high) = Mean(middle) < mean ? (middle, high) : (low, middle);
        }

        return 0.5 * (low + high);
    }

    /// <summary>One draw of y, and of 1 - y to full relative accuracy.</summary>
    public (double Value, double Lack) Next(RandomStream stream)
    {
        while (true)
        {
            double s;
            double below;       // 1 - s
            double logAccept;
            if (_tilt < -1)
            {
                s = Math.Abs(stream.NextGaussian()) * _scale;
                below = 1 - s;
                logAccept = s <= 1 ? 0 : double.NegativeInfinity;
            }
            else if (_tilt < Flat)
            {
                s = stream.NextDouble();
                below = 1 - s;
                logAccept = _tilt * s * s - Math.Max(_tilt, 0);
            }
            else
            {
                // s of density e^(lambda s), an upper bound since s^2 <= s
                double u = stream.NextDouble();
                below = Math.Min(1, -Math.Log(u + ((1 - u) * _scale)) / _tilt);
                s = 1 - below;
                logAccept = -_tilt * s * below;
            }

            if (logAccept == 0 || stream.NextDouble() < Math.Exp(logAccept))
            {
                return (s * s, below * (1 + s));
            }
        }
    }

    /// <summary>The mean of y by the midpoint rule in s.</summary>
    private static double Mean(double tilt)
    {
        double mass = 0;
        double moment = 0;
        double largest = Math.Max(tilt, 0);
        for (int i = 0; i < Nodes; i++)
        {
            double s = (i + 0.5) / Nodes;
            double weight = Math.Exp((tilt * s * s) - largest);
            mass += weight;
            moment += weight * s * s;
        }

        return moment / mass;
    }
}
