using FluentAssertions;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Kernels;
using StableRank.Networks;

namespace StableRank.Tests.Kernels;

public sealed class LimitKernelGuardTests
{
    private static readonly Model Small = Model.Dense([3, 5, 1], Activation.ReLU, (_, m, n) => Ensemble.He(m, n), linearOutput: true);

    [Fact]
    public void Of_UnknownParameterization_Throws() =>
        FluentActions.Invoking(() => LimitKernel.Of(Small, (KernelParameterization)7)).Should()
            .Throw<ArgumentOutOfRangeException>().WithMessage("*7*expected Ntk or Standard*");

    [Fact]
    public void Compute_OtherWidth_NamesBoth() =>
        FluentActions.Invoking(() => LimitKernel.Of(Small).Compute(Matrix<double>.Build.Dense(4, 2))).Should()
            .Throw<ArgumentException>().WithMessage("*4 x 2*3 features*");

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Compute_NonFiniteInputs_NamesTheEntry(double value)
    {
        var inputs = Matrix<double>.Build.Dense(3, 2, 1);
        inputs[2, 1] = value;

        FluentActions.Invoking(() => LimitKernel.Of(Small).Compute(Matrix<double>.Build.Dense(3, 2, 1), inputs)).Should()
            .Throw<ArgumentException>().WithMessage("*otherInputs*row 2, column 1*");
    }

    [Fact]
    public void Compute_KernelTooLarge_SaysSoBeforeAllocating() =>
        FluentActions.Invoking(() => LimitKernel.Of(Small).Compute(Matrix<double>.Build.Dense(3, 2_000_000, 1))).Should()
            .Throw<InsufficientMemoryException>().WithMessage("*64000000000000 bytes*ComputeBlocks*");

    [Fact]
    public void Compute_VarianceBeyondDouble_NamesTheLayer() =>
        FluentActions.Invoking(() => LimitKernel.Of(Small).Compute(Matrix<double>.Build.Dense(3, 1, 1e160))).Should()
            .Throw<OverflowException>().WithMessage("*Sample 0 of inputs*layer 1*");

    [Fact]
    public void ComputeBlocks_BlockOfNoSize_Throws() =>
        FluentActions.Invoking(() => LimitKernel.Of(Small).ComputeBlocks(Matrix<double>.Build.Dense(3, 2, 1), null, 0, _ => { })).Should()
            .Throw<ArgumentOutOfRangeException>();
}
