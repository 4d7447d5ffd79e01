using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Tests.Support;

namespace StableRank.Tests.Data;

public sealed class NpyBlockWriterTests
{
    private static readonly Matrix<double> s_matrix = Matrix<double>.Build.Dense(7, 5, (i, j) => (10 * i) + j);

    [Fact]
    public void WriteBlocks_InAnyOrder_GiveTheBytesOfTheWholeMatrix()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        NpyArray.Write(folder.File("whole.npy"), s_matrix);
        NpyArray.WriteBlocks<double>(folder.File("blocks.npy"), 7, 5, writer =>
        {
            (writer.Rows, writer.Columns).Should().Be((7, 5));
            foreach (var (row, height) in ((int, int)[])[(5, 2), (0, 1), (1, 4)])
            {
                writer.Write(row, 3, s_matrix.SubMatrix(row, height, 3, 2));
                writer.Write(row, 0, s_matrix.SubMatrix(row, height, 0, 3));
            }
        });

        File.ReadAllBytes(folder.File("blocks.npy")).Should().Equal(File.ReadAllBytes(folder.File("whole.npy")));
    }

    [Fact]
    public void WriteBlocks_OfSinglePrecision_AreReadBack()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        var single = s_matrix.Map(x => (float)x);
        NpyArray.WriteBlocks<float>(folder.File("blocks.npy"), 7, 5, writer => writer.Write(0, 0, single));

        NpyArray.ReadMatrix<float>(folder.File("blocks.npy")).Should().Be(single);
    }

    [Fact]
    public void WriteBlocks_ThatDoNotCoverOrThrow_LeaveTheOlderFile()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        var path = folder.File("K.npy");
        NpyArray.Write(path, s_matrix);
        var before = File.ReadAllBytes(path);

        var part = () => NpyArray.WriteBlocks<double>(path, 7, 5, writer => writer.Write(0, 0, s_matrix.SubMatrix(0, 6, 0, 5)));
        part.Should().Throw<InvalidOperationException>().WithMessage("*30 entries*35*7 x 5*");
        var thrown = () => NpyArray.WriteBlocks<double>(path, 7, 5, writer => throw new OperationCanceledException());
        thrown.Should().Throw<OperationCanceledException>();
        foreach (var (row, column) in ((int, int)[])[(-1, 0), (1, 0), (0, -1), (0, 1), (int.MaxValue, 0)])
        {
            var beyond = () => NpyArray.WriteBlocks<double>(path, 7, 5, writer => writer.Write(row, column, s_matrix));
            beyond.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*expected places from 0*");
        }

        File.ReadAllBytes(path).Should().Equal(before);
        Directory.GetFiles(folder.Path).Should().ContainSingle();
    }
}
