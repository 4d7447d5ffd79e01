using System.IO.Compression;
using StableRank.Data;
using StableRank.Tests.Support;

namespace StableRank.Tests.Data;

public sealed class NpzTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Fastest)]
    [InlineData(CompressionLevel.Optimal)]
    public void Archive_OfArrays_ReturnsAsWritten(CompressionLevel compression)
    {
        var path = folder.File("x.npz");
        Npz.Write(
            path,
            writer =>
            {
                writer.Add("layer/0", SampleArrays.Matrix<double>(300, 200));
                writer.Add("layer/1", SampleArrays.Matrix<float>(33, 64), MemoryOrder.ColumnMajor);
                foreach (var shape in SampleArrays.Shapes)
                {
                    writer.Add($"({string.Join(',', shape)})", SampleArrays.Array<float>(shape));
                }
            },
            compression);

        using var archive = Npz.Open(path);
        archive.Names.Should().StartWith(["layer/0", "layer/1", "()", "(0)"]).And.HaveCount(2 + SampleArrays.Shapes.Length);
        archive.ReadMatrix<double>("layer/0").Should().Be(SampleArrays.Matrix<double>(300, 200));
        archive.ReadMatrix<float>("layer/1").Should().Be(SampleArrays.Matrix<float>(33, 64));
        foreach (var shape in SampleArrays.Shapes)
        {
            var array = archive.Read<float>($"({string.Join(',', shape)})");
            array.Shape.Should().Equal(shape);
            array.AsSpan().SequenceEqual(SampleArrays.Array<float>(shape).AsSpan()).Should().BeTrue();
        }
    }

    [Fact]
    public void Archive_Compressed_IsSmaller()
    {
        Npz.Write(folder.File("stored.npz"), writer => writer.Add("x", SampleArrays.Matrix<double>(300, 200)));
        Npz.Write(folder.File("packed.npz"), writer => writer.Add("x", SampleArrays.Matrix<double>(300, 200)), CompressionLevel.Optimal);

        new FileInfo(folder.File("stored.npz")).Length.Should().BeInRange(480000, 481000);
        new FileInfo(folder.File("packed.npz")).Length.Should().BeLessThan(48000, "the values repeat after 17");
    }

    [Fact]
    public void Archive_WrittenTwice_IsTheSameToTheByte()
    {
        foreach (var name in new[] { "a.npz", "b.npz" })
        {
            Npz.Write(folder.File(name), writer => writer.Add("x", SampleArrays.Matrix<double>(3, 4)));
        }

        File.ReadAllBytes(folder.File("a.npz")).Should().Equal(File.ReadAllBytes(folder.File("b.npz")));
    }

    [Fact]
    public void Read_OfOneMember_DoesNotTouchTheOthers()
    {
        var path = folder.File("x.npz");
        Npz.Write(path, writer =>
        {
            writer.Add("good", SampleArrays.Matrix<double>(3, 4));
            writer.Add("bad", SampleArrays.Matrix<double>(5, 6));
        });
        Damage(path, after: "bad.npy", at: 200);

        using var archive = Npz.Open(path);
        archive.ReadMatrix<double>("good").Should().Be(SampleArrays.Matrix<double>(3, 4));
        archive.Describe("bad").Shape.Should().Equal(5, 6);
        FluentActions.Invoking(() => archive.ReadMatrix<double>("bad")).Should().Throw<DataFormatException>()
            .Where(error => error.Member == "bad.npy" && error.File == path && error.Message.Contains("check sum"));
    }

    [Fact]
    public void Read_OfUnknownName_ListsTheKnown()
    {
        using var archive = Npz.Open(SampleArrays.Fixture("stored.npz"));

        FluentActions.Invoking(() => archive.Read<double>("weight"))
            .Should().Throw<ArgumentException>().WithMessage("*'weight'*weights, bias*");
    }

    [Fact]
    public void Write_WhereFillThrows_LeavesTheOlderFile()
    {
        var path = folder.File("x.npz");
        Npz.Write(path, writer => writer.Add("x", SampleArrays.Matrix<double>(3, 4)));
        var before = File.ReadAllBytes(path);

        FluentActions.Invoking(() => Npz.Write(path, writer =>
        {
            writer.Add("y", SampleArrays.Matrix<double>(3, 4));
            writer.Add("y", SampleArrays.Matrix<double>(3, 4));
        })).Should().Throw<ArgumentException>().WithMessage("*'y'*");

        File.ReadAllBytes(path).Should().Equal(before);
        Directory.GetFileSystemEntries(folder.Path).Should().HaveCount(1);
    }

    [Fact]
    public void Open_OfOtherFiles_SaysThatTheyAreNoArchives()
    {
        File.WriteAllText(folder.File("x.npz"), "not a zip archive at all");

        FluentActions.Invoking(() => Npz.Open(folder.File("x.npz"))).Should().Throw<DataFormatException>().WithMessage("*x.npz*zip*");
        FluentActions.Invoking(() => Npz.Open(folder.File("missing.npz"))).Should().Throw<FileNotFoundException>();
    }

    [Fact]
    public void Open_OfArchiveWithTwoMembersOfOneName_IsAnError()
    {
        var path = folder.File("x.npz");
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            zip.CreateEntry("x.npy");
            zip.CreateEntry("x.npy");
        }

        FluentActions.Invoking(() => Npz.Open(path)).Should().Throw<DataFormatException>().Where(error => error.Member == "x.npy");
    }

    /// <summary>Flips a byte so far behind the first place where the name stands.</summary>
    private static void Damage(string path, string after, int at)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(after)) + at] ^= 1;
        File.WriteAllBytes(path, bytes);
    }
}
