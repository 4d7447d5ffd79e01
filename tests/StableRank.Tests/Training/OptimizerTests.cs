using System.Numerics;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Randomness;
using StableRank.Training;

namespace StableRank.Tests.Training;

public sealed class OptimizerTests
{
    /// <summary>
    /// The agreement with PyTorch asked for in double; both round each of 60 steps about 10 times, 1e-13 at values of size 1.
    /// </summary>
    private const double DoubleTolerance = 1e-10;

    /// <summary>The same in single: 60 steps of 10 roundings of 2^-24 each, at values up to 4.</summary>
    private const double SingleTolerance = 60 * 10 * 4.0 / (1 << 24);

    private static readonly string[] Kinds =
    [
        "gradient_descent", "sgd_decay", "momentum", "momentum_decay", "nesterov", "nesterov_decay", "adam", "adam_decay", "adamw",
        "adamw_decay",
    ];

    public static TheoryData<string> AllKinds => [.. Kinds];

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void Step_OfEveryOptimizer_FollowsPyTorchInDouble(string kind) =>
        TorchTrajectories.Deviation(Make<double>(kind), kind).Should().BeLessThan(DoubleTolerance);

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void Step_OfEveryOptimizer_FollowsPyTorchInSingle(string kind) =>
        TorchTrajectories.Deviation(Make<float>(kind), kind).Should().BeLessThan(SingleTolerance);

    [Fact]
    public void Deviation_OfAnyOtherOptimizer_IsSeen()
    {
        // the checker of the tests above tells every pair apart
        foreach (var kind in Kinds)
        {
            foreach (var other in Kinds.Where(other => other != kind))
            {
                TorchTrajectories.Deviation(Make<double>(other), kind).Should().BeGreaterThan(1e-3, $"{other} is not {kind}");
            }
        }
    }

    [Theory]
    [InlineData("momentum_decay")]
    [InlineData("gradient_descent")]
    [InlineData("adamw_decay")]
    public void Step_OfALargeParameterOrItsPieces_IsTheSameToTheLastBit(string kind)
    {
        // large enough for several threads; pieces of odd lengths end within a vector
        Pieces<double>(kind);
        Pieces<float>(kind);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Step_OfAGradientThatIsNotFinite_SaysSo(double wrong)
    {
        foreach (var kind in Kinds)
        {
            foreach (var place in new[] { 0, 5, 100_001, 100_002 })
            {
                var parameter = TorchTrajectories.ParameterOf("0.weight", new double[100_003]);
                var optimizer = Make<double>(kind);
                optimizer.Step([parameter], 0.1).Should().BeTrue();
                parameter.Gradient[place] = wrong;
                optimizer.Step([parameter], 0.1).Should().BeFalse($"entry {place} under {kind}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void Restore_IntoAFreshOptimizer_ContinuesToTheSameBits(string kind)
    {
        var straight = TorchTrajectories.ParameterOf("w", Noise<double>(50, 1));
        var broken = TorchTrajectories.ParameterOf("w", Noise<double>(50, 1));
        Optimizer<double> one = Make<double>(kind), first = Make<double>(kind), second = Make<double>(kind);
        for (var step = 0; step < 10; step++)
        {
            if (step == 5)
            {
                second.Restore([broken], first.StepCount, first.State.ToDictionary(array => array.Name, array => array.Values));
            }

            Noise<double>(50, step + 2).CopyTo(straight.Gradient, 0);
            straight.Gradient.CopyTo(broken.Gradient, 0);
            one.Step([straight], 0.01);
            (step < 5 ? first : second).Step([broken], 0.01);
        }

        broken.Values.Should().Equal(straight.Values);
    }

    [Fact]
    public void Restore_OfStateThatDoesNotFit_NamesTheArray()
    {
        var parameter = TorchTrajectories.ParameterOf("0.weight", new double[4]);
        var missing = () => new Adam<double>().Restore(
            [parameter], 1, new Dictionary<string, double[]> { ["0.weight.exp_avg"] = new double[4] });
        missing.Should().Throw<ArgumentException>().WithMessage("*0.weight.exp_avg_sq*");
        var shorter = () => new Sgd<double>().Restore(
            [parameter], 1, new Dictionary<string, double[]> { ["0.weight.momentum_buffer"] = new double[3] });
        shorter.Should().Throw<ArgumentException>().WithMessage("*'0.weight.momentum_buffer' has 3*expected 4*");
    }

    [Fact]
    public void Step_OfOtherParametersThanBefore_Throws()
    {
        var optimizer = new Adam<double>();
        optimizer.Step([TorchTrajectories.ParameterOf("a", new double[3])], 0.1);
        var other = () => optimizer.Step([TorchTrajectories.ParameterOf("b", new double[3])], 0.1);
        other.Should().Throw<ArgumentException>().WithMessage("*'b'*'a'*");
    }

    [Fact]
    public void Constructors_OutsideTheirRange_NameTheValue()
    {
        ((Action)(() => _ = new Sgd<double>(1.0))).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => _ = new Sgd<double>(double.NaN))).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => _ = new Sgd<double>(0, nesterov: true))).Should().Throw<ArgumentException>();
        ((Action)(() => _ = new Sgd<double>(weightDecay: -1))).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => _ = new Adam<double>(epsilon: 0))).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => _ = new AdamW<float>(beta2: 1))).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => _ = new Adam<Half>())).Should().Throw<NotSupportedException>();
        var step = () => new GradientDescent<double>().Step([], double.PositiveInfinity);
        step.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Run_OfASweepManyTimes_TouchesEveryElementOnce()
    {
        // lengths change from run to run, so that a helper that comes late meets other work than it was called for
        var counts = new int[300_000];
        var sweep = new ElementwiseSweep(
            (start, length) =>
            {
                for (var i = start; i < start + length; i++)
                {
                    counts[i]++;
                }
            },
            threads: 4);
        for (var run = 0; run < 400; run++)
        {
            Array.Clear(counts);
            var length = run % 3 == 0 ? counts.Length : ElementwiseSweep.SerialLength + 1 + (run * 13);
            sweep.Run(length);
            counts.AsSpan(0, length).IndexOfAnyExcept(1).Should().Be(-1);
            counts.AsSpan(length).IndexOfAnyExcept(0).Should().Be(-1);
        }
    }

    [Fact]
    public void Run_OfASweepThatFails_ThrowsInTheCaller()
    {
        var sweep = new ElementwiseSweep((start, _) => throw new ArithmeticException($"at {start}"), threads: 3);
        var run = () => sweep.Run(ElementwiseSweep.SerialLength * 4);
        run.Should().Throw<InvalidOperationException>().WithInnerException<ArithmeticException>();
    }

    public static Optimizer<T> Make<T>(string kind)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => kind switch
        {
            "gradient_descent" => new GradientDescent<T>(),
            "sgd_decay" => new Sgd<T>(0, weightDecay: 0.02),
            "momentum" => new Sgd<T>(0.9),
            "momentum_decay" => new Sgd<T>(0.8, weightDecay: 0.02),
            "nesterov" => new Sgd<T>(0.9, nesterov: true),
            "nesterov_decay" => new Sgd<T>(0.8, nesterov: true, weightDecay: 0.02),
            "adam" => new Adam<T>(),
            "adam_decay" => new Adam<T>(0.8, 0.95, 1e-6, 0.02),
            "adamw" => new AdamW<T>(),
            "adamw_decay" => new AdamW<T>(0.8, 0.95, 1e-6, 0.1),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown"),
        };

    private static void Pieces<T>(string kind)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int[] lengths = [70_001, 1, 3, 65_537, 100_003, 7];
        var start = Noise<T>(lengths.Sum(), 1);
        var whole = TorchTrajectories.ParameterOf("whole", start.ToArray());
        var pieces = new List<Parameter<T>>();
        foreach (var length in lengths)
        {
            var offset = pieces.Sum(piece => piece.Values.Length);
            pieces.Add(TorchTrajectories.ParameterOf($"piece {pieces.Count}", start.AsSpan(offset, length).ToArray()));
        }

        var (ofWhole, ofPieces) = (Make<T>(kind), Make<T>(kind));
        for (var step = 0; step < 3; step++)
        {
            Noise<T>(start.Length, step + 2).CopyTo(whole.Gradient, 0);
            var offset = 0;
            foreach (var piece in pieces)
            {
                whole.Gradient.AsSpan(offset, piece.Values.Length).CopyTo(piece.Gradient);
                offset += piece.Values.Length;
            }

            ofWhole.Step([whole], 0.01);
            ofPieces.Step(pieces, 0.01);
        }

        pieces.SelectMany(piece => piece.Values).Should().Equal(whole.Values);
    }

    private static T[] Noise<T>(int count, int seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var values = new T[count];
        new RandomStream((ulong)seed).FillGaussian<T>(values);
        return values;
    }
}
