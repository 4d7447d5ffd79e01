using StableRank.Data;
using StableRank.Tests.Support;

namespace StableRank.Tests.Data;

public sealed class MutationFuzzTests : IDisposable
{
    /// <summary>For longer runs: STABLERANK_FUZZ=100000.</summary>
    private static readonly int Count =
        int.TryParse(Environment.GetEnvironmentVariable("STABLERANK_FUZZ"), out var count) ? count : 3000;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Npy_DamagedAnyhow_IsReadOrRefused()
    {
        var fuzzer = new MutationFuzzer(seed: 1, folder.File("x.npy"), ReadEverything);

        fuzzer.Run(Fixtures("*.npy"), Count, MutationFuzzer.NpyBytes).Should().BeEmpty();

        fuzzer.Accepted.Should().BeInRange(Count / 100, Count / 2, "damage to the numbers goes unseen, damage to the header does not");
    }

    [Fact]
    public void Npz_DamagedAnyhow_IsReadOrRefused()
    {
        var fuzzer = new MutationFuzzer(seed: 2, folder.File("x.npz"), ReadEverything);

        fuzzer.Run(Fixtures("*.npz"), Count, MutationFuzzer.NpzBytes).Should().BeEmpty();

        fuzzer.Accepted.Should().BeInRange(Count / 100, Count / 2, "damage to dates and the like goes unseen, damage to numbers does not");
    }

    [Fact]
    public void Fuzzer_OverAReaderThatTrustsAByte_FindsIt()
    {
        // The planted reader indexes with a byte of the file.
        var fuzzer = new MutationFuzzer(seed: 3, folder.File("x.npy"), path =>
        {
            var bytes = File.ReadAllBytes(path);
            GC.KeepAlive(bytes[bytes[8]]);
        });

        fuzzer.Run(Fixtures("matrix_*.npy"), 300, MutationFuzzer.NpyBytes)
            .Should().Contain(finding => finding.Contains(nameof(IndexOutOfRangeException)));
    }

    [Fact]
    public void Fuzzer_OverAReaderThatTrustsASize_FindsIt()
    {
        // The planted reader allocates what two bytes claim, a thousandfold.
        var fuzzer = new MutationFuzzer(seed: 4, folder.File("x.npy"), path =>
        {
            var bytes = File.ReadAllBytes(path);
            GC.KeepAlive(new byte[bytes.Length < 10 ? 0 : 1000 * BitConverter.ToUInt16(bytes, 8)]);
        });

        fuzzer.Run(Fixtures("matrix_*.npy"), 300, MutationFuzzer.NpyBytes).Should().Contain(finding => finding.Contains("bytes allocated"));
    }

    private static void ReadEverything(string path)
    {
        foreach (var entry in TensorFile.List(path))
        {
            TensorFile.ReadMatrix<double>(entry);
        }

        if (path.EndsWith(".npy", StringComparison.Ordinal))
        {
            NpyArray.Read<float>(path);
            return;
        }

        using var archive = Npz.Open(path);
        foreach (var name in archive.Names)
        {
            archive.Read<float>(name);
        }
    }

    private static List<byte[]> Fixtures(string pattern) =>
        [.. Directory.GetFiles(Path.GetDirectoryName(SampleArrays.Fixture("x"))!, pattern)
            .Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
}
