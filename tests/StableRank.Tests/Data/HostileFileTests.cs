using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using StableRank.Data;
using StableRank.Tests.Support;

namespace StableRank.Tests.Data;

/// <summary>Files that claim what they do not have: a clear error, and memory in proportion to what is there.</summary>
public sealed class HostileFileTests : IDisposable
{
    /// <summary>What opening a file and throwing an exception cost whatever the file.</summary>
    private const long FixedCost = 256 * 1024;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("(134217728,)", "<f8")]
    [InlineData("(16384, 8192)", "<f8")]
    [InlineData("(2147483591,)", "|i1")]
    [InlineData("(2147483647, 2147483647)", "|u1")]
    public void Npy_ThatClaimsAGigabyte_CostsNothing(string shape, string type)
    {
        foreach (var extra in new[] { 0, 1000 })
        {
            File.WriteAllBytes(folder.File("x.npy"), Npy(shape, type, new byte[extra]));

            Allocated(() => Fails(() => NpyArray.Read(folder.File("x.npy")))).Should().BeLessThan(FixedCost);
            Allocated(() => Fails(() => NpyArray.ReadMatrix<double>(folder.File("x.npy")))).Should().BeLessThan(FixedCost);
            Allocated(() => Fails(() => TensorFile.List(folder.File("x.npy")))).Should().BeLessThan(FixedCost);
        }
    }

    [Fact]
    public void Pipe_ThatClaimsAGigabyte_CostsInProportionToWhatArrives()
    {
        var file = Npy("(134217728,)", "<f8", new byte[100_000]);

        Allocated(() => Fails(() => NpyArray.Read<double>(new ForwardOnlyStream(new MemoryStream(file)), "pipe")))
            .Should().BeLessThan(FixedCost + (4 * file.Length));
    }

    [Fact]
    public void DeflatedMember_ThatIsShorterThanItClaims_CostsInProportionToWhatIsThere()
    {
        // 64 MB claimed by header and archive alike, within deflate's ratio of 1032; 100 kB there.
        var content = Npy("(8000000,)", "<f8", Noise(100_000));
        var path = Zip(("x.npy", content));
        Claim(path, 128 + 64_000_000);

        using var archive = Npz.Open(path);
        Allocated(() => Fails(() => archive.Read<double>("x"))).Should().BeLessThan(FixedCost + (8 * content.Length));
        Allocated(() => Fails(() => archive.ReadMatrix<float>("x"))).Should().BeLessThan(FixedCost + (8 * content.Length));
    }

    [Fact]
    public void DeflatedMember_BeyondTheRatioOfDeflate_IsRefusedBeforeItIsOpened()
    {
        var path = Zip(("x.npy", Npy("(8000000,)", "<f8", Noise(1000))));
        Claim(path, 128 + 64_000_000);

        using var archive = Npz.Open(path);
        Fails(() => archive.Read<double>("x")).Message.Should().Contain("deflate cannot");
    }

    [Fact]
    public void Bomb_BehindASmallShape_IsNotUnpacked()
    {
        var path = Zip(("x.npy", Npy("(2,)", "<f8", new byte[50_000_000])));
        new FileInfo(path).Length.Should().BeLessThan(100_000);

        using var archive = Npz.Open(path);
        Allocated(() => Fails(() => archive.Read<double>("x")).Message.Should().Contain("has 16 bytes, and 50000000 follow"))
            .Should().BeLessThan(FixedCost);
    }

    [Fact]
    public void Bomb_ThatHidesItsSize_IsAnErrorAndCostsNothing()
    {
        var path = Zip(("x.npy", Npy("(2,)", "<f8", new byte[50_000_000])));
        Claim(path, NpyLength("(2,)") + 16);

        using var archive = Npz.Open(path);
        Allocated(() => Fails(() => archive.Read<double>("x"))).Should().BeLessThan(FixedCost);
    }

    [Fact]
    public void Member_OfManyZeros_IsReadAllTheSame()
    {
        // An honest member at nearly deflate's full ratio must not be taken for a bomb.
        var path = Zip(("x.npy", Npy("(1000, 2500)", "<f8", new byte[20_000_000])));
        new FileInfo(path).Length.Should().BeLessThan(25_000);

        using var archive = Npz.Open(path);
        var values = archive.ReadMatrix<double>("x").AsColumnMajorArray();
        values.Length.Should().Be(2_500_000);
        Array.TrueForAll(values, value => value == 0).Should().BeTrue();
    }

    [Fact]
    public void Member_WithMoreThanItsArray_IsAnError()
    {
        var path = Zip(("x.npy", Npy("(2,)", "<f8", new byte[17])));

        using var archive = Npz.Open(path);
        Fails(() => archive.Read<double>("x")).Should().Match<DataFormatException>(error => error.Member == "x.npy" && error.File == path);
    }

    [Fact]
    public void Member_AtANegativeOffset_IsAnError()
    {
        var bytes = File.ReadAllBytes(SampleArrays.Fixture("zip64.npz"));
        var offset = bytes.AsSpan().LastIndexOf(new byte[] { 0x1D, 1, 0, 0, 0, 0, 0, 0 });
        bytes[offset + 7] = 0x80;
        File.WriteAllBytes(folder.File("x.npz"), bytes);

        using var archive = Npz.Open(folder.File("x.npz"));
        archive.Read<double>("weights").Shape.Should().Equal(3, 4);
        Fails(() => archive.Read<float>("bias")).Should().Match<DataFormatException>(error => error.Member == "bias.npy");
    }

    [Fact]
    public void Npy_OfMoreElementsThanAnArrayHolds_IsListedAndNotRead()
    {
        var header = Npy("(65536, 65536)", "|i1", []);
        using (var file = File.Create(folder.File("x.npy")))
        {
            file.Write(header);
            file.SetLength(header.Length + (1L << 32));
        }

        var entry = TensorFile.List(folder.File("x.npy")).Single();
        (entry.Rows, entry.Columns, entry.ByteCount).Should().Be((65536, 65536L, 1L << 32));
        Fails(() => TensorFile.ReadMatrix(entry)).Message.Should().Contain("4294967296 elements");
    }

    [Fact]
    public void Checker_OfAllocations_SeesAClaimThatIsBelieved() =>
        Allocated(() => GC.KeepAlive(new byte[16_000_000])).Should().BeGreaterThan(FixedCost, "this is what the tests above must notice");

    private static byte[] Npy(string shape, string type, byte[] data)
    {
        var literal = $"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)literal.Length, 0, .. Encoding.ASCII.GetBytes(literal), .. data];
    }

    private static int NpyLength(string shape) => Npy(shape, "<f8", []).Length;

    private static byte[] Noise(int count)
    {
        var bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private static DataFormatException Fails(Action action) => action.Should().Throw<DataFormatException>().Which;

    private static long Allocated(Action action)
    {
        action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private string Zip(params (string Name, byte[] Content)[] members)
    {
        var path = folder.File("x.npz");
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        foreach (var (name, content) in members)
        {
            using var member = zip.CreateEntry(name, CompressionLevel.Optimal).Open();
            member.Write(content);
        }

        return path;
    }

    /// <summary>Writes another uncompressed size into the first record of the archive's directory (APPNOTE.TXT 4.3.12: at 24).</summary>
    private static void Claim(string path, int size)
    {
        var bytes = File.ReadAllBytes(path);
        var record = bytes.AsSpan().IndexOf("PK\u0001\u0002"u8);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(record + 24), size);
        File.WriteAllBytes(path, bytes);
    }
}
