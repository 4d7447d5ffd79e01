using System.Numerics;
using System.Runtime.InteropServices;

namespace StableRank.Training;

/// <summary>
/// The numbers that one step of Adam or AdamW shares over all elements, made in double and rounded to T once, and its pass over memory.
/// </summary>
internal readonly struct AdamKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T _beta1;
    private readonly T _rest1;
    private readonly T _beta2;
    private readonly T _rest2;
    private readonly T _epsilon;
    private readonly T _coupledDecay;
    private readonly T _shrink;
    private readonly T _stepSize;
    private readonly T _rootScale;

    /// <param name="hyper">beta1, beta2 and epsilon.</param>
    /// <param name="step">The number of this step, the first being 1.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="coupledDecay">Adam's weight decay, added to the gradient.</param>
    /// <param name="decoupledDecay">AdamW's, by which the values shrink.</param>
    public AdamKernel(
        (double Beta1, double Beta2, double Epsilon) hyper, long step, double rate, double coupledDecay, double decoupledDecay)
    {
        _beta1 = T.CreateChecked(hyper.Beta1);
        _rest1 = T.CreateChecked(1 - hyper.Beta1);
        _beta2 = T.CreateChecked(hyper.Beta2);
        _rest2 = T.CreateChecked(1 - hyper.Beta2);
        _epsilon = T.CreateChecked(hyper.Epsilon);
        _coupledDecay = T.CreateChecked(coupledDecay);
        _shrink = T.CreateChecked(1 - (rate * decoupledDecay));
        _stepSize = T.CreateChecked(rate / (1 - Math.Pow(hyper.Beta1, step)));
        _rootScale = T.CreateChecked(1 / Math.Sqrt(1 - Math.Pow(hyper.Beta2, step)));
    }

    /// <summary>
    /// w = shrink w; d = g + decay w; m = beta1 m + (1 - beta1) d; v = beta2 v + (1 - beta2) d^2;
    /// w = w - stepSize m / (sqrt(v) rootScale + epsilon). Returns whether g was finite.
    /// </summary>
    public bool Update(Span<T> values, ReadOnlySpan<T> gradient, Span<T> first, Span<T> second)
    {
        ref var w = ref MemoryMarshal.GetReference(values);
        ref var g = ref MemoryMarshal.GetReference(gradient);
        ref var m = ref MemoryMarshal.GetReference(first);
        ref var v = ref MemoryMarshal.GetReference(second);
        var (beta1, rest1) = (new Vector<T>(_beta1), new Vector<T>(_rest1));
        var (beta2, rest2) = (new Vector<T>(_beta2), new Vector<T>(_rest2));
        var (epsilon, rootScale) = (new Vector<T>(_epsilon), new Vector<T>(_rootScale));
        var (decay, shrink, stepSize) = (new Vector<T>(_coupledDecay), new Vector<T>(_shrink), new Vector<T>(_stepSize));
        var zeros = Vector<T>.Zero;
        var i = 0;
        for (; i <= values.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            var value = Vector.LoadUnsafe(ref w, (nuint)i) * shrink;
            var slope = Vector.LoadUnsafe(ref g, (nuint)i);
            zeros += slope * Vector<T>.Zero;
            slope += decay * value;
            var mean = (beta1 * Vector.LoadUnsafe(ref m, (nuint)i)) + (rest1 * slope);
            var square = (beta2 * Vector.LoadUnsafe(ref v, (nuint)i)) + (rest2 * (slope * slope));
            mean.StoreUnsafe(ref m, (nuint)i);
            square.StoreUnsafe(ref v, (nuint)i);
            (value - (stepSize * mean / ((Vector.SquareRoot(square) * rootScale) + epsilon))).StoreUnsafe(ref w, (nuint)i);
        }

        var zero = Vector.Sum(zeros);
        for (; i < values.Length; i++)
        {
            zero += gradient[i] * T.Zero;
            var value = values[i] * _shrink;
            var slope = gradient[i] + (_coupledDecay * value);
            first[i] = (_beta1 * first[i]) + (_rest1 * slope);
            second[i] = (_beta2 * second[i]) + (_rest2 * (slope * slope));
            values[i] = value - (_stepSize * first[i] / ((T.Sqrt(second[i]) * _rootScale) + _epsilon));
        }

        return zero == T.Zero;
    }
}
