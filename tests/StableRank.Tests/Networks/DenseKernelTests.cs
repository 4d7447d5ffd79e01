using System.Numerics;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Randomness;

namespace StableRank.Tests.Networks;

/// <summary>
/// The fused passes of a dense layer against the same in separate steps, entry by entry, and at the edges of the numbers.
/// </summary>
public sealed class DenseKernelTests
{
    public static TheoryData<string, int, int> Cases()
    {
        var cases = new TheoryData<string, int, int>();
        foreach (var name in new[] { "relu", "leaky-relu:0.1", "leaky-relu:-1", "linear", "tanh", "gelu" })
        {
            foreach (var (rows, batch) in new[] { (1, 1), (1, 7), (3, 5), (16, 4), (37, 9), (128, 3) })
            {
                cases.Add(name, rows, batch);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void FusedPasses_OfAnyShape_AreTheSeparateSteps(string name, int rows, int batch)
    {
        Compare<double>(Activation.Parse(name), rows, batch);
        Compare<float>(Activation.Parse(name), rows, batch);
    }

    [Theory]
    [InlineData("relu", 0)]
    [InlineData("leaky-relu:0.1", double.NegativeInfinity)]
    public void Infinities_OfEitherSign_GoWhereTheLimitsGo(string name, double below)
    {
        var activation = Activation.Parse(name);
        foreach (var length in new[] { 1, 2, 3, 16, 19 })
        {
            double[] z = new double[length], a = new double[length];
            foreach (var (input, expected) in new[]
            {
                (double.PositiveInfinity, double.PositiveInfinity), (double.NegativeInfinity, below), (0, 0), (double.NaN, double.NaN),
            })
            {
                Array.Fill(z, input);
                activation.Apply<double>(z, a);
                a.Should().OnlyContain(x => x.Equals(expected));
                DenseKernel.AddBiasAndActivate<double>(new double[length], activation, length, z, a);
                a.Should().OnlyContain(x => x.Equals(expected));
            }
        }
    }

    private static void Compare<T>(Activation activation, int rows, int batch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var stream = new RandomStream((ulong)(rows + batch));
        T[] z = Draw<T>(stream, rows * batch), bias = Draw<T>(stream, rows), g = Draw<T>(stream, rows * batch);
        T[] pre = [.. z], post = new T[z.Length], signal = [.. g], sums = Draw<T>(stream, rows);
        DenseKernel.AddBiasAndActivate<T>(bias, activation, rows, pre, post);
        DenseKernel.BackpropagateAndSum<T>(activation, rows, pre, post, signal, sums);
        T[] one = [T.Zero], slope = [T.Zero], sum = new T[rows];
        for (var i = 0; i < z.Length; i++)
        {
            var value = z[i] + bias[i % rows];
            pre[i].Should().Be(value);
            one[0] = value;
            activation.Derivative<T>(one, slope);
            activation.Apply<T>(one, one);
            Close(post[i], one[0]);
            Close(signal[i], g[i] * slope[0]);
            sum[i % rows] += signal[i];
        }

        sums.Should().Equal(sum);
    }

    /// <summary>
    /// Vector functions and scalar ones differ by a few units in the last place; phi' may come from phi, which costs some more.
    /// </summary>
    private static void Close<T>(T actual, T expected)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var epsilon = typeof(T) == typeof(double) ? MachineEpsilon.Double : MachineEpsilon.Single;
        var bound = 16 * epsilon * Math.Max(1, Math.Abs(double.CreateChecked(expected)));
        double.CreateChecked(T.Abs(actual - expected)).Should().BeLessThanOrEqualTo(bound);
    }

    private static T[] Draw<T>(RandomStream stream, int count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var numbers = new double[count];
        stream.FillGaussian(numbers);
        return Array.ConvertAll(numbers, T.CreateChecked);
    }
}
