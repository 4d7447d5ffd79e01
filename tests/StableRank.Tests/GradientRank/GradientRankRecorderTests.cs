using System.Globalization;
using StableRank.Data;
using StableRank.GradientRank;
using StableRank.Networks;
using StableRank.Tests.Support;
using StableRank.Tests.Training;
using StableRank.Training;

namespace StableRank.Tests.GradientRank;

public sealed class GradientRankRecorderTests
{
    [Fact]
    public void Record_AlongTraining_WritesWhatItMeasuredAtEveryStep()
    {
        var recorder = new GradientRankRecorder<double>(
            quantities: [RankQuantity.Gradient, RankQuantity.Signal], tolerances: [0.01]);
        var network = Tasks.Network<double>();
        var options = new TrainingOptions { Schedule = LearningRateSchedule.Constant(0.1), Epochs = 2, BatchSize = 8 };
        new Trainer<double>(network, Loss.SoftmaxCrossEntropy, new Sgd<double>(), options, [new Watch<double>(recorder)])
            .Run(Tasks.Digits<double>(40));

        // 5 steps an epoch, 3 layers, 2 quantities; cross-entropy leaves the last signal 9 of 10 dimensions, 8 samples less
        recorder.Records.Should().HaveCount(2 * 5 * 3 * 2);
        recorder.Records.Select(record => record.Step).Distinct().Should().Equal(Enumerable.Range(0, 10).Select(step => (long)step));
        recorder.Records.Should().OnlyContain(record => record.Rank.NumericalRank(1e-10) <= 8);
        foreach (var pair in recorder.Records.Chunk(2))
        {
            pair[0].Rank.NumericalRankRange(0.0).Least.Should().BeLessThanOrEqualTo(pair[1].Rank.NumericalRank(0.0));
        }

        using var folder = new TemporaryFolder();
        recorder.Save(folder.File("ranks.csv"));
        recorder.SaveSpectra(folder.File("spectra.csv"));
        var lines = File.ReadAllLines(folder.File("ranks.csv"));
        lines.Should().HaveCount(61);
        lines[0].Split(',').Should().Equal([.. GradientRankRecorder<double>.Columns, "numerical_rank_0.01"]);
        var (cells, first) = (lines[1].Split(','), recorder.Records[0].Rank);
        cells[..8].Should().Equal("0", "1", "0.weight", "gradient", "24", "64", first.Route.ToString().ToLowerInvariant(), "double");
        cells[8..14].Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).Should().Equal(
            first.Accuracy, first.Spectrum.SpectralNorm, first.Spectrum.FrobeniusNorm, first.StableRank!.Value,
            first.ParticipationRank!.Value, first.EffectiveRank!.Value);
        cells[14..].Should().Equal(
            $"{first.NumericalRank()}", $"{first.NumericalRank(StableRank.Spectra.NumericalRankRule.MachineEpsilon)}",
            $"{first.NumericalRank(0.01)}");
        var spectra = File.ReadAllLines(folder.File("spectra.csv"));
        spectra.Should().HaveCount(1 + recorder.Records.Sum(record => record.Rank.Spectrum.Count));
        spectra[2].Should().Be($"0,1,0.weight,gradient,2,{first.Spectrum[1].ToString(CultureInfo.InvariantCulture)}");
        Directory.GetFiles(folder.Path).Should().HaveCount(2, "nothing temporary is left");
    }

    [Fact]
    public void Write_ZeroMatrixAndGram_LeavesWhatIsNotKnownEmpty()
    {
        var network = Tasks.Network<float>(1, 6, 5);
        var back = network.Backward(network.Forward(Tasks.Gaussian<float>(6, 3, 1)), new float[15]);
        var recorder = new GradientRankRecorder<float>(
            new GradientRankMeter<float>(RankRoute.Gram), [RankQuantity.Gradient, RankQuantity.Weight], [0.1]);
        recorder.Record(7, back);
        using var text = new StringWriter();
        recorder.Write(text);
        var lines = text.ToString().Split('\n');
        lines[1].Should().StartWith("7,1,0.weight,gradient,5,6,gram,single,").And.EndWith(",0,0,,,,0,0,0");
        lines[2].Should().StartWith("7,1,0.weight,weight,5,6,gram,single,").And.EndWith(",,5,,5", "no effective rank, no rank above eps");
    }

    [Fact]
    public void Record_CancelledOrNotFinite_KeepsNothing()
    {
        var network = Tasks.Network<double>(1, 6, 5);
        var back = network.Backward(network.Forward(Tasks.Gaussian<double>(6, 3, 1)), Tasks.Gaussian<double>(5, 3, 2));
        var recorder = new GradientRankRecorder<double>();
        recorder.Invoking(r => r.Record(0, back, new CancellationToken(true))).Should().Throw<OperationCanceledException>();
        back.Signals[0][0, 0] = double.PositiveInfinity;
        network.Parameters[0].Gradient[0] = double.NaN;
        recorder.Invoking(r => r.Record(0, back)).Should().Throw<ArgumentException>().WithMessage("*0.weight*");
        recorder.Records.Should().BeEmpty();
        FluentActions.Invoking(() => new GradientRankRecorder<double>(tolerances: [-1])).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new GradientRankRecorder<double>(quantities: [])).Should().Throw<ArgumentException>();
    }

    private sealed class Watch<T>(GradientRankRecorder<T> recorder) : TrainingHook<T>
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        public override void BeforeStep(in StepContext<T> context) => recorder.Record(context.Step, context.Backward);
    }
}
