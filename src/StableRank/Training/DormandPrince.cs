using System.Numerics.Tensors;

namespace StableRank.Training;

/// <summary>
/// The pair of Runge-Kutta methods of orders 5 and 4 of Dormand and Prince (1980), with steps chosen by the distance between them.
/// MathNet's methods have fixed steps.
/// </summary>
internal sealed class DormandPrince
{
    private const int Stages = 7;
    private const double Safety = 0.9, LeastFactor = 0.2, GreatestFactor = 5;

    private static readonly double[][] A =
    [
        [],
        [1.0 / 5],
        [3.0 / 40, 9.0 / 40],
        [44.0 / 45, -56.0 / 15, 32.0 / 9],
        [19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729],
        [9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656],
        [35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84],
    ];

    /// <summary>The weights of order 5 less those of order 4.</summary>
    private static readonly double[] Difference =
        [71.0 / 57600, 0, -71.0 / 16695, 71.0 / 1920, -17253.0 / 339200, 22.0 / 525, -1.0 / 40];

    private readonly double[][] _slopes;
    private readonly double[] _trial, _error;
    private readonly Action<double[], double[]> _slope;

    /// <param name="length">The length of the state.</param>
    /// <param name="slope">Writes dy/dt of the first into the second; time does not enter.</param>
    public DormandPrince(int length, Action<double[], double[]> slope)
    {
        _slope = slope;
        _slopes = [.. Enumerable.Range(0, Stages).Select(_ => new double[length])];
        _trial = new double[length];
        _error = new double[length];
    }

    /// <summary>Steps taken.</summary>
    public int Steps { get; private set; }

    /// <summary>Steps tried and not taken.</summary>
    public int Rejected { get; private set; }

    /// <summary>Brings y from time 0 to t.</summary>
    /// <param name="y">The state, overwritten.</param>
    /// <param name="time">t, at least 0.</param>
    /// <param name="tolerance">Of one step's error, in the root mean square, relative to max(1, |y|).</param>
    /// <param name="greatestSteps">Where more are needed, an error.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="InvalidOperationException">More steps are needed, or the state left the range of double.</exception>
    public void Integrate(double[] y, double time, double tolerance, int greatestSteps, CancellationToken cancellationToken)
    {
        if (time == 0)
        {
            return;
        }

        _slope(y, _slopes[0]);
        var now = 0.0;
        var step = FirstStep(y, time, tolerance);
        while (now < time)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Steps + Rejected >= greatestSteps)
            {
                throw new InvalidOperationException(
                    $"{greatestSteps} steps reached time {now} of {time}; expected fewer: take a shorter time or a greater tolerance.");
            }

            step = Math.Min(step, time - now);
            var error = Try(y, step) / tolerance;
            if (double.IsNaN(error))
            {
                throw new InvalidOperationException($"The state left the range of double at time {now}.");
            }

            if (error <= 1)
            {
                now = step >= time - now ? time : now + step;
                _trial.CopyTo(y, 0);

                // the last stage is the first of the next step
                (_slopes[0], _slopes[^1]) = (_slopes[^1], _slopes[0]);
                Steps++;
            }
            else
            {
                Rejected++;
            }

            step *= Math.Clamp(Safety * Math.Pow(Math.Max(error, 1e-10), -0.2), LeastFactor, GreatestFactor);
        }
    }

    private double FirstStep(double[] y, double time, double tolerance)
    {
        var slope = TensorPrimitives.Norm<double>(_slopes[0]);
        return slope == 0 ? time : Math.Min(time, Math.Pow(tolerance, 0.2) * Math.Max(1, TensorPrimitives.Norm<double>(y)) / slope / 10);
    }

    /// <summary>A step into the trial state; returns its error.</summary>
    private double Try(double[] y, double step)
    {
        for (var stage = 1; stage < Stages; stage++)
        {
            y.CopyTo(_trial, 0);
            for (var before = 0; before < stage; before++)
            {
                if (A[stage][before] != 0)
                {
                    TensorPrimitives.MultiplyAdd(_slopes[before], step * A[stage][before], _trial, _trial);
                }
            }

            // the last stage is at the new state itself, which the weights of order 5 make
            _slope(_trial, _slopes[stage]);
        }

        Array.Clear(_error);
        for (var stage = 0; stage < Stages; stage++)
        {
            TensorPrimitives.MultiplyAdd(_slopes[stage], step * Difference[stage], _error, _error);
        }

        var sum = 0.0;
        for (var i = 0; i < y.Length; i++)
        {
            var scaled = _error[i] / Math.Max(1, Math.Max(Math.Abs(y[i]), Math.Abs(_trial[i])));
            sum += scaled * scaled;
        }

        return Math.Sqrt(sum / y.Length);
    }
}
