using StableRank.Data;
using StableRank.Tests.Support;

namespace StableRank.Tests.Data;

public sealed class TensorFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void List_OfNpy_IsOneTensorNamedAfterTheFile()
    {
        var entry = TensorFile.List(SampleArrays.Fixture("kernel_fortran.npy")).Should().ContainSingle().Which;

        entry.Name.Should().Be("kernel_fortran");
        entry.Shape.Should().Equal(4, 3, 2, 2);
        (entry.TypeName, entry.ElementType, entry.ByteCount, entry.Rows, entry.Columns)
            .Should().Be(("<f8", ElementType.Float64, 384L, 4, 12L));
        entry.ToString().Should().Be("kernel_fortran (4, 3, 2, 2) <f8");
        TensorFile.ReadMatrix(entry).Should().Be(SampleArrays.Matrix<double>(4, 12));
        TensorFile.ReadMatrix<float>(entry).Should().Be(SampleArrays.Matrix<float>(4, 12));
    }

    [Fact]
    public void List_OfNpz_IsItsArraysInOrder()
    {
        foreach (var name in new[] { "stored.npz", "deflated.npz", "zip64.npz" })
        {
            var entries = TensorFile.List(SampleArrays.Fixture(name));

            entries.Select(entry => entry.ToString()).Should().Equal("weights (3, 4) <f8", "bias (3) <f4");
            entries.Select(entry => entry.ByteCount).Should().Equal(96, 12);
            TensorFile.ReadMatrix(entries[0]).Should().Be(SampleArrays.Matrix<double>(3, 4));
            TensorFile.ReadMatrix<float>(entries[1]).Should().Be(SampleArrays.Matrix<float>(3, 1));
        }
    }

    [Fact]
    public void List_OfElementsThatAreNotNumbers_ShowsThemAndReadingFails()
    {
        (string Name, string Type)[] files =
        [
            ("text", "<U5"), ("object", "|O"), ("complex", "<c16"), ("structured", "[('a', '<i4'), ('b', '<f8', (2,))]"),
        ];
        foreach (var (name, type) in files)
        {
            var entry = TensorFile.List(SampleArrays.Fixture(name + ".npy")).Single();

            entry.ElementType.Should().BeNull();
            entry.TypeName.Should().Be(type);
            FluentActions.Invoking(() => TensorFile.ReadMatrix(entry)).Should().Throw<DataFormatException>();
        }
    }

    [Fact]
    public void List_OfOtherEnding_NamesTheKnownOnes() =>
        FluentActions.Invoking(() => TensorFile.List("weights.h5"))
            .Should().Throw<ArgumentException>().WithMessage("*weights.h5*.npy, .npz, .safetensors*");

    [Fact]
    public void List_OfUpperCaseEnding_IsKnown()
    {
        File.Copy(SampleArrays.Fixture("vector.npy"), folder.File("V.NPY"));

        TensorFile.List(folder.File("V.NPY")).Single().Name.Should().Be("V");
    }

    [Fact]
    public void List_OfALargeFile_ReadsTheHeaderOnly()
    {
        var path = folder.File("large.npz");
        Npz.Write(path, writer => writer.Add("x", SampleArrays.Matrix<double>(1000, 1000)));
        TensorFile.List(path);

        var before = GC.GetAllocatedBytesForCurrentThread();
        TensorFile.List(path).Single().ByteCount.Should().Be(8_000_000);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(400_000);
    }

    [Fact]
    public void MissingFile_OfEveryKind_IsNamed()
    {
        foreach (var ending in TensorFile.KnownEndings)
        {
            var path = folder.File("missing" + ending);
            FluentActions.Invoking(() => TensorFile.List(path)).Should().Throw<FileNotFoundException>().WithMessage($"*{path}*");
        }
    }
}
