using StableRank.Training;

namespace StableRank.Tests.Training;

public sealed class LearningRateScheduleTests
{
    /// <summary>PyTorch's chained forms multiply up to 60 rounded factors.</summary>
    private const double Tolerance = 60 * 4 * 2.2e-16;

    public static TheoryData<string> Names => ["constant", "cosine", "step", "warm_up", "warm_up_step"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Rate_OfEverySchedule_IsPyTorchs(string name)
    {
        var theirs = TorchTrajectories.Read($"schedule.{name}");
        Enumerable.Range(0, theirs.Length).Max(step => Math.Abs((Make(name).Rate(step) / theirs[step]) - 1)).Should().BeLessThan(Tolerance);
    }

    [Fact]
    public void Rate_OfAnotherSchedule_IsFarFromPyTorchs()
    {
        var theirs = TorchTrajectories.Read("schedule.step");
        var shifted = LearningRateSchedule.Step(0.4, 8, 0.6);
        Enumerable.Range(0, theirs.Length).Max(step => Math.Abs((shifted.Rate(step) / theirs[step]) - 1)).Should().BeGreaterThan(0.1);
    }

    [Fact]
    public void Rate_OfACosineAfterItsEnd_StaysAtTheFloor()
    {
        var schedule = LearningRateSchedule.Cosine(1, 10, 0.25);
        schedule.Rate(0).Should().Be(1);
        schedule.Rate(5).Should().BeApproximately(0.625, 1e-15);
        schedule.Rate(10).Should().Be(0.25);
        schedule.Rate(1_000_000_007).Should().Be(0.25);
    }

    [Fact]
    public void Schedules_OutsideTheirRange_Throw()
    {
        Action[] wrong =
        [
            () => LearningRateSchedule.Constant(-1),
            () => LearningRateSchedule.Constant(double.NaN),
            () => LearningRateSchedule.Cosine(1, 0),
            () => LearningRateSchedule.Step(1, 1, 0),
            () => LearningRateSchedule.Constant(1).AfterWarmUp(0),
            () => LearningRateSchedule.Constant(1).AfterWarmUp(3, 1.5),
            () => LearningRateSchedule.Constant(1).Rate(-1),
        ];
        foreach (var action in wrong)
        {
            action.Should().Throw<ArgumentOutOfRangeException>();
        }
    }

    private static LearningRateSchedule Make(string name) => name switch
    {
        "constant" => LearningRateSchedule.Constant(0.4),
        "cosine" => LearningRateSchedule.Cosine(0.4, 60, 0.003),
        "step" => LearningRateSchedule.Step(0.4, 7, 0.6),
        "warm_up" => LearningRateSchedule.Constant(0.4).AfterWarmUp(10, 0.1),
        "warm_up_step" => LearningRateSchedule.Step(0.4, 7, 0.6).AfterWarmUp(10, 0.1),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "unknown"),
    };
}
