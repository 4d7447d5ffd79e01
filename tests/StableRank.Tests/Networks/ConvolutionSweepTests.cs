using System.Numerics;
using System.Runtime.CompilerServices;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Tests.Networks;

/// <summary>
/// Convolutions without patches against patches and loops, in small whole numbers: every sum is exact in either precision, so that the two
/// must be equal whatever their order.
/// </summary>
public sealed class ConvolutionSweepTests
{
    private const int Seeds = 40, Largest = 4;

    [Fact]
    public void Sweep_OfRandomShapes_EqualsPatches()
    {
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            var random = new RandomNetworks(seed);
            Check<double>(random, random.Shape(), random.Integer(1, 18), random.Integer(1, 5)).Should().BeTrue($"of seed {seed}");
            Check<float>(random, random.Shape(), random.Integer(1, 18), random.Integer(1, 5)).Should().BeTrue($"of seed {seed}");
        }
    }

    [Theory]
    [InlineData(28, 3, 1, 1, 1)]
    [InlineData(28, 3, 2, 1, 1)]
    [InlineData(33, 5, 2, 0, 1)]
    [InlineData(40, 2, 2, 1, 1)]
    [InlineData(17, 3, 2, 2, 2)]
    [InlineData(31, 4, 3, 5, 2)]
    [InlineData(9, 9, 1, 0, 1)]
    public void Sweep_OfImages_EqualsPatches(int size, int kernel, int stride, int padding, int dilation)
    {
        var axis = new ConvolutionAxis(size, kernel, stride, padding, dilation);
        var random = new RandomNetworks(7);
        Check<double>(random, new ConvolutionShape(3, axis, axis), 11, 6).Should().BeTrue();
        Check<float>(random, new ConvolutionShape(9, axis, axis), 5, 3).Should().BeTrue();
    }

    /// <summary>More taps, signals and weights than are taken at a time.</summary>
    [Fact]
    public void Sweep_OfManyChannels_EqualsPatches()
    {
        var axis = new ConvolutionAxis(28, 3, 1, 1);
        var random = new RandomNetworks(17);
        Check<double>(random, new ConvolutionShape(61, axis, axis), 67, 2).Should().BeTrue();
        var small = new ConvolutionAxis(9, 3, 2, 1);
        Check<float>(random, new ConvolutionShape(61, small, small), 67, 3).Should().BeTrue();
    }

    [Theory]
    [InlineData(64, 28, 3, true, true)]
    [InlineData(128, 7, 3, true, true)]
    [InlineData(256, 28, 3, true, true)]
    [InlineData(256, 7, 3, true, false)]
    [InlineData(512, 14, 3, true, false)]
    [InlineData(512, 14, 5, false, false)]
    public void Grid_OfManyWeightsOrFewPositions_LeavesThemToPatches(int channels, int size, int kernel, bool forward, bool backward)
    {
        var axis = new ConvolutionAxis(size, kernel, 1, kernel / 2);
        var grid = ConvolutionGrid.For(new ConvolutionShape(channels, axis, axis), channels, 8);
        grid!.IsBestForward.Should().Be(forward);
        grid.IsBestBackward.Should().Be(backward);
    }

    [Fact]
    public void Check_OfAnAlteredPixel_Fails()
    {
        var axis = new ConvolutionAxis(8, 3, 2, 1);
        Check<double>(new RandomNetworks(3), new ConvolutionShape(2, axis, axis), 4, 3, altered: true).Should().BeFalse();
    }

    [Fact]
    public void Grid_OfAKernelAsLargeAsTheImage_IsRefused()
    {
        var image = new ConvolutionAxis(28, 28);
        ConvolutionGrid.For(new ConvolutionShape(1, image, image), 4, 8).Should().BeNull();
        var small = new ConvolutionAxis(28, 3, 2, 1);
        ConvolutionGrid.For(new ConvolutionShape(1, small, small), 4, 8).Should().NotBeNull();
    }

    [Fact]
    public void Kernels_OfEitherKindOfVectors_EqualLoops()
    {
        Kernels<double>();
        Kernels<float>();
    }

    [Fact]
    public void Step_OnSeveralThreads_GivesTheSameBitsAndAllocatesNothing()
    {
        var axis = new ConvolutionAxis(28, 3, 1, 1);
        var random = new RandomNetworks(5);
        var network = new Network<double>([random.Convolution(new ConvolutionShape(1, axis, axis), 4)]);
        var inputs = random.Matrix(network.InputSize, 16);
        var gradient = random.Gaussians(network.OutputSize * 16);
        var pass = network.Forward(inputs);
        var back = new BackwardPass<double>(network, 16, inputGradient: true);
        void Step()
        {
            network.Forward(inputs, pass);
            network.Backward(pass, gradient.AsSpan(), back);
        }

        double[][] Results() =>
            [[.. pass.Post[0]], [.. back.Signal[0]], [.. back.AtInputs], .. network.Parameters.Select(p => p.Gradient.ToArray())];
        Step();
        var first = Results();
        bool AreSame() => Results().Zip(first).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
        using (Backend.SingleThreaded())
        {
            Step();
        }

        AreSame().Should().BeTrue();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++)
        {
            Step();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
        AreSame().Should().BeTrue();
    }

    private static unsafe void Kernels<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int taps = 7, groups = 3, size = 320;
        var random = new RandomNetworks(11);
        var source = Integers<T>(random, taps * size);
        var weights = Integers<T>(random, groups * taps * ConvolutionGrid.ChannelGroup);
        for (var length = 1; length < 130; length += 8)
        {
            int[] offsets = [3, 100, 7, 500, 501, size, 40, 40, 40, 40, 40, 40];
            var (channels, signalChannels) = (groups * ConvolutionGrid.ChannelGroup, groups * ConvolutionKernel.SignalGroup);
            var signals = new T[signalChannels * size];
            for (var c = 0; c < signalChannels; c++)
            {
                Integers<T>(random, length).CopyTo(signals, c * size);
            }

            fixed (T* x = source, w = weights, d = signals)
            fixed (int* o = offsets)
            {
                T[] native = new T[channels * size], portable = new T[channels * size];
                T[] nativeSums = new T[signalChannels * 12], portableSums = new T[signalChannels * 12];
                fixed (T* a = native, b = portable, e = nativeSums, f = portableSums)
                {
                    ConvolutionKernel.Multiply(x, o, taps, w, groups, a, size, length);

                    // in two steps, the second on top of the first
                    const int first = 3, weightsOfGroup = taps * ConvolutionGrid.ChannelGroup;
                    ConvolutionKernelVector.Multiply(x, o, first, w, weightsOfGroup, groups, b, size, length, false);
                    ConvolutionKernelVector.Multiply(
                        x, o + first, taps - first, w + (first * ConvolutionGrid.ChannelGroup), weightsOfGroup, groups, b, size, length,
                        true);
                    ConvolutionKernel.Correlate(d, size, groups, x, o, 2, length, e, signalChannels);
                    ConvolutionKernelVector.Correlate(d, size, groups, x, o, 2, length, f, signalChannels);
                }

                for (var c = 0; c < channels; c++)
                {
                    for (var g = 0; g < length; g++)
                    {
                        var (group, place) = Math.DivRem(c, ConvolutionGrid.ChannelGroup);
                        var sum = T.Zero;
                        for (var t = 0; t < taps; t++)
                        {
                            sum += weights[(((group * taps) + t) * ConvolutionGrid.ChannelGroup) + place] * source[offsets[t] + g];
                        }

                        native[(c * size) + g].Should().Be(sum);
                        portable[(c * size) + g].Should().Be(sum);
                    }
                }

                for (var c = 0; c < signalChannels; c++)
                {
                    for (var t = 0; t < offsets.Length; t++)
                    {
                        var sum = T.Zero;
                        for (var g = 0; g < length; g++)
                        {
                            sum += signals[(c * size) + g] * source[offsets[t] + g];
                        }

                        nativeSums[c + (t * signalChannels)].Should().Be(sum);
                        portableSums[c + (t * signalChannels)].Should().Be(sum);
                    }
                }
            }
        }
    }

    private static bool Check<T>(RandomNetworks random, ConvolutionShape shape, int channels, int batch, bool altered = false)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int taps = shape.PatchSize, positions = shape.Positions, size = shape.InputSize, outputs = channels * positions;
        var (kernel, bias) = (Integers<T>(random, channels * taps), random.Coin() ? Integers<T>(random, channels) : []);
        var (inputs, signal) = (Integers<T>(random, size * batch), Integers<T>(random, outputs * batch));
        var expected = Patches(shape, channels, kernel, bias, inputs, batch, signal);
        inputs[0] += altered ? T.One : T.Zero;

        var grid = ConvolutionGrid.Of(shape, channels, ConvolutionGrid.LineBytes / Unsafe.SizeOf<T>());
        var sweep = new ConvolutionSweep<T>(grid, channels, Activation.ReLU);
        T[] pre = new T[outputs * batch], post = new T[outputs * batch], atInputs = Integers<T>(random, size * batch);
        T[] atKernel = Integers<T>(random, kernel.Length), atBias = Integers<T>(random, bias.Length);

        // what a workspace held before must not matter
        T[] Workspace(int length) => [.. Enumerable.Repeat(T.NaN, length)];
        sweep.Forward(kernel, bias, inputs, batch, pre, post, Workspace(ConvolutionSweep<T>.ForwardWorkspace(grid, channels, batch)));
        sweep.Backward(
            kernel, inputs, batch, pre, post, signal, atInputs, atKernel, atBias,
            Workspace(ConvolutionSweep<T>.BackwardWorkspace(grid, channels, batch)));
        T[][] actual = [pre, post, signal, atInputs, atKernel, atBias];
        var equal = actual.Zip(expected).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));

        // without the gradient at the inputs the others are the same
        Array.Clear(atKernel);
        sweep.Backward(
            kernel, inputs, batch, pre, post, signal, [], atKernel, atBias,
            Workspace(ConvolutionSweep<T>.BackwardWorkspace(grid, channels, batch)));
        return equal && atKernel.AsSpan().SequenceEqual(expected[4]);
    }

    /// <summary>Z, phi(Z), Delta, dL/dX, dL/dK, dL/db from patches, by loops.</summary>
    private static T[][] Patches<T>(ConvolutionShape shape, int channels, T[] kernel, T[] bias, T[] inputs, int batch, T[] outputGradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int taps = shape.PatchSize, positions = shape.Positions, size = shape.InputSize;
        T[] pre = new T[outputGradient.Length], signal = [.. outputGradient], atInputs = new T[inputs.Length];
        T[] atKernel = new T[kernel.Length], atBias = new T[bias.Length];
        for (var s = 0; s < batch; s++)
        {
            T[] patches = new T[positions * taps], atPatches = new T[positions * taps];
            PatchMatrix.Gather<T>(shape, inputs.AsSpan(s * size, size), patches);
            for (var c = 0; c < channels; c++)
            {
                for (var p = 0; p < positions; p++)
                {
                    var at = (((s * channels) + c) * positions) + p;
                    pre[at] = bias.Length > 0 ? bias[c] : T.Zero;
                    for (var t = 0; t < taps; t++)
                    {
                        pre[at] += kernel[c + (t * channels)] * patches[p + (t * positions)];
                    }

                    signal[at] *= pre[at] > T.Zero ? T.One : T.Zero;
                    atBias.AsSpan(Math.Min(c, atBias.Length)..Math.Min(c + 1, atBias.Length)).Fill(
                        atBias.ElementAtOrDefault(c) + signal[at]);
                    for (var t = 0; t < taps; t++)
                    {
                        atKernel[c + (t * channels)] += signal[at] * patches[p + (t * positions)];
                        atPatches[p + (t * positions)] += signal[at] * kernel[c + (t * channels)];
                    }
                }
            }

            PatchMatrix.Scatter<T>(shape, atPatches, atInputs.AsSpan(s * size, size));
        }

        return [pre, [.. pre.Select(z => T.Max(z, T.Zero))], signal, atInputs, atKernel, atBias];
    }

    private static T[] Integers<T>(RandomNetworks random, int count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        [.. Enumerable.Range(0, count).Select(_ => T.CreateChecked(random.Integer(-Largest, Largest)))];
}
