using System.Diagnostics;
using StableRank.Data;

namespace StableRank.Tests.Data;

/// <summary>
/// Damages valid files and reads them. A reader may succeed or throw <see cref="DataFormatException"/>; anything else, more memory than
/// a multiple of the file or too long a time is a finding.
/// </summary>
/// <param name="seed">The same seed, the same damage.</param>
/// <param name="path">Where the damaged files are written.</param>
/// <param name="reader">What is tested.</param>
/// <param name="repair">
/// Gets every other damaged file with the number of bytes that it is longer by, and makes good what would keep a reader from looking
/// further.
/// </param>
internal sealed class MutationFuzzer(int seed, string path, Action<string> reader, Action<byte[], int>? repair = null)
{
    /// <summary>Opening a file and throwing exceptions with their stack traces.</summary>
    public const long FixedBytes = 256 * 1024;

    /// <summary>GZipStream's buffers, for each time that a file is opened.</summary>
    public const long GzipBytes = 2 * FixedBytes;

    /// <summary>
    /// One flipped bit makes deflate into Deflate64, whose decoder has a window of 272 kB whatever the size; at most three members are
    /// damaged and each is opened three times.
    /// </summary>
    public const long NpzBytes = FixedBytes + (3 * 3 * 272 * 1024);

    /// <summary>
    /// A byte of the file may become a double (8); it is held as a strip, a piece or an inflated piece and as the whole at once (24),
    /// and a test's reader reads it as array and as matrix (48); the rest is the objects that an archive's directory takes.
    /// </summary>
    public const long BytesPerByte = 64;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly byte[] Disliked = [.. "0123456789(),'{}-L []:;\"\\.eE+#\t\r\n\0"u8, 0xFF];

    private readonly Random random = new(seed);

    /// <summary>How many damaged files were still read.</summary>
    public int Accepted { get; private set; }

    /// <summary>Reads so many damaged forms of the given files and says what was wrong.</summary>
    public List<string> Run(IReadOnlyList<byte[]> valid, int count, long fixedBytes)
    {
        var findings = new List<string>();
        for (var i = 0; i < count; i++)
        {
            var original = valid[i % valid.Count];
            var bytes = Mutate(original);
            if (i / valid.Count % 2 == 0)
            {
                repair?.Invoke(bytes, bytes.Length - original.Length);
            }

            File.WriteAllBytes(path, bytes);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var watch = Stopwatch.StartNew();
            try
            {
                reader(path);
                Accepted++;
            }
            catch (DataFormatException error)
            {
                if (error.File != path || !error.Message.Contains(path, StringComparison.Ordinal) || error.Offset < 0)
                {
                    findings.Add($"{i}: the error does not say where: {error.Message}");
                }
            }
            catch (Exception error)
            {
                findings.Add($"{i}: {error}");
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (allocated > fixedBytes + (BytesPerByte * bytes.Length))
            {
                findings.Add($"{i}: {allocated} bytes allocated for a file of {bytes.Length}");
            }

            if (watch.Elapsed > Patience)
            {
                findings.Add($"{i}: {watch.Elapsed} for a file of {bytes.Length}");
            }
        }

        return findings;
    }

    private byte[] Mutate(byte[] valid)
    {
        var bytes = new List<byte>(valid);
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(6))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 2:
                    bytes.InsertRange(at, Noise(random.Next(1, 9)));
                    break;
                case 3:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                    break;
                case 4 when at < bytes.Count:
                    // What parsers dislike: digits, brackets, quotes, all ones and all zeros.
                    bytes[at] = Disliked[random.Next(Disliked.Length)];
                    break;
                case 5:
                    for (var i = at; i < Math.Min(at + 8, bytes.Count); i++)
                    {
                        bytes[i] = random.Next(2) == 0 ? (byte)0xFF : (byte)'9';
                    }

                    break;
            }
        }

        return [.. bytes];
    }

    private byte[] Noise(int count)
    {
        var noise = new byte[count];
        random.NextBytes(noise);
        return noise;
    }
}
