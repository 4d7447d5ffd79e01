using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Tests.Networks;

public sealed class ConvolutionLayerTests
{
    private const int Seeds = 20;

    [Fact]
    public void Forward_OfRandomShapes_EqualsTheLoopsWrittenOut()
    {
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            var random = new RandomNetworks(seed);
            var layer = random.Convolution(random.Shape(), random.Integer(1, 3));
            var inputs = random.Matrix(layer.InputSize, random.Integer(1, 3));
            var actual = new Network<double>([layer]).Forward(inputs).PreActivations[0];
            var expected = Loops(layer, inputs);
            (actual.RowCount, actual.ColumnCount).Should().Be((expected.RowCount, expected.ColumnCount));
            // sums of at most 3 x 9 terms and a bias, of size at most about 4 each
            (actual - expected).Enumerate().Select(Math.Abs).Max().Should().BeLessThan(28 * 4 * 4 * MachineEpsilon.Double);
        }
    }

    [Theory]
    [InlineData(7, 3, 1, 0, 1, 5)]
    [InlineData(7, 3, 1, 1, 1, 7)]
    [InlineData(7, 3, 2, 0, 1, 3)]
    [InlineData(8, 3, 2, 0, 1, 3)]
    [InlineData(7, 2, 5, 0, 1, 2)]
    [InlineData(7, 3, 1, 0, 3, 1)]
    [InlineData(1, 3, 1, 1, 1, 1)]
    [InlineData(1, 1, 4, 2, 1, 2)]
    public void Positions_OfAnAxis_FollowTheFormula(int size, int kernel, int stride, int padding, int dilation, int expected)
    {
        // values of torch.nn.Conv1d(1, 1, kernel, stride, padding, dilation)(torch.zeros(1, 1, size)).shape[2]
        new ConvolutionAxis(size, kernel, stride, padding, dilation).Positions.Should().Be(expected);
    }

    [Fact]
    public void Guards_OnShapesThatDoNotFit_NameThem()
    {
        var axis = () => new ConvolutionAxis(4, 3, 1, 0, 2);
        axis.Should().Throw<ArgumentException>().WithMessage("*3 taps at dilation 2 spans 5 pixels*4*");
        var stride = () => new ConvolutionAxis(4, 3, 0);
        stride.Should().Throw<ArgumentOutOfRangeException>();
        var shape = new ConvolutionShape(2, new ConvolutionAxis(4, 3), new ConvolutionAxis(4, 2));
        var kernel = () => new ConvolutionLayer<double>(shape, Matrix<double>.Build.Dense(3, 11), null, Activation.ReLU);
        kernel.Should().Throw<ArgumentException>().WithMessage("*3 x 11*12 columns*2 channels of 3 x 2*");
        var bias = () => new ConvolutionLayer<double>(
            shape, Matrix<double>.Build.Dense(3, 12), Vector<double>.Build.Dense(2), Activation.ReLU);
        bias.Should().Throw<ArgumentException>().WithMessage("*2 entries*3 rows*");
        var below = new ConvolutionLayer<double>(shape, Matrix<double>.Build.Dense(3, 12), null, Activation.ReLU);
        var turned = new ConvolutionShape(3, new ConvolutionAxis(3, 1), new ConvolutionAxis(2, 1));
        var above = new ConvolutionLayer<double>(turned, Matrix<double>.Build.Dense(1, 3), null, Activation.ReLU);
        var chain = () => new Network<double>([below, above]);
        chain.Should().Throw<ArgumentException>().WithMessage("*Layer 2 takes images of 3 x 3 x 2 but layer 1 gives 3 x 2 x 3*");
    }

    private static Matrix<double> Loops(ConvolutionLayer<double> layer, Matrix<double> inputs)
    {
        ConvolutionAxis v = layer.Shape.Vertical, h = layer.Shape.Horizontal;
        var result = Matrix<double>.Build.Dense(layer.OutputChannels * v.Positions * h.Positions, inputs.ColumnCount);
        for (var s = 0; s < inputs.ColumnCount; s++)
        {
            for (var o = 0; o < layer.OutputChannels; o++)
            {
                for (var i = 0; i < v.Positions; i++)
                {
                    for (var j = 0; j < h.Positions; j++)
                    {
                        var sum = layer.Bias?[o] ?? 0;
                        for (var c = 0; c < layer.Shape.Channels; c++)
                        {
                            for (var p = 0; p < v.Kernel; p++)
                            {
                                for (var q = 0; q < h.Kernel; q++)
                                {
                                    var y = (i * v.Stride) + (p * v.Dilation) - v.Padding;
                                    var x = (j * h.Stride) + (q * h.Dilation) - h.Padding;
                                    if (y >= 0 && y < v.Size && x >= 0 && x < h.Size)
                                    {
                                        sum += layer.Weights[o, (((c * v.Kernel) + p) * h.Kernel) + q]
                                            * inputs[(((c * v.Size) + y) * h.Size) + x, s];
                                    }
                                }
                            }
                        }

                        result[(((o * v.Positions) + i) * h.Positions) + j, s] = sum;
                    }
                }
            }
        }

        return result;
    }
}
