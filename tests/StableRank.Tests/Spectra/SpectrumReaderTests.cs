using System.IO.Compression;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.LinearAlgebra;
using StableRank.Randomness;
using StableRank.Spectra;
using StableRank.Tests.Support;

namespace StableRank.Tests.Spectra;

public sealed class SpectrumReaderTests : IDisposable
{
    /// <summary>
    /// Singular values are off by a small multiple of eps s1 (LAPACK's error bound); twice that between two computations.
    /// </summary>
    private const double Multiple = 2 * 20;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(40, 13)]
    [InlineData(13, 40)]
    [InlineData(21, 21)]
    [InlineData(1, 17)]
    [InlineData(17, 1)]
    [InlineData(1, 1)]
    [InlineData(33, 32)]
    public void Spectrum_OfAMatrixInEveryKindOfFile_IsTheMatrixes(int rows, int columns)
    {
        var values = new double[rows * columns];
        new RandomStream(5).FillGaussian<double>(values);
        var matrix = Matrix<double>.Build.Dense(rows, columns, values);
        NpyArray.Write(folder.File("c.npy"), matrix);
        NpyArray.Write(folder.File("f.npy"), matrix, MemoryOrder.ColumnMajor);
        Npz.Write(folder.File("stored.npz"), writer => writer.Add("x", matrix));
        Npz.Write(folder.File("packed.npz"), writer => writer.Add("x", matrix, MemoryOrder.ColumnMajor), CompressionLevel.Optimal);
        Safetensors.Write(folder.File("x.safetensors"), writer => writer.Add("x", matrix));
        CsvMatrix.Write(folder.File("x.csv"), matrix);
        var expected = Spectrum.Of(matrix);
        var reader = new SpectrumReader();

        // Twice, so that the second round works in memory that the first has left behind.
        foreach (var file in Directory.GetFiles(folder.Path).Concat(Directory.GetFiles(folder.Path)))
        {
            var spectrum = reader.Read(TensorFile.List(file).Single());

            spectrum.Count.Should().Be(expected.Count);
            foreach (var (value, wanted) in spectrum.Zip(expected))
            {
                value.Should().BeApproximately(wanted, Multiple * Math.ScaleB(expected.SpectralNorm, -52), file);
            }
        }
    }

    [Fact]
    public void Spectrum_OfAKernel_IsThatOfOutTimesRest()
    {
        foreach (var shape in new int[][] { [4, 3, 2, 2], [40, 3, 2], [2, 3, 1, 2, 3] })
        {
            var values = new float[shape.Aggregate(1, (product, d) => product * d)];
            new RandomStream(6).FillGaussian<float>(values);
            var kernel = new NumericArray<float>(shape, values);
            Safetensors.Write(folder.File("k.safetensors"), writer => writer.Add("k", kernel));

            var spectrum = new SpectrumReader().Read(TensorFile.List(folder.File("k.safetensors")).Single());

            var expected = Spectrum.Of(kernel.ToMatrix().Map(x => (double)x));
            spectrum.StableRank.Should().BeApproximately(expected.StableRank, Multiple * Math.ScaleB(expected.StableRank, -52));
        }
    }

    [Theory]
    [InlineData(5, 3)]
    [InlineData(3, 5)]
    [InlineData(4, 4)]
    public void Element_ThatIsNotFinite_IsNamedByItsRowAndColumn(int rows, int columns)
    {
        foreach (var bad in new[] { double.NaN, double.PositiveInfinity })
        {
            var matrix = Matrix<double>.Build.Dense(rows, columns, 1);
            matrix[2, 1] = bad;
            Safetensors.Write(folder.File("x.safetensors"), writer => writer.Add("weight", matrix));

            new SpectrumReader().Invoking(reader => reader.Read(TensorFile.List(folder.File("x.safetensors")).Single()))
                .Should().Throw<ArgumentException>().WithMessage("*weight*row 2, column 1*");
        }
    }

    [Fact]
    public void Tensor_ThatIsEmpty_IsRefused()
    {
        NpyArray.Write(folder.File("x.npy"), Matrix<double>.Build.Dense(0, 3));

        new SpectrumReader().Invoking(reader => reader.Read(TensorFile.List(folder.File("x.npy")).Single()))
            .Should().Throw<ArgumentException>().WithMessage("*empty*");
    }

    [Fact]
    public void File_ThatChangedItsShapeAfterListing_IsRefused()
    {
        Action<Matrix<double>>[] writers = [m => NpyArray.Write(folder.File("x.npy"), m), m => CsvMatrix.Write(folder.File("x.csv"), m)];
        foreach (var write in writers)
        {
            write(Matrix<double>.Build.Dense(3, 4, 1));
            var entry = TensorFile.List(Directory.GetFiles(folder.Path).Single()).Single();
            write(Matrix<double>.Build.Dense(4, 3, 1));

            new SpectrumReader().Invoking(reader => reader.Read(entry))
                .Should().Throw<DataFormatException>().WithMessage("*when the file was listed*");
            File.Delete(entry.File);
        }
    }

    [Fact]
    public void Memory_OfManyTensors_IsThatOfTheLargest()
    {
        const int n = 300, tensors = 20;
        Safetensors.Write(folder.File("x.safetensors"), writer =>
        {
            for (var i = 0; i < tensors; i++)
            {
                writer.Add($"{i}", Matrix<float>.Build.DenseIdentity(n - i, n + i));
            }
        });
        var entries = TensorFile.List(folder.File("x.safetensors"));
        var reader = new SpectrumReader();
        // on one thread: each parallel loop of the managed backend, two a column, leaves 2 KB of garbage behind
        using var scope = Backend.SingleThreaded();

        // the largest, and one that is not square: the workspaces of its QR decomposition are kept too
        reader.Read(entries[0]);
        reader.Read(entries[1]);

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var entry in entries)
        {
            reader.Read(entry).StableRank.Should().BeApproximately(entry.Rows, 1e-12 * n);
        }

        // The managed backend keeps a few vectors and panels beside the matrix; twenty matrices would be 14 MB.
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(8L * n * n * 4);
    }

    [Fact]
    public void SingularValues_OfAWideMatrix_AreThoseOfItsTranspose()
    {
        var wide = Matrix<float>.Build.Dense(70, 333, (i, j) => MathF.Sin((i * 333) + (j * j)));

        SingularValues.Of(wide).Should().Equal(SingularValues.Of(wide.Transpose()));
    }
}
