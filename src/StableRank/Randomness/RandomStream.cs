using System.Numerics;
using System.Runtime.InteropServices;

namespace StableRank.Randomness;

/// <summary>
/// A stream of random numbers named by (seed, layer, replicate, purpose): the same name gives the same numbers on every processor, under
/// every backend, in whatever order or number of threads streams are used, and in every release. Streams of different names are disjoint.
/// </summary>
/// <remarks>
/// <para>The generator is Philox4x64-10 (Salmon et al. 2011) with key (seed, 0) and counter (block, layer, replicate, purpose). A stream
/// holds two sequences. The words are blocks 0, 1, 2, ... and feed every draw but the Gaussians: one word each for a 64-bit number, for a
/// uniform (its first 53 bits) and for a sign (its first bit). The Gaussians come from blocks 2^63, 2^63 + 1, ..., sixteen blocks, or 64
/// words, at a time: Box and Muller's transform with radius words 0..31 and angle words 32..63, in operations that IEEE 754 defines to the
/// last bit. So the k-th Gaussian and the k-th word depend on nothing but the name and k, however draws are cut into calls.</para>
/// <para>An instance is not safe for concurrent use: give each thread its own stream, by <see cref="With"/>.</para>
/// </remarks>
public sealed class RandomStream
{
    private const ulong GaussianDomain = 1UL << 63;
    private const int Batch = GaussianTransform.BatchSize;

    private readonly ulong[] _words = new ulong[Batch];
    private int _nextWord = Batch;
    private ulong _wordBlock;

    private double[]? _gaussians;
    private int _nextGaussian = Batch;
    private ulong _gaussianBlock = GaussianDomain;

    /// <summary>Opens the stream of that name at its start.</summary>
    /// <param name="seed">The user's seed.</param>
    /// <param name="layer">The layer of a network that the numbers are for.</param>
    /// <param name="replicate">The replicate of a Monte Carlo run.</param>
    /// <param name="purpose">What the numbers are for, where one layer needs several independent streams.</param>
    public RandomStream(ulong seed, ulong layer = 0, ulong replicate = 0, ulong purpose = 0)
    {
        Seed = seed;
        Layer = layer;
        Replicate = replicate;
        Purpose = purpose;
    }

    /// <summary>The user's seed: the key of the generator.</summary>
    public ulong Seed { get; }

    /// <summary>The layer: the second word of the counter.</summary>
    public ulong Layer { get; }

    /// <summary>The replicate: the third word of the counter.</summary>
    public ulong Replicate { get; }

    /// <summary>The purpose: the fourth word of the counter.</summary>
    public ulong Purpose { get; }

    /// <summary>A fresh stream, at its start, whose name differs from this one's in the numbers given.</summary>
    public RandomStream With(ulong? layer = null, ulong? replicate = null, ulong? purpose = null) =>
        new(Seed, layer ?? Layer, replicate ?? Replicate, purpose ?? Purpose);

    /// <summary>The next word: uniform over all 64-bit numbers.</summary>
    public ulong NextUInt64()
    {
        if (_nextWord == Batch)
        {
            Philox.Fill(_words, _wordBlock, Layer, Replicate, Purpose, Seed);
            _wordBlock += Batch / Philox.WordsPerBlock;
            _nextWord = 0;
        }

        return _words[_nextWord++];
    }

    /// <summary>The next uniform number: a multiple of 2^-53 in [0, 1), from the first 53 bits of one word.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>The next standard Gaussian.</summary>
    public double NextGaussian()
    {
        if (_nextGaussian == Batch)
        {
            _gaussians ??= new double[Batch];
            NextBatch(_gaussians);
            _nextGaussian = 0;
        }

        return _gaussians![_nextGaussian++];
    }

    /// <summary>The next Gamma variable of that shape and scale 1, exactly (Marsaglia and Tsang 2000).</summary>
    /// <param name="shape">Positive and finite; half the degrees of freedom of a chi-square variable, which is twice the result.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="shape"/> is not positive and finite.</exception>
    public double NextGamma(double shape)
    {
        if (!(shape > 0 && double.IsFinite(shape)))
        {
            throw new ArgumentOutOfRangeException(nameof(shape), shape, "The shape of a Gamma variable must be positive and finite.");
        }

        if (shape < 1)
        {
            return NextGamma(shape + 1) * Math.Pow(1 - NextDouble(), 1 / shape);
        }

        double d = shape - (1.0 / 3);
        double c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = NextGaussian();
            double root = 1 + (c * x);
            double v = root * root * root;
            if (v > 0 && Math.Log(1 - NextDouble()) < (0.5 * x * x) + d - (d * v) + (d * Math.Log(v)))
            {
                return d * v;
            }
        }
    }

    /// <summary>An integer uniform over 0, ..., <paramref name="exclusiveUpper"/> - 1, without bias (Lemire 2019).</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="exclusiveUpper"/> is not positive.</exception>
    public int NextInt32(int exclusiveUpper)
    {
        if (exclusiveUpper <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(exclusiveUpper), exclusiveUpper, "The upper bound must be at least 1.");
        }

        ulong bound = (ulong)exclusiveUpper;
        ulong rejected = (0UL - bound) % bound;
        ulong high;
        ulong low;
        do
        {
            high = Math.BigMul(NextUInt64(), bound, out low);
        }
        while (low < rejected);

        return (int)high;
    }

    /// <summary>Fills the span with the next uniform numbers, as <see cref="NextDouble"/> gives them.</summary>
    public void FillUniform(Span<double> destination)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = NextDouble();
        }
    }

    /// <summary>
    /// Fills the span with the next standard Gaussians. Single precision receives the Gaussians of double precision, rounded.
    /// </summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is neither double nor float.</exception>
    public void FillGaussian<T>(Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(double))
        {
            FillGaussian(MemoryMarshal.Cast<T, double>(destination));
        }
        else if (typeof(T) == typeof(float))
        {
            FillGaussian(MemoryMarshal.Cast<T, float>(destination));
        }
        else
        {
            throw NotReal<T>();
        }
    }

    /// <summary>
    /// A stream whose Gaussians go on from here: what it draws does not move this one, so that several threads may draw the parts of one
    /// sequence. Its words are at their start.
    /// </summary>
    internal RandomStream ForkGaussians()
    {
        RandomStream fork = With();
        fork._gaussianBlock = _gaussianBlock;
        fork._nextGaussian = _nextGaussian;
        fork._gaussians = _gaussians?.ToArray();
        return fork;
    }

    /// <summary>Passes over the next Gaussians, in constant time.</summary>
    /// <param name="count">How many, 0 or more.</param>
    internal void SkipGaussians(long count)
    {
        int left = Batch - _nextGaussian;
        if (count <= left)
        {
            _nextGaussian += (int)count;
            return;
        }

        (long batches, long next) = Math.DivRem(count - left, Batch);
        _gaussianBlock += (ulong)batches * (Batch / Philox.WordsPerBlock);
        _nextGaussian = Batch;
        if (next > 0)
        {
            NextGaussian();
            _nextGaussian = (int)next;
        }
    }

    /// <summary>Fills the span with independent signs, +1 or -1 with equal probability, one word each.</summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is neither double nor float.</exception>
    public void FillSigns<T>(Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) != typeof(double) && typeof(T) != typeof(float))
        {
            throw NotReal<T>();
        }

        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = (long)NextUInt64() < 0 ? T.NegativeOne : T.One;
        }
    }

    /// <summary>Puts the elements into a uniformly random order (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int last = items.Length - 1; last > 0; last--)
        {
            int other = NextInt32(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    private void FillGaussian(Span<double> destination)
    {
        Span<double> rest = destination[TakeLeftovers(destination)..];
        for (; rest.Length >= Batch; rest = rest[Batch..])
        {
            NextBatch(rest[..Batch]);
        }

        if (rest.Length > 0)
        {
            _gaussians ??= new double[Batch];
            NextBatch(_gaussians);
            _nextGaussian = 0;
            TakeLeftovers(rest);
        }
    }

    private int TakeLeftovers(Span<double> destination)
    {
        int count = Math.Min(destination.Length, Batch - _nextGaussian);
        _gaussians.AsSpan(_gaussians is null ? 0 : _nextGaussian, count).CopyTo(destination);
        _nextGaussian += count;
        return count;
    }

    private void FillGaussian(Span<float> destination)
    {
        Span<double> batch = stackalloc double[Batch];
        for (int i = 0; i < destination.Length; i += Batch)
        {
            Span<double> part = batch[..Math.Min(Batch, destination.Length - i)];
            FillGaussian(part);
            for (int j = 0; j < part.Length; j++)
            {
                destination[i + j] = (float)part[j];
            }
        }
    }

    private void NextBatch(Span<double> gaussians)
    {
        Span<ulong> words = stackalloc ulong[Batch];
        Philox.Fill(words, _gaussianBlock, Layer, Replicate, Purpose, Seed);
        _gaussianBlock += Batch / Philox.WordsPerBlock;
        GaussianTransform.Apply(words, gaussians);
    }

    private static NotSupportedException NotReal<T>() =>
        new($"Random numbers come in double and in float (single precision), not in {typeof(T)}.");
}
