using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Tests.Support;

namespace StableRank.Tests.Data;

public sealed class NpyRoundTripTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Array_OfAnyShape_ReturnsAsWritten()
    {
        foreach (var shape in SampleArrays.Shapes)
        {
            ReturnsAsWritten<double>(shape);
            ReturnsAsWritten<float>(shape);
        }
    }

    [Fact]
    public void Matrix_InEitherOrderAndPrecision_ReturnsAsWritten()
    {
        foreach (var shape in SampleArrays.Shapes.Where(shape => shape.Length == 2))
        {
            foreach (var order in Enum.GetValues<MemoryOrder>())
            {
                MatrixReturns<double>(shape[0], shape[1], order);
                MatrixReturns<float>(shape[0], shape[1], order);
            }
        }
    }

    [Fact]
    public void Matrix_OfSeveralStrips_ReturnsAsWritten()
    {
        // 1100 rows of 4096 bytes: four strips of 256 rows and one of 76.
        ArrayReader.StripRows<double>(1100, 512).Should().Be(256);
        foreach (var order in Enum.GetValues<MemoryOrder>())
        {
            MatrixReturns<double>(1100, 512, order);
            MatrixReturns<float>(1100, 700, order);
        }
    }

    [Fact]
    public void Matrix_WrittenAsSinglePrecision_TakesFourBytesAnElement()
    {
        NpyArray.Write(folder.File("x.npy"), SampleArrays.Matrix<float>(5, 7));

        new FileInfo(folder.File("x.npy")).Length.Should().Be(128 + (4 * 35));
    }

    [Fact]
    public void Matrix_ThatIsNotDense_IsWrittenInFull()
    {
        var diagonal = Matrix<double>.Build.Diagonal([1, 2, 3]);
        NpyArray.Write(folder.File("x.npy"), diagonal);

        NpyArray.ReadMatrix<double>(folder.File("x.npy")).ToArray().Should().BeEquivalentTo(diagonal.ToArray());
    }

    [Fact]
    public void SpecialValues_InDouble_KeepTheirBits()
    {
        double[] values = [double.NaN, double.NegativeInfinity, -0.0, double.Epsilon, double.MaxValue, Math.PI];
        NpyArray.Write(folder.File("x.npy"), new NumericArray<double>([6], values));

        NpyArray.Read(folder.File("x.npy")).AsSpan().ToArray().Select(BitConverter.DoubleToInt64Bits)
            .Should().Equal(values.Select(BitConverter.DoubleToInt64Bits));
    }

    [Fact]
    public void Header_OfManyDimensions_NeedsVersionTwoAndReturns()
    {
        int[] shape = [2, .. Enumerable.Repeat(1, 30000)];
        NpyArray.Write(folder.File("x.npy"), SampleArrays.Array<double>(shape));

        File.ReadAllBytes(folder.File("x.npy"))[6].Should().Be(2);
        var array = NpyArray.Read(folder.File("x.npy"));
        array.Shape.Should().Equal(shape);
        array.AsSpan().ToArray().Should().Equal(SampleArrays.Values<double>(2));
    }

    [Fact]
    public void Data_OfEveryHeader_StartAtMultipleOf64()
    {
        foreach (var shape in SampleArrays.Shapes)
        {
            (NpyHeader.Build(ElementType.Float64, MemoryOrder.RowMajor, shape).Length % 64).Should().Be(0);
        }
    }

    [Fact]
    public void Stream_WithTwoArrays_GivesOneAfterTheOther()
    {
        foreach (var seekable in new[] { true, false })
        {
            using var stream = new MemoryStream();
            NpyArray.Write(stream, SampleArrays.Array<double>(90, 100));
            NpyArray.Write(stream, SampleArrays.Matrix<float>(3, 4), MemoryOrder.ColumnMajor);
            stream.Position = 0;
            using var read = seekable ? stream : (Stream)new ForwardOnlyStream(stream);

            NpyArray.Read<double>(read, "first").ToMatrix().Should().Be(SampleArrays.Matrix<double>(90, 100));
            NpyArray.Read<float>(read, "second").ToMatrix().Should().Be(SampleArrays.Matrix<float>(3, 4));
        }
    }

    [Fact]
    public void ToMatrix_OfKernel_IsOutTimesRestInCOrder()
    {
        var kernel = SampleArrays.Array<double>(4, 3, 2, 2);

        var matrix = kernel.ToMatrix();

        matrix.Should().Be(SampleArrays.Matrix<double>(4, 12));
        matrix[2, 7].Should().Be(SampleArrays.Value((2 * 12) + (1 * 4) + (1 * 2) + 1), "that is the element (2, 1, 1, 1)");
    }

    [Fact]
    public void NumericArray_OfWrongSize_IsRefused()
    {
        FluentActions.Invoking(() => new NumericArray<double>([2, 3], new double[5]))
            .Should().Throw<ArgumentException>().WithMessage("*(2, 3)*5*");
        FluentActions.Invoking(() => new NumericArray<double>([-1], [])).Should().Throw<ArgumentException>().WithMessage("*-1*");
        FluentActions.Invoking(() => new NumericArray<double>([65536, 65536, 65536, 65536], [])).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void OtherPrecision_Everywhere_IsNotSupported()
    {
        NpyArray.Write(folder.File("x.npy"), SampleArrays.Matrix<double>(2, 2));

        FluentActions.Invoking(() => NpyArray.Read<Half>(folder.File("x.npy")))
            .Should().Throw<NotSupportedException>().WithMessage("*Half*");
        FluentActions.Invoking(() => new NumericArray<Half>([1], [Half.One])).Should().Throw<NotSupportedException>().WithMessage("*Half*");
    }

    private void ReturnsAsWritten<T>(int[] shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var path = folder.File("x.npy");
        var array = SampleArrays.Array<T>(shape);
        NpyArray.Write(path, array);
        var back = NpyArray.Read<T>(path);
        back.Shape.Should().Equal(shape);
        back.AsSpan().SequenceEqual(array.AsSpan()).Should().BeTrue();
        NpyArray.ReadMatrix<T>(path).Should().Be(array.ToMatrix());
    }

    private void MatrixReturns<T>(int rows, int columns, MemoryOrder order)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var path = folder.File("x.npy");
        var matrix = SampleArrays.Matrix<T>(rows, columns);
        NpyArray.Write(path, matrix, order);
        NpyArray.ReadMatrix<T>(path).AsColumnMajorArray().AsSpan().SequenceEqual(matrix.AsColumnMajorArray())
            .Should().BeTrue("{0} x {1}, {2}", rows, columns, order);
        NpyArray.Read<T>(path).AsSpan().SequenceEqual(SampleArrays.Values<T>(rows * columns)).Should().BeTrue();
    }
}
