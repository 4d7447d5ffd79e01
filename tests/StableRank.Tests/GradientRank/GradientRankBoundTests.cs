using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.GradientRank;
using StableRank.Networks;

namespace StableRank.Tests.GradientRank;

/// <summary>Bounds, causes and proofs on architectures whose answer is known by hand.</summary>
public sealed class GradientRankBoundTests
{
    private static Ensemble Full(int layer, int rows, int columns) => Ensemble.Gaussian(rows, columns, 1);

    [Fact]
    public void Of_LinearAutoencoderWithABottleneck_IsTheBottleneckEverywhere()
    {
        var bounds = GradientRankBound.Of(Model.Dense([128, 128, 128, 16, 128, 128], Activation.Linear, Full), new() { Batch = 500 });
        var wide = GradientRankBound.Of(Model.Dense([128, 128, 128, 128, 128, 128], Activation.Linear, Full), new() { Batch = 500 });

        bounds.Select(bound => bound.Bound).Should().AllBeEquivalentTo(16);
        bounds.Should().OnlyContain(bound => bound.Cause == RankCause.LayerWidth && bound.CauseLayer == 3);
        bounds[0].CauseDescription.Should().Be("the 16-wide layer 3");
        wide.Select(bound => bound.Bound).Should().AllBeEquivalentTo(128);
    }

    [Fact]
    public void Of_LeakyBottleneck_BindsTheLayersBesideItOnly()
    {
        var bounds = GradientRankBound.Of(Model.Dense([128, 128, 16, 128, 128], Activation.LeakyReLU(0.1), Full), new() { Batch = 500 });

        bounds.Select(bound => bound.Bound).Should().Equal(128, 16, 16, 128);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(50)]
    public void Of_LinearElmanNetBesideATwoWideLayer_GrowsByTwoAStep(int truncation)
    {
        var model = new Model(new[] { (128, 8), (2, 128), (128, 2) }.Select(shape => new ElmanSpecification(
            60, Full(1, shape.Item1, shape.Item2), Full(1, shape.Item1, shape.Item1), Activation.Linear, truncation: truncation)));

        var bounds = GradientRankBound.Of(model, new() { Batch = 32 });

        bounds["rnn.weight_hh_l0"].Bound.Should().Be(2 * truncation);
        bounds["rnn.weight_ih_l1"].Bound.Should().Be(2);
        bounds["rnn.weight_ih_l2"].Bound.Should().Be(2);
        bounds["rnn.weight_hh_l0"].Cause.Should().Be(truncation == 1 ? RankCause.LayerWidth : RankCause.Truncation);
        bounds["rnn.weight_hh_l2"].Bound.Should().Be(Math.Min(128, 2 * 59), "states are not truncated");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(50)]
    public void Of_SequencesAsLongAsTheTruncation_AreAtMostTwoAStepEverywhereBesideTheTwoWideLayer(int steps)
    {
        var model = new Model(new[] { (128, 1), (2, 128), (128, 2) }.Select(shape => new ElmanSpecification(
            steps, Full(1, shape.Item1, shape.Item2), Full(1, shape.Item1, shape.Item1), Activation.Linear)));

        var bounds = GradientRankBound.Of(model, new() { Batch = 32 });

        bounds["rnn.weight_hh_l0"].Bound.Should().Be(steps - 1, "one feature a step reaches the first layer");
        bounds["rnn.weight_hh_l2"].Bound.Should().Be(2 * (steps - 1));
    }

    [Fact]
    public void Of_LowDimensionalData_IsTheDataRankInLinearNetworksAndOneMoreWithBiases()
    {
        var widths = new[] { 128, 128, 128, 128 };
        var plain = GradientRankBound.Of(Model.Dense(widths, Activation.Linear, Full), new() { Batch = 500, DataRank = 16 });
        var biased = GradientRankBound.Of(
            Model.Dense(widths, Activation.Linear, Full, biasVariance: 1), new() { Batch = 500, DataRank = 16 });

        plain.Select(bound => bound.Bound).Should().AllBeEquivalentTo(16);
        biased.Select(bound => bound.Bound).Should().Equal(16, 17, 17);
        biased[2].Cause.Should().Be(RankCause.DataRank);
    }

    [Fact]
    public void Of_CrossEntropy_TakesOneOffBelowLinearOutputsOnly()
    {
        RankAssumptions assumptions = new() { Batch = 500, Loss = Loss.SoftmaxCrossEntropy };
        var linear = GradientRankBound.Of(Model.Dense([64, 64, 10], Activation.Linear, Full), assumptions);
        var tanh = GradientRankBound.Of(Model.Dense([64, 64, 10], Activation.Tanh, Full), assumptions);

        linear.Select(bound => bound.Bound).Should().Equal(9, 9);
        linear[0].Cause.Should().Be(RankCause.LossRank);
        tanh.Select(bound => bound.Bound).Should().Equal(64, 10);
    }

    [Fact]
    public void Of_Causes_NameTheBindingChoice()
    {
        var dense = Model.Dense([64, 32, 48, 10], Activation.Linear, Full);
        GradientRankBound.Of(dense, new() { Batch = 5 })
            .Should().OnlyContain(bound => bound.Cause == RankCause.BatchSize && bound.Bound == 5);
        GradientRankBound.Of(dense, new() { Batch = 500 })[0].Should().BeEquivalentTo(
            new { Bound = 10, Cause = RankCause.OutputWidth, CauseLayer = 3 });
        var weights = new Dictionary<string, int> { ["1.weight"] = 3 };
        var byWeight = GradientRankBound.Of(dense, new() { Batch = 500, WeightRanks = weights });
        byWeight.Select(bound => bound.Bound).Should().Equal(3, 10, 3);
        byWeight.Select(bound => bound.Cause).Should().Equal(RankCause.WeightRank, RankCause.OutputWidth, RankCause.WeightRank);
        byWeight[0].CauseLayer.Should().Be(2);
    }

    [Fact]
    public void Of_StridedConvolution_IsThePositionsTimesTheBatch()
    {
        GradientRankBounds Of(int stride) => GradientRankBound.Of(
            new Model(
            [
                new ConvolutionSpecification(
                    new ConvolutionShape(3, new ConvolutionAxis(32, 5, stride), new ConvolutionAxis(32, 5, stride)), Full(1, 64, 75),
                    Activation.Tanh),
            ]),
            new() { Batch = 4 });

        Of(1)[0].Should().BeEquivalentTo(new { Bound = 64, Cause = RankCause.OutputWidth });
        Of(27)[0].Should().BeEquivalentTo(new { Bound = 16, Cause = RankCause.Positions, CauseLayer = 1 });
        Of(28)[0].Should().BeEquivalentTo(new { Bound = 4, Cause = RankCause.BatchSize });
    }

    [Fact]
    public void Of_ConstantInputs_KnowsWhatPhiMakesOfThem()
    {
        Network<double> Of(Activation phi) => new(
        [
            new DenseLayer<double>(new Networks.RandomNetworks(1).Matrix(5, 4), null, phi),
            new DenseLayer<double>(new Networks.RandomNetworks(2).Matrix(3, 5), null, Activation.Linear),
        ]);
        RankAssumptions assumptions = new() { Batch = 6, DataRank = 0 };

        GradientRankBound.Of(Of(Activation.Tanh), assumptions).Select(bound => bound.Bound).Should().Equal(0, 0);
        GradientRankBound.Of(Of(Activation.Cos), assumptions).Select(bound => bound.Bound).Should().Equal(0, 1);
        var network = Of(Activation.Cos);
        var pass = network.Forward(Matrix<double>.Build.Dense(4, 6));
        network.Backward(pass, new Networks.RandomNetworks(3).Matrix(3, 6));
        network.Parameters[1].GradientMatrix.Rank().Should().Be(1);
    }

    [Fact]
    public void Of_ModelAndItsNetwork_AreTheSame()
    {
        var model = new Model(
        [
            new ConvolutionSpecification(
                new ConvolutionShape(2, new ConvolutionAxis(6, 3)), Full(1, 3, 6), Activation.ReLU, biasVariance: 1),
            new PooledDenseSpecification(4, Full(1, 6, 3), Activation.Linear),
            new ElmanSpecification(3, Full(1, 4, 2), Full(1, 4, 4), Activation.Tanh, truncation: 2),
            new ElmanSpecification(3, Full(1, 2, 4), Full(1, 2, 2), Activation.Linear),
            new DenseSpecification(Full(1, 5, 6), Activation.Linear),
        ]);
        var ranks = new Dictionary<string, int> { ["rnn.weight_hh_l1"] = 1 };
        RankAssumptions assumptions = new() { Batch = 7, DataRank = 3, WeightRanks = ranks };

        var ofModel = GradientRankBound.Of(model, assumptions);
        var network = model.Sample<double>(1);
        var ofNetwork = GradientRankBound.Of(network, assumptions);

        ofNetwork.ToString().Should().Be(ofModel.ToString());
        ofModel.Select(bound => bound.Parameter).Should().Equal(network.Parameters.Where(p => p.IsWeight).Select(p => p.Name));
        ofModel.Select(bound => (bound.Rows, bound.Columns)).Should().Equal(
            network.Parameters.Where(p => p.IsWeight).Select(p => (p.Rows, p.Columns)));
    }

    [Fact]
    public void Proof_OfEveryBound_EndsAtItsValueAndStartsAtItsCause()
    {
        foreach (var (_, _, readings) in GradientRankBoundPropertyTests.Draw(4, 100))
        {
            foreach (var bound in readings.Select(reading => reading.Bound))
            {
                bound.Bound.Should().BeInRange(0, Math.Min(bound.Rows, bound.Columns));
                bound.Proof.Should().NotBeEmpty();
                bound.Proof[^1].Value.Should().Be(bound.Bound);
                bound.Proof[^1].Statement.Should().StartWith("rank dL/d").And.Contain($"{bound.Bound}");
                bound.Proof.Should().OnlyContain(step => step.Source.StartsWith("theory (6.") || step.Source == "given");
                Enum.IsDefined(bound.Cause).Should().BeTrue();
            }
        }
    }

    [Fact]
    public void ToString_OfABound_IsASmallProof()
    {
        var bounds = GradientRankBound.Of(Model.Dense([64, 32, 4, 32, 32], Activation.Linear, Full), new() { Batch = 100 });

        bounds[3].ToString().Should().Be(
            """
            3.weight (layer 4, 32 x 32): rank of the gradient <= 4, the 4-wide layer 2
              rank A_2 <= 4: the 4-wide layer 2   [theory (6.1)]
              rank A_3 <= rank A_2, a linear image of it: 4   [theory (6.2)]
              rank dL/dW_4 <= rank A_3, a factor of it: 4   [theory (6.1)]
              printed: arXiv 2402.06751 eq. 1: 4 (takes in the rank of the layer's own weights; biases are left out)
            """);
    }

    [Fact]
    public void Of_AssumptionsThatDoNotFit_SaysWhich()
    {
        var dense = Model.Dense([8, 4], Activation.Linear, Full);
        void Fails(RankAssumptions assumptions, string message) =>
            FluentActions.Invoking(() => GradientRankBound.Of(dense, assumptions)).Should().Throw<ArgumentException>().WithMessage(message);

        Fails(new() { Batch = 0 }, "*Batch*");
        Fails(new() { Batch = 2, DataRank = 9 }, "*DataRank is 9*0 to 8*");
        Fails(new() { Batch = 2, LossRank = -1 }, "*LossRank is -1*0 to 4*");
        Fails(new() { Batch = 2, LossSteps = 1 }, "*LossSteps is 1*not recurrent*");
        Fails(new() { Batch = 2, StepDataRank = 1 }, "*StepDataRank*first layer*");
        Fails(new() { Batch = 2, WeightRanks = new Dictionary<string, int> { ["1.weight"] = 1 } }, "*'1.weight'*0.weight*");
        Fails(new() { Batch = 2, WeightRanks = new Dictionary<string, int> { ["0.weight"] = 5 } }, "*0.weight is 5*0 to 4*");
        FluentActions.Invoking(() => GradientRankBound.Of(dense, new() { Batch = 2 })["x"]).Should().Throw<KeyNotFoundException>()
            .WithMessage("*'x'*0.weight*");
    }
}
