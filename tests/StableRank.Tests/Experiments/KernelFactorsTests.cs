using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Experiments.Studies;
using StableRank.Kernels;

namespace StableRank.Tests.Experiments;

public sealed class KernelFactorsTests
{
    private static readonly KernelFactors.Scope Tiny = new(Networks: 250, Width: 40, Depths: [1, 2, 3], DepthNetworks: 250);

    private static readonly Lazy<(KernelFactors.Findings Found, ExperimentResult Result)> Once = new(() => Found(1));

    [Fact]
    public void Run_Tiny_AllVerdictsHoldAndEveryFigureHasItsPoints()
    {
        var result = Once.Value.Result;

        result.Verdicts.Should().HaveCount(5);
        foreach (var verdict in result.Verdicts)
        {
            verdict.Outcome.Should().Be(VerdictOutcome.Holds, verdict.Evidence);
        }

        result.Figures.Select(figure => figure.Name).Should().Equal("one-layer", "all-layers");
        result.Tables.Should().HaveCount(2).And.OnlyContain(table => table.Rows.All(row => row.Count == table.Columns.Count));
        Once.Value.Found.Varied.Should().HaveCount(4 * 5);
        Once.Value.Found.Deep.Should().HaveCount(4 * 3);
    }

    [Fact]
    public void Run_SameSeed_SameNumbers_OtherSeed_Others()
    {
        static IEnumerable<double> Numbers(KernelFactors.Findings found) =>
            found.Varied.Select(v => v.Standard.Mean[0, 0]).Concat(found.Deep.Select(d => d.Cell.Ntk.Mean[0, 1]));

        var few = new KernelFactors(new KernelFactors.Scope(Networks: 20, Width: 16, Depths: [1, 2], DepthNetworks: 20));
        double[] first = [.. Numbers(few.Measure(Context(1)))];
        Numbers(few.Measure(Context(1))).Should().Equal(first);
        Numbers(few.Measure(Context(2))).First().Should().NotBe(first[0]);
    }

    [Fact]
    public void Measure_Theory_IsWhatTheClaimSays()
    {
        // on the diagonal, with ||x||^2 = n_0: K = prod g/2, Theta = L K; 'standard': each term over its own g_l / n_(l-1)
        int[] sizes = [64, 56, 48, 40, 32];
        foreach (var varied in Once.Value.Found.Varied)
        {
            double kernel = 2 * varied.Share, gain = 4 * varied.Share;
            varied.Cell.Limit.Nngp[0, 0].Should().BeApproximately(kernel, 1e-12 * kernel);
            varied.Cell.Limit.Ntk[0, 0].Should().BeApproximately(4 * kernel, 1e-12 * kernel);
            var standard = Enumerable.Range(1, 4).Sum(l => sizes[l - 1] * kernel / (l == varied.Layer ? gain : 2));
            varied.StandardLimit[0, 0].Should().BeApproximately(standard, 1e-12 * standard);

            // the layer's own term: kernel / gain is 1/2 whatever the stable rank
            varied.OwnTerm.Should().BeApproximately(sizes[varied.Layer - 1] / 2.0, 1e-12 * standard);
        }
    }

    [Fact]
    public void Judge_StandardTakenForNtk_IsNotProportional()
    {
        var found = Once.Value.Found;
        var verdicts = KernelFactors.Judge(found with
        {
            Varied = [.. found.Varied.Select(v => v with
            {
                Cell = v.Cell with { Ntk = v.Standard, Limit = v.Cell.Limit with { Ntk = v.StandardLimit } },
            })],
        }).Verdicts;

        verdicts[1].Outcome.Should().Be(VerdictOutcome.Mixed, "the numbers agree, the line does not go through zero");
        verdicts[1].Evidence.Should().Contain("✗ worst of 8 comparisons").And.Contain("value at r = 0");
    }

    [Fact]
    public void Judge_NtkTakenForStandard_GoesThroughZero()
    {
        var found = Once.Value.Found;
        var verdicts = KernelFactors.Judge(found with
        {
            Varied = [.. found.Varied.Select(v => v with { Standard = v.Cell.Ntk, StandardLimit = v.Cell.Limit.Ntk })],
        }).Verdicts;

        verdicts[2].Outcome.Should().Be(VerdictOutcome.Mixed);
        verdicts[2].Evidence.Split('\n').Select(line => line[0]).Should().Equal('✓', '✗', '✗');
    }

    [Fact]
    public void Judge_MeansOfTwiceTheGain_EveryVerdictIsDenied()
    {
        static KernelEstimate Doubled(KernelEstimate estimate) =>
            estimate with { Mean = estimate.Mean * 2, StandardError = estimate.StandardError * 2 };
        static KernelFactors.Cell Twice(KernelFactors.Cell cell) => cell with { Nngp = Doubled(cell.Nngp), Ntk = Doubled(cell.Ntk) };

        var found = Once.Value.Found;
        var verdicts = KernelFactors.Judge(found with
        {
            Varied = [.. found.Varied.Select(v => v with { Cell = Twice(v.Cell), Standard = Doubled(v.Standard) })],
            Deep = [.. found.Deep.Select(d => d with { Cell = Twice(d.Cell) })],
        }).Verdicts;

        verdicts.Should().OnlyContain(verdict => verdict.Outcome != VerdictOutcome.Holds);
        verdicts[0].Evidence.Split('\n').Select(line => line[0]).Should().Equal(['✗', '✓', '✗'], "it still is proportional");
        verdicts[4].Evidence.Split('\n').Select(line => line[0]).Should().Equal(['✓', '✓', '✗', '✗'], "the slopes are what they were");
    }

    [Fact]
    public void Judge_AnotherFactorADepth_SlopesFail()
    {
        static KernelEstimate Scaled(KernelEstimate estimate, double by) =>
            estimate with { Mean = estimate.Mean * by, StandardError = estimate.StandardError * by };

        var found = Once.Value.Found;
        var verdicts = KernelFactors.Judge(found with
        {
            Deep = [.. found.Deep.Select(d => d with
            {
                Cell = d.Cell with { Nngp = Scaled(d.Cell.Nngp, Math.Pow(1.5, d.Depth)), Ntk = Scaled(d.Cell.Ntk, Math.Pow(1.5, d.Depth)) },
            })],
        }).Verdicts;

        verdicts[4].Evidence.Split('\n').Select(line => line[0]).Should().StartWith(['✗', '✗']);
        verdicts[0].Outcome.Should().Be(VerdictOutcome.Holds);
    }

    [Fact]
    public void Judge_AnotherPair_OffTheDiagonalFails()
    {
        var found = Once.Value.Found;
        var verdicts = KernelFactors.Judge(found with
        {
            Varied = [.. found.Varied.Select(v =>
            {
                // as if the inputs were orthogonal
                var limit = v.Cell.Limit.Ntk.Clone();
                limit[0, 1] = limit[1, 0] = 0;
                return v with { Cell = v.Cell with { Limit = v.Cell.Limit with { Ntk = limit } } };
            })],
        }).Verdicts;

        verdicts[3].Outcome.Should().Be(VerdictOutcome.Fails);
    }

    [Fact]
    public void Run_Cancelled_Throws()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        var run = () => new KernelFactors(Tiny)
            .Run(new ExperimentContext(1, ExperimentSize.Quick, new Progress<double>(), cancelled.Token));

        run.Should().Throw<OperationCanceledException>();
    }

    private static ExperimentContext Context(ulong seed) => new(seed, ExperimentSize.Quick, new Progress<double>(), CancellationToken.None);

    private static (KernelFactors.Findings Found, ExperimentResult Result) Found(ulong seed)
    {
        var found = new KernelFactors(Tiny).Measure(Context(seed));
        return (found, KernelFactors.Judge(found));
    }
}
