using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Tests.Networks;

public sealed class LossTests
{
    public static TheoryData<string> Names => ["squared-error", "cross-entropy"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradient_OfRandomOutputs_AgreesWithCentralDifferences(string name)
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            var random = new RandomNetworks(seed);
            int rows = random.Integer(2, 6), batch = random.Integer(1, 5);
            var outputs = random.Matrix(rows, batch, 3);
            var targets = Probabilities(random, rows, batch);
            var labels = Enumerable.Range(0, batch).Select(_ => random.Integer(0, rows - 1)).ToArray();
            var gradient = new double[rows * batch];
            var loss = Named(name);
            loss.Evaluate(outputs, targets, gradient);
            GradientCheck.WorstError([(outputs.AsColumnMajorArray(), gradient)], () => loss.Evaluate<double>(outputs, targets, []))
                .Should().BeLessThan(GradientCheck.Tolerance);
            loss.Evaluate(outputs, labels, gradient);
            GradientCheck.WorstError([(outputs.AsColumnMajorArray(), gradient)], () => loss.Evaluate<double>(outputs, labels, []))
                .Should().BeLessThan(GradientCheck.Tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Labels_AndTheirIndicators_GiveTheSameLossAndGradient(string name)
    {
        var random = new RandomNetworks(3);
        var outputs = random.Matrix(4, 3);
        int[] labels = [2, 0, 3];
        var targets = Matrix<double>.Build.Dense(4, 3, (i, j) => i == labels[j] ? 1 : 0);
        double[] first = new double[12], second = new double[12];
        var loss = Named(name).Evaluate(outputs, labels, first);
        Named(name).Evaluate(outputs, targets, second).Should().BeApproximately(loss, 16 * MachineEpsilon.Double * loss);
        first.Zip(second, (a, b) => Math.Abs(a - b)).Max().Should().BeLessThan(16 * MachineEpsilon.Double);
        Named(name).Evaluate<double>(outputs, labels, []).Should().Be(loss, "the gradient's being wanted changes nothing");
    }

    [Fact]
    public void SquaredError_OfKnownNumbers_IsHalfTheMeanSquaredDistance()
    {
        var outputs = Matrix<double>.Build.DenseOfArray(new double[,] { { 1, 4 }, { 2, 0 } });
        var targets = Matrix<double>.Build.DenseOfArray(new double[,] { { 0, 1 }, { 4, 0 } });
        var gradient = new double[4];
        Loss.SquaredError.Evaluate(outputs, targets, gradient).Should().Be((1 + 4 + 9 + 0) / 4.0);
        gradient.Should().Equal(0.5, -1, 1.5, 0);
    }

    [Fact]
    public void CrossEntropy_OfEqualOutputs_IsTheLogOfTheirNumber()
    {
        var gradient = new double[8];
        var loss = Loss.SoftmaxCrossEntropy.Evaluate(Matrix<double>.Build.Dense(4, 2, 7), [0, 3], gradient);
        loss.Should().BeApproximately(Math.Log(4), 4 * MachineEpsilon.Double);
        gradient.Should().Equal(-0.375, 0.125, 0.125, 0.125, 0.125, 0.125, 0.125, -0.375);
    }

    [Fact]
    public void CrossEntropy_OfHugeOutputs_DoesNotOverflow()
    {
        double[] values = [1e4, 0, -1e4];
        var outputs = Matrix<double>.Build.Dense(3, 1, values);
        var gradient = new double[3];
        Loss.SoftmaxCrossEntropy.Evaluate(outputs, [0], gradient).Should().Be(0);
        gradient.Should().Equal(0, 0, 0);
        Loss.SoftmaxCrossEntropy.Evaluate(outputs, [2], gradient).Should().Be(2e4);
        gradient.Should().Equal(1, 0, -1);
        var singles = Matrix<float>.Build.Dense(2, 1, [300f, -300f]);
        Loss.SoftmaxCrossEntropy.Evaluate(singles, [1], new float[2]).Should().Be(600);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Evaluate_OfNaNOrInfinity_IsNotFinite(string name)
    {
        foreach (var wrong in new[] { double.NaN, double.PositiveInfinity })
        {
            var outputs = Matrix<double>.Build.Dense(2, 2, [1, 2, wrong, 3]);
            double.IsFinite(Named(name).Evaluate<double>(outputs, [0, 1], [])).Should().BeFalse();
        }
    }

    [Fact]
    public void Guards_OnWrongShapes_NameThem()
    {
        var outputs = Matrix<double>.Build.Dense(3, 2);
        var targets = () => Loss.SquaredError.Evaluate<double>(outputs, Matrix<double>.Build.Dense(2, 2), []);
        targets.Should().Throw<ArgumentException>().WithMessage("*2 x 2*3 x 2*");
        var labels = () => Loss.SquaredError.Evaluate<double>(outputs, [0], []);
        labels.Should().Throw<ArgumentException>().WithMessage("*1 labels*2*");
        var range = () => Loss.SoftmaxCrossEntropy.Evaluate<double>(outputs, [0, 3], []);
        range.Should().Throw<ArgumentException>().WithMessage("*Label 1 is 3*0 to 2*");
        var negative = () => Loss.SoftmaxCrossEntropy.Evaluate<double>(outputs, [-1, 0], []);
        negative.Should().Throw<ArgumentException>().WithMessage("*Label 0 is -1*");
        var gradient = () => Loss.SoftmaxCrossEntropy.Evaluate(outputs, [0, 1], new double[5]);
        gradient.Should().Throw<ArgumentException>().WithMessage("*5 entries*3 x 2 = 6*");
    }

    private static Loss Named(string name) =>
        new[] { Loss.SquaredError, Loss.SoftmaxCrossEntropy }.Single(loss => loss.Name == name);

    private static Matrix<double> Probabilities(RandomNetworks random, int rows, int batch)
    {
        var weights = random.Matrix(rows, batch).PointwiseAbs();
        return Matrix<double>.Build.Dense(rows, batch, (i, j) => weights[i, j] / weights.Column(j).Sum());
    }
}
