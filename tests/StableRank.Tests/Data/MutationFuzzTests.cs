using System.Buffers.Binary;
using StableRank.Data;
using StableRank.Tests.Support;

namespace StableRank.Tests.Data;

public sealed class MutationFuzzTests : IDisposable
{
    /// <summary>Damaged files over all kinds together; for longer runs STABLERANK_FUZZ=1000000.</summary>
    private static readonly int Total =
        int.TryParse(Environment.GetEnvironmentVariable("STABLERANK_FUZZ"), out var count) ? count : 100_000;

    private readonly TemporaryFolder folder = new(inMemory: true);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Npy_DamagedAnyhow_IsReadOrRefused() => Fuzz(1, "x.npy", "*.npy", percent: 20, MutationFuzzer.FixedBytes);

    [Fact]
    public void Npz_DamagedAnyhow_IsReadOrRefused() => Fuzz(2, "x.npz", "*.npz", percent: 12, MutationFuzzer.NpzBytes);

    [Fact]
    public void Safetensors_DamagedAnyhow_IsReadOrRefused() =>
        Fuzz(5, "x.safetensors", ["*.safetensors"], percent: 24, MutationFuzzer.FixedBytes, MoveHeaderLength);

    [Fact]
    public void ShardIndex_DamagedAnyhow_IsReadOrRefused()
    {
        foreach (var shard in Directory.GetFiles(SampleArrays.FixtureFolder, "model-*.safetensors"))
        {
            File.Copy(shard, folder.File(Path.GetFileName(shard)));
        }

        Fuzz(6, "x.safetensors.index.json", "*.safetensors.index.json", percent: 8, MutationFuzzer.FixedBytes);
    }

    [Fact]
    public void Csv_DamagedAnyhow_IsReadOrRefused() => Fuzz(7, "x.csv", "*.csv", percent: 14, MutationFuzzer.FixedBytes);

    [Fact]
    public void PackedCsv_DamagedAnyhow_IsReadOrRefused() => Fuzz(8, "x.csv.gz", "*.csv.gz", percent: 4, MutationFuzzer.GzipBytes);

    [Fact]
    public void Idx_DamagedAnyhow_IsReadOrRefused() => Fuzz(9, "x.idx", ["*.idx", "*-ubyte"], percent: 14, MutationFuzzer.FixedBytes);

    [Fact]
    public void PackedIdx_DamagedAnyhow_IsReadOrRefused() => Fuzz(10, "x.idx.gz", "*-ubyte.gz", percent: 4, MutationFuzzer.GzipBytes);

    [Fact]
    public void Fuzzer_OverAReaderThatTrustsAByte_FindsIt()
    {
        // The planted reader indexes with a byte of the file.
        var fuzzer = new MutationFuzzer(seed: 3, folder.File("x.npy"), path =>
        {
            var bytes = File.ReadAllBytes(path);
            GC.KeepAlive(bytes[bytes[8]]);
        });

        fuzzer.Run(Fixtures("matrix_*.npy"), 300, MutationFuzzer.FixedBytes)
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

        fuzzer.Run(Fixtures("matrix_*.npy"), 300, MutationFuzzer.FixedBytes)
            .Should().Contain(finding => finding.Contains("bytes allocated"));
    }

    private void Fuzz(int seed, string name, string fixtures, int percent, long fixedBytes) =>
        Fuzz(seed, name, [fixtures], percent, fixedBytes);

    private void Fuzz(
        int seed, string name, string[] fixtures, int percent, long fixedBytes, Action<byte[], int>? repair = null)
    {
        var count = Total / 100 * percent;
        var fuzzer = new MutationFuzzer(seed, folder.File(name), ReadEverything, repair);

        fuzzer.Run(Fixtures(fixtures), count, fixedBytes).Should().BeEmpty();

        fuzzer.Accepted.Should().BeInRange(
            count / 500, count * 4 / 5, "damage to numbers may go unseen, damage to headers and packed data does not");
    }

    /// <summary>
    /// As if all that was inserted or removed had been in the header: else most damage ends at a brace that is not there.
    /// </summary>
    private static void MoveHeaderLength(byte[] bytes, int longer)
    {
        if (bytes.Length >= sizeof(long))
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, BinaryPrimitives.ReadInt64LittleEndian(bytes) + longer);
        }
    }

    /// <summary>Once as the tool does, in double precision, and once by the kind's own reader, in single.</summary>
    private static void ReadEverything(string path)
    {
        foreach (var entry in TensorFile.List(path))
        {
            TensorFile.ReadMatrix<double>(entry);
        }

        switch (Path.GetExtension(path))
        {
            case ".npy":
                NpyArray.Read<float>(path);
                break;
            case ".npz":
                using (var archive = Npz.Open(path))
                {
                    foreach (var name in archive.Names)
                    {
                        archive.Read<float>(name);
                    }
                }

                break;
            case ".safetensors":
                var file = Safetensors.Open(path);
                foreach (var name in file.Names)
                {
                    file.Read<float>(name);
                }

                break;
            case ".csv":
                CsvMatrix.Read<float>(path);
                break;
            case ".idx":
                IdxArray.Read<float>(path);
                break;
        }
    }

    private static List<byte[]> Fixtures(params string[] patterns) =>
        [.. patterns.SelectMany(pattern => Directory.GetFiles(SampleArrays.FixtureFolder, pattern))
            .Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
}
