using System.Numerics;
using StableRank.Spectra;

namespace StableRank.Expressivity;

/// <summary>
/// The pieces into which a curve is cut, with length, turn and the estimated error of both in every layer. All grow by the triangle
/// inequality when a piece is halved; what a halving adds is taken for what is still missing.
/// </summary>
internal sealed class CurvePieces<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>A piece is halved where its error exceeds this part of an even share of what is allowed.</summary>
    private const double EvenShare = 0.5;

    /// <summary>Beyond this turn a chord says little: such a piece is far from resolved anyway, and is halved.</summary>
    private const double GreatestTurn = 2.5;

    private readonly CurveLevel<T>[] _levels;
    private readonly CurveOptions _options;
    private readonly List<double> _parameters;
    private readonly double _narrowest;
    private readonly List<(int Left, int Right)> _ends = [];
    private readonly List<double> _values = [];

    /// <summary>Cuts a curve at its first points.</summary>
    /// <param name="levels">The layers.</param>
    /// <param name="pieces">One less than the first points.</param>
    /// <param name="options">What is tolerated.</param>
    /// <param name="parameters">Of all points, those to come included.</param>
    /// <param name="narrowest">Pieces this narrow are left alone: kinks that fall together in one are one corner.</param>
    public CurvePieces(CurveLevel<T>[] levels, int pieces, CurveOptions options, List<double> parameters, double narrowest)
    {
        (_levels, _options, _parameters, _narrowest) = (levels, options, parameters, narrowest);
        for (var piece = 0; piece < pieces; piece++)
        {
            _ends.Add((piece, piece + 1));
            for (var k = 0; k < Width; k++)
            {
                _values.Add(0);
            }

            Measure(piece);
        }
    }

    /// <summary>How many there are.</summary>
    public int Count => _ends.Count;

    /// <summary>Length, its error, turn and its error of each layer.</summary>
    private int Width => 4 * _levels.Length;

    /// <summary>Sums over all pieces.</summary>
    public (double Length, double LengthError, double Turn, double TurnError) Totals(int level) =>
        (Sum(4 * level), Sum(4 * level + 1), Sum(4 * level + 2), Sum(4 * level + 3));

    /// <summary>The parameter in the middle of a piece.</summary>
    public double Middle(int piece) => _parameters[_ends[piece].Left] + Span(piece) / 2;

    /// <summary>The pieces to halve, the worst where there are too many; none where tolerances are met or nothing can be done.</summary>
    /// <param name="most">How many may be halved.</param>
    /// <param name="converged">Whether all tolerances are met.</param>
    public List<int> Choose(int most, out bool converged)
    {
        var severities = new double[Count];
        converged = true;
        for (var l = 0; l < _levels.Length; l++)
        {
            var (length, lengthError, turn, turnError) = Totals(l);
            converged &= Flag(severities, 4 * l + 1, lengthError, _options.LengthTolerance * length);
            if (_options.CurvatureTolerance is { } tolerance)
            {
                converged &= Flag(severities, 4 * l + 3, turnError, tolerance * Math.Max(1, turn));
            }
        }

        if (converged)
        {
            return [];
        }

        var chosen = Enumerable.Range(0, Count)
            .Where(piece => severities[piece] > 0 && !IsPoint(piece))
            .ToList();
        return chosen.Count <= most ? chosen : [.. chosen.OrderByDescending(piece => severities[piece]).ThenBy(piece => piece).Take(most)];
    }

    /// <summary>Halves pieces at points that were added for them, in the same order.</summary>
    public void Halve(IReadOnlyList<int> chosen, int firstPoint)
    {
        var before = new double[Width];
        for (var k = 0; k < chosen.Count; k++)
        {
            var (piece, middle) = (chosen[k], firstPoint + k);
            for (var i = 0; i < Width; i++)
            {
                before[i] = _values[piece * Width + i];
            }

            var (left, right) = _ends[piece];
            _ends[piece] = (left, middle);
            _ends.Add((middle, right));
            for (var i = 0; i < Width; i++)
            {
                _values.Add(0);
            }

            Measure(piece);
            Measure(Count - 1);
            Share(piece, Count - 1, before);
        }
    }

    /// <summary>Marks the pieces that stand out where a sum of errors is too great; returns whether it is not.</summary>
    private bool Flag(double[] severities, int index, double error, double allowed)
    {
        if (error <= allowed)
        {
            return true;
        }

        var even = EvenShare * allowed / Count;
        for (var piece = 0; piece < Count; piece++)
        {
            var own = _values[piece * Width + index];
            if (own > even)
            {
                severities[piece] = Math.Max(severities[piece], allowed > 0 ? own / allowed : double.MaxValue);
            }
        }

        return false;
    }

    /// <summary>Length and turn of a piece.</summary>
    private void Measure(int piece)
    {
        var (left, right) = _ends[piece];
        for (var l = 0; l < _levels.Length; l++)
        {
            var at = piece * Width + 4 * l;
            _values[at] = _levels[l].Chord(left, right);
            _values[at + 2] = _levels[l].Turn(left, right);
        }
    }

    /// <summary>What a halving added is what is still missing, shared by the halves; where a piece has kinks, what they may hide.</summary>
    private void Share(int first, int second, double[] before)
    {
        Span<int> changes = [0, 0];
        for (var l = 0; l < _levels.Length; l++)
        {
            // before its activation a layer has the kinks of those below only
            var kinks = _options.Signal == CurveSignal.PreActivations ? l - 1 : l;
            var (a, b) = (first * Width + 4 * l, second * Width + 4 * l);
            var added = Math.Max(0, _values[a] + _values[b] - before[4 * l]) / 2;
            var turned = Math.Max(0, _values[a + 2] + _values[b + 2] - before[4 * l + 2]) / 2;
            for (var half = 0; half < 2; half++)
            {
                var (piece, at) = half == 0 ? (first, a) : (second, b);
                if (kinks >= 0 && _levels[kinks].IsKinked)
                {
                    changes[half] += _levels[kinks].SignChanges(_ends[piece].Left, _ends[piece].Right);
                }

                var hidden = IsPoint(piece) ? 0 : HiddenTurn(changes[half], _values[at + 2]);
                _values[at + 1] = Math.Max(added, changes[half] == 0 ? 0 : HiddenLength(_values[at], _values[at + 2] + hidden));
                _values[at + 3] = Math.Max(turned, hidden);
            }
        }
    }

    /// <summary>
    /// j equal turns at right angles to each other look like one of root j times their size; twice that, since there are neurons that
    /// change sign and change back unseen.
    /// </summary>
    private static double HiddenTurn(int changes, double turn) => changes < 2 ? 0 : 2 * (Math.Sqrt(changes) - 1) * turn;

    /// <summary>A way that turns by k &lt; pi in all is at most 1/cos(k/2) times as long as its chord (Schur's theorem).</summary>
    private static double HiddenLength(double chord, double turn) => chord * (1 / Math.Cos(Math.Min(turn, GreatestTurn) / 2) - 1);

    private double Span(int piece) => _parameters[_ends[piece].Right] - _parameters[_ends[piece].Left];

    private bool IsPoint(int piece) => Span(piece) <= _narrowest;

    private double Sum(int index)
    {
        var sum = default(CompensatedSum);
        for (var at = index; at < _values.Count; at += Width)
        {
            sum.Add(_values[at]);
        }

        return sum.Value;
    }
}
