using System.IO.Compression;
using StableRank.Data;
using StableRank.Tests.Support;

namespace StableRank.Tests.Data;

public sealed class IdxArrayTests : IDisposable
{
    private const long FixedCost = 256 * 1024;

    private readonly TemporaryFolder folder = new(inMemory: true);

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("u1.idx", "ubyte", new double[] { 0, 255, 7 })]
    [InlineData("i1.idx", "byte", new double[] { -128, 127, 7 })]
    [InlineData("i2.idx", "short", new double[] { -32768, 32767, 7 })]
    [InlineData("i4.idx", "int", new double[] { int.MinValue, int.MaxValue, 7 })]
    public void Fixture_OfIntegers_HasTheirExtremes(string name, string type, double[] values)
    {
        var entry = TensorFile.List(SampleArrays.Fixture(name)).Single();

        entry.ToString().Should().Be($"{name[..2]} (3) {type}");
        IdxArray.Read<double>(SampleArrays.Fixture(name)).AsSpan().ToArray().Should().Equal(values);
    }

    [Theory]
    [InlineData("f4.idx", ElementType.Float32)]
    [InlineData("f8.idx", ElementType.Float64)]
    public void Fixture_OfFloats_IsTheMatrix(string name, ElementType type)
    {
        TensorFile.List(SampleArrays.Fixture(name)).Single().ElementType.Should().Be(type);
        IdxArray.ReadMatrix<double>(SampleArrays.Fixture(name)).Should().Be(SampleArrays.Matrix<double>(3, 4));
        IdxArray.ReadMatrix<float>(SampleArrays.Fixture(name)).Should().Be(SampleArrays.Matrix<float>(3, 4));
    }

    [Theory]
    [InlineData("images-idx3-ubyte")]
    [InlineData("images-idx3-ubyte.gz")]
    public void Fixture_OfImages_IsOneRowEach(string name)
    {
        var entry = TensorFile.List(SampleArrays.Fixture(name)).Single();

        entry.ToString().Should().Be("images-idx3-ubyte (5, 3, 4) ubyte");
        entry.ByteCount.Should().Be(60);
        TensorFile.ReadMatrix(entry).ToRowMajorArray().Should().Equal(Enumerable.Range(0, 60).Select(i => (double)i));
    }

    [Theory]
    [InlineData("train-images-idx3-ubyte", true)]
    [InlineData("X.IDX.GZ", true)]
    [InlineData("a-idx12-double.gz", true)]
    [InlineData("a-idx3-ubyte.zip", false)]
    [InlineData("idx", false)]
    [InlineData("a-idx3-text", false)]
    public void Names_OfIdxFiles_AreKnown(string name, bool known) => TensorFile.IsKnown(name).Should().Be(known);

    [Theory]
    [InlineData(new byte[] { }, "truncated")]
    [InlineData(new byte[] { 0, 0, 8 }, "truncated")]
    [InlineData(new byte[] { 1, 0, 8, 0, 7 }, "not an IDX file")]
    [InlineData(new byte[] { 0, 0, 0x0A, 0, 7 }, "type 0A")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0 }, "truncated")]
    [InlineData(new byte[] { 0, 0, 8, 255, 0, 0, 0, 1 }, "truncated")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 2, 7 }, "has 2 bytes, and 1 follow")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 0, 7 }, "has 0 bytes, and 1 follow")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0x80, 0, 0, 0, 7 }, "dimension 0 is 2147483648")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0xFF, 0xFF, 0xFF, 0xFF, 7 }, "dimension 0 is 4294967295")]
    [InlineData(new byte[] { 0, 0, 14, 3, 127, 255, 255, 255, 127, 255, 255, 255, 127, 255, 255, 255 }, "more than 9223372036854775807")]
    [InlineData(new byte[] { 0, 0, 14, 2, 0x7F, 0, 0, 0, 0, 0, 0x10, 0, 7 }, "and 1 follow")]
    public void File_ThatIsMalformed_IsRefusedAndCostsNothing(byte[] bytes, string problem)
    {
        File.WriteAllBytes(folder.File("x.idx"), bytes);

        Allocated(() => Refused("x.idx").Should().Contain(problem)).Should().BeLessThan(FixedCost);
    }

    [Fact]
    public void Scalar_IsRead()
    {
        File.WriteAllBytes(folder.File("x.idx"), [0, 0, 8, 0, 7]);

        IdxArray.Read<double>(folder.File("x.idx")).AsSpan().ToArray().Should().Equal(7);
    }

    [Fact]
    public void PackedFile_CutAnywhere_IsRefused()
    {
        var bytes = File.ReadAllBytes(SampleArrays.Fixture("images-idx3-ubyte.gz"));
        for (var length = 0; length < bytes.Length; length++)
        {
            File.WriteAllBytes(folder.File("x.idx.gz"), bytes[..length]);
            Refused("x.idx.gz");
        }
    }

    [Fact]
    public void PackedFile_WithAFlippedBit_IsRefusedOrTheSame()
    {
        // Only the time and the system of the packer and the bits that fill up the last byte carry no check; they change no number.
        var unseen = 0;
        var bytes = File.ReadAllBytes(SampleArrays.Fixture("images-idx3-ubyte.gz"));
        var right = IdxArray.Read<double>(SampleArrays.Fixture("images-idx3-ubyte.gz")).AsSpan().ToArray();
        for (var bit = 0; bit < 8 * bytes.Length; bit++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(folder.File("x.idx.gz"), damaged);
            try
            {
                IdxArray.Read<double>(folder.File("x.idx.gz")).AsSpan().ToArray().Should().Equal(right);
                unseen++;
            }
            catch (DataFormatException error)
            {
                error.File.Should().Be(folder.File("x.idx.gz"));
            }
        }

        unseen.Should().BeLessThanOrEqualTo(80 + 7, "the header has 80 bits");
    }

    [Fact]
    public void Bomb_BehindASmallShape_IsNotUnpacked()
    {
        Pack([0, 0, 8, 1, 0, 0, 0, 2], zeros: 50_000_000);

        Allocated(() => Refused("x.idx.gz").Should().Contain("more bytes follow")).Should().BeLessThan(FixedCost);
    }

    [Fact]
    public void Claim_BeyondWhatDeflateCanHold_CostsNothing()
    {
        Pack([0, 0, 8, 1, 0x7F, 0, 0, 0], zeros: 1000);

        Allocated(() => Refused("x.idx.gz").Should().Contain("cannot hold more than")).Should().BeLessThan(FixedCost);
    }

    [Fact]
    public void Claim_WithinWhatDeflateCanHold_CostsInProportionToWhatArrives()
    {
        // 100 kB of noise, so that a claim of 64 MB is credible.
        var noise = new byte[100_000];
        new Random(5).NextBytes(noise);
        Pack([0, 0, 8, 1, 0x04, 0, 0, 0, .. noise], zeros: 0);

        Allocated(() => Refused("x.idx.gz")).Should().BeLessThan(FixedCost + (3 * 8 * noise.Length));
    }

    private static long Allocated(Action action)
    {
        action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private string Refused(string name) => FluentActions.Invoking(() => IdxArray.Read<double>(folder.File(name)))
        .Should().Throw<DataFormatException>().Which.Message;

    private void Pack(byte[] start, int zeros)
    {
        using var packed = new GZipStream(File.Create(folder.File("x.idx.gz")), CompressionLevel.Optimal);
        packed.Write(start);
        packed.Write(new byte[zeros]);
    }
}
