using StableRank.Data;
using StableRank.Ensembles;
using StableRank.Experiments.Figures;
using StableRank.Experiments.Learning;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Networks;

namespace StableRank.Experiments.Studies;

/// <summary>The ranks of kernels' gradients against stride, kernel and image size: section 3.3 of arXiv 2402.06751.</summary>
internal sealed class ConvStride(ConvStride.Scope? scope = null) : Experiment
{
    private const string Linear = "linear", Relu = "ReLU";
    private const int KernelWeight = 0;

    private static readonly Scope QuickScope = new(
        Channels: 64, Samples: 400,
        new Sweep(Kernel: 6, Strides: [1, 2, 3], KernelStride: 2, Kernels: [1, 2, 3, 4, 5, 6, 7, 8], SizeStride: 1, Sizes: [6, 7, 8]),
        new Sweep(
            Kernel: 7, Strides: [1, 3, 6, 8, 10, 11, 16, 21, 22, 26], KernelStride: 14, Kernels: [2, 4, 5, 6, 7, 8, 10, 12, 14, 15],
            SizeStride: 7, Sizes: [8, 10, 13, 14, 17, 20, 21, 24, 28]),
        FashionMnist: true,
        new RankProtocol(Folds: 2, Seeds: 1, BatchSize: 64, Epochs: 2, Interval: 5));

    private static readonly Scope FullScope = QuickScope with
    {
        Samples = 1600, Protocol = new RankProtocol(Folds: 5, Seeds: 4, BatchSize: 64, Epochs: 5, Interval: 25),
    };

    public override string Name => "conv-stride";

    public override string Title => "Stride, kernel and image size bound the gradients of convolutions";

    public override string Source => "P2, Low-Rank Learning by Design (arXiv 2402.06751), convolutions and its eq. 12; theory (6.4).";

    public override string Claim =>
        "The gradient of a kernel has a rank of at most the number of its positions times what the rest of a linear network lets through: "
        + "longer strides and smaller images lower it, while kernels cap it at their entries.";

    public override string Protocol =>
        "A convolution of 64 channels without padding or biases, linear or ReLU, and a linear dense layer on ten classes, cross-entropy, "
        + "on real images: the shipped digits (8 x 8) and, where it is on the machine, Fashion-MNIST (28 x 28), whose central squares are "
        + "taken for smaller images. Adam of rate 0.001, double precision, batches of 64. Quick: 2 of 5 folds, one seed, 400 images; full: "
        + "5 folds x 4 seeds, 1600 images, 5 epochs.";

    public override ExperimentResult Run(ExperimentContext context)
    {
        var settings = scope ?? context.Choose(QuickScope, FullScope);
        return Judge(Measure(settings, context));
    }

    /// <summary>All networks; the group is "data, what is varied, activation".</summary>
    internal static IReadOnlyList<RankCourse> Measure(Scope settings, ExperimentContext context)
    {
        var cases = Cases(Digits.Load(), settings.Digits, settings, context.Seed).ToList();
        if (settings.FashionMnist && FashionMnist.TryLoad(DataPart.Train, out var clothes, settings.Samples))
        {
            cases.AddRange(Cases(clothes with { Name = RankSources.FashionName }, settings.Fashion, settings, context.Seed));
        }

        return settings.Protocol.Run(cases, context);
    }

    /// <summary>What the courses say, with nothing trained anew.</summary>
    internal static ExperimentResult Judge(IReadOnlyList<RankCourse> courses)
    {
        IReadOnlyList<RankCourse> Of(string group) => [.. courses.Where(course => course.Case.Group == group)];
        var names = courses.Select(course => course.Case.Data.Name).Distinct().ToList();
        var sweeps = new (string What, string Axis)[]
        {
            (Sweep.Stride, "stride (pixels)"), (Sweep.KernelSide, "kernel side (pixels)"), (Sweep.Size, "image side (pixels)"),
        };
        var strides = courses.Where(course => course.Case.Group.Contains(", " + Sweep.Stride, StringComparison.Ordinal)).ToList();
        return new ExperimentResult(
            [
                .. names.Select((data, i) => new Figure(
                    i == 0 ? "digits" : "fashion", $"Rank of the kernel's gradient, {data}", RankPanels.HowToRead,
                    [.. sweeps.Select(sweep => RankPanels.Against(
                        "Against " + sweep.What, new Axis(sweep.Axis, TickStep: i == 0 ? 1 : null),
                        new RankCurve(Linear, KernelWeight, Of($"{data}, {sweep.What}, {Linear}")),
                        new RankCurve(Relu, KernelWeight, Of($"{data}, {sweep.What}, {Relu}"))))]) { Columns = 3, Width = 1200 }),
            ],
            [
                RankFindings.Table(
                    "Ranks and losses against stride", "stride", ["kernel", "dense layer"], strides),
                RankFindings.Causes("stride", ["kernel"], strides),
            ],
            [
                .. sweeps.Select(sweep => Verdict.OnParts(
                    $"In linear networks no kernel's gradient exceeds its bound, whatever the {sweep.What}.",
                    [.. names.Select(data => RankFindings.WithinBounds(data, Of($"{data}, {sweep.What}, {Linear}")))])),
                Verdict.OnParts(
                    "In linear networks the longest stride lowers the rank, and so does the smallest image.",
                    [
                        .. names.Select(data => Lowers(Of($"{data}, {Sweep.Stride}, {Linear}"), $"{data}, stride", longest: true)),
                        .. names.Select(data => Lowers(Of($"{data}, {Sweep.Size}, {Linear}"), $"{data}, size", longest: false)),
                    ]),
                Verdict.OnParts(
                    "In ReLU networks they lower it as well (theory (6.4) does not say so).",
                    [
                        .. names.Select(data => Lowers(Of($"{data}, {Sweep.Stride}, {Relu}"), $"{data}, stride", longest: true)),
                        .. names.Select(data => Lowers(Of($"{data}, {Sweep.Size}, {Relu}"), $"{data}, size", longest: false)),
                    ]),
                Verdict.OnParts(
                    "Nor does any gradient of a ReLU network exceed its bound.",
                    [.. names.Select(data => RankFindings.WithinBounds(
                        data, sweeps.SelectMany(sweep => Of($"{data}, {sweep.What}, {Relu}"))))]),
            ],
            [
                RankFindings.OtherRule(courses),
                .. names.Count > 1 ? Array.Empty<string>() : ["Fashion-MNIST is not on this machine: the digits alone were used."],
            ]);
    }

    private static (bool Holds, string Evidence) Lowers(IReadOnlyList<RankCourse> courses, string what, bool longest)
    {
        var settings = courses.Select(course => course.Case.Setting).Distinct().Order().ToList();
        RankSummary At(double setting) => RankSummary.Of(courses.Where(course => course.Case.Setting == setting), KernelWeight);
        var (last, first) = longest ? (settings[^1], settings[0]) : (settings[0], settings[^1]);
        return (At(last).Greatest < At(first).Least, $"{what}: rank {At(first)} at {first}, {At(last)} at {last}");
    }

    private static IEnumerable<RankCase> Cases(LabelledData images, Sweep sweep, Scope settings, ulong seed)
    {
        var side = sweep.Sizes.Max();
        var squares = sweep.Sizes.ToDictionary(size => size, size => RankSources.Squares(images, size, settings.Samples, seed));
        foreach (var (name, activation) in new[] { (Linear, Activation.Linear), (Relu, Activation.ReLU) })
        {
            RankCase Case(string what, int setting, int size, int kernel, int stride) => new(
                $"{images.Name}, {what}, {name}", setting, Network(settings.Channels, size, kernel, stride, activation), squares[size],
                Loss.SoftmaxCrossEntropy);
            foreach (var stride in sweep.Strides)
            {
                yield return Case(Sweep.Stride, stride, side, sweep.Kernel, stride);
            }

            foreach (var kernel in sweep.Kernels)
            {
                yield return Case(Sweep.KernelSide, kernel, side, kernel, sweep.KernelStride);
            }

            foreach (var size in sweep.Sizes)
            {
                yield return Case(Sweep.Size, size, size, sweep.Kernel, sweep.SizeStride);
            }
        }
    }

    private static Model Network(int channels, int size, int kernel, int stride, Activation activation)
    {
        var axis = new ConvolutionAxis(size, kernel, stride);
        var shape = new ConvolutionShape(1, axis, axis);
        return new Model(
        [
            new ConvolutionSpecification(shape, Ensemble.LeCun(channels, shape.PatchSize), activation),
            new DenseSpecification(Ensemble.LeCun(LearningTask.Classes, channels * shape.Positions), Activation.Linear),
        ]);
    }

    /// <summary>What is varied on one data set.</summary>
    /// <param name="Kernel">The kernel's side where stride or size vary.</param>
    /// <param name="Strides">Strides, at the greatest size.</param>
    /// <param name="KernelStride">The stride where the kernel varies.</param>
    /// <param name="Kernels">Sides of kernels, at the greatest size.</param>
    /// <param name="SizeStride">The stride where the size varies.</param>
    /// <param name="Sizes">Sides of images.</param>
    internal sealed record Sweep(
        int Kernel, IReadOnlyList<int> Strides, int KernelStride, IReadOnlyList<int> Kernels, int SizeStride, IReadOnlyList<int> Sizes)
    {
        /// <summary>Names of what is varied.</summary>
        public const string Stride = "stride", KernelSide = "kernel", Size = "image size";
    }

    /// <summary>How much is trained.</summary>
    /// <param name="Channels">Of the convolution.</param>
    /// <param name="Samples">Images of each data set.</param>
    /// <param name="Digits">What is varied on the digits.</param>
    /// <param name="Fashion">What is varied on Fashion-MNIST.</param>
    /// <param name="FashionMnist">Whether Fashion-MNIST is used where it is there.</param>
    /// <param name="Protocol">Folds, seeds and steps.</param>
    internal sealed record Scope(int Channels, int Samples, Sweep Digits, Sweep Fashion, bool FashionMnist, RankProtocol Protocol);
}
