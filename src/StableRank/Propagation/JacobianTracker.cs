using System.Numerics;

namespace StableRank.Propagation;

/// <summary>
/// Follows the solution of <see cref="JacobianEquation"/> from far out on the negative axis, where it is known, along that axis to -x and
/// from there over the upper half-plane on the circle |z| = x to x + i0. The solution is analytic all the way, so that the one that
/// belongs to the law is never left for another; only the end, at an edge of the law, may be singular.
/// </summary>
internal sealed class JacobianTracker
{
    private const double FarInLogs = 7;             // z = -1100 times the bound
    private const double LadderStep = 1;
    private const double FirstTurn = Math.PI / 8;
    private const double GreatestFirstStep = 0.5;   // of Newton, relative: the next step is of its square
    private const int GreatestIterations = 12;
    private const int FewIterations = 5;
    private const double Converged = 1e-14;
    private const double Stagnant = 1e-9;           // below it a step that is not half the one before is rounding
    private const double Noise = 1e-4;              // near an atom, a pole of M, rounding is magnified: no step there is smaller than that
    private const double Slack = 1e-7;
    private const double LeastTurn = 1e-13;

    private readonly JacobianEquation _equation;
    private readonly Lock _gate = new();
    private readonly List<JacobianState> _ladder = [];

    public JacobianTracker(JacobianEquation equation)
    {
        _equation = equation;
        var first = equation.Far(equation.LogBound + FarInLogs);
        var trial = first.Copy();
        if (!Polish(trial, out _))
        {
            throw new ArithmeticException("The S-transforms cannot be inverted far out on the negative axis.");
        }

        _ladder.Add(trial);
    }

    /// <summary>The solution at x + i0.</summary>
    /// <returns>The state, Newton's iterations in all, and whether the last one converged.</returns>
    public (JacobianState State, int Iterations, bool Converged) At(double logX)
    {
        var state = Negative(logX, out var iterations);
        var trial = state.Copy();
        var turn = FirstTurn;
        while (state.Angle > 0)
        {
            trial.Set(state);
            trial.Angle = state.Angle - turn < 1e-3 * turn ? 0 : state.Angle - turn;
            if (Polish(trial, out var taken))
            {
                state.Set(trial);
                turn *= taken <= FewIterations ? 2 : 1;
            }
            else
            {
                turn = Math.Min(turn, state.Angle) / 2;
                if (turn < LeastTurn)
                {
                    return (state, iterations + taken, false);
                }
            }

            iterations += taken;
        }

        return (state, iterations, true);
    }

    /// <summary>The solution at -x, from the nearest rung of a ladder that grows downwards as it is needed.</summary>
    private JacobianState Negative(double logX, out int iterations)
    {
        iterations = 0;
        JacobianState start;
        lock (_gate)
        {
            while (_ladder[^1].LogX - LadderStep > logX)
            {
                _ladder.Add(Along(_ladder[^1], _ladder[^1].LogX - LadderStep, ref iterations));
            }

            var rung = Math.Clamp((int)Math.Round((_ladder[0].LogX - logX) / LadderStep), 0, _ladder.Count - 1);
            start = _ladder[rung];
        }

        return Along(start, logX, ref iterations);
    }

    private JacobianState Along(JacobianState from, double logX, ref int iterations)
    {
        var state = from.Copy();
        var trial = from.Copy();
        var step = LadderStep;
        while (state.LogX != logX)
        {
            trial.Set(state);
            var left = logX - state.LogX;
            trial.LogX = Math.Abs(left) <= step ? logX : state.LogX + Math.CopySign(step, left);
            if (Polish(trial, out var taken))
            {
                state.Set(trial);
                step *= taken <= FewIterations ? 2 : 1;
            }
            else if ((step /= 2) < LeastTurn)
            {
                throw new ArithmeticException($"The S-transforms cannot be inverted at z = -exp({logX}).");
            }

            iterations += taken;
        }

        return state;
    }

    /// <summary>Newton's method from a state near the solution; false where it goes elsewhere.</summary>
    private bool Polish(JacobianState state, out int iterations)
    {
        var before = GreatestFirstStep;
        for (iterations = 1; iterations <= GreatestIterations; iterations++)
        {
            var size = _equation.Step(state);
            if (!(size <= (iterations == 1 ? GreatestFirstStep : before)))
            {
                // rounding has no direction: no reason to go back
                state.LastStep = size;
                return size < Noise && IsInside(state);
            }

            // at an edge, a double root, steps are halved: that is no standstill
            if (size < Converged || (size < Stagnant && size > before / 2) || (size < Noise && size > 0.9 * before))
            {
                state.LastStep = size;
                return IsInside(state);
            }

            before = size;
        }

        return false;
    }

    /// <summary>Whether the state is where subordination functions are; what rounding moved out of the half-plane is moved back.</summary>
    private bool IsInside(JacobianState state)
    {
        if (state.M.Imaginary > Slack * Complex.Abs(state.M) || (state.Angle == Math.PI && !(state.M.Real < 0 && state.Rest.Real > 0)))
        {
            return false;
        }

        var onAxis = state.Angle == Math.PI;
        var imaginary = onAxis ? -0.0 : Math.Min(-0.0, state.M.Imaginary);
        (state.M, state.Rest) = (new Complex(state.M.Real, imaginary), new Complex(state.Rest.Real, imaginary));
        for (var f = 0; f < state.Logs.Length; f++)
        {
            var angle = state.Logs[f].Imaginary;
            if (angle > -state.Angle + Slack || angle < -Math.PI - Slack)
            {
                return false;
            }

            state.Logs[f] = new Complex(state.Logs[f].Real, onAxis ? -Math.PI : Math.Clamp(angle, -Math.PI, -state.Angle));
        }

        return true;
    }
}
