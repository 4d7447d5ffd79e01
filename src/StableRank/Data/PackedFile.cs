using System.Buffers.Binary;
using System.IO.Compression;

namespace StableRank.Data;

/// <summary>
/// A file that may be packed with gzip (RFC 1952, one member), as one sees from its first two bytes and not from its name. Reading
/// gives the content; at its end the check sum and the length that the file closes with are compared, which GZipStream leaves undone
/// for a file that is cut off or that goes on. Content beyond a limit is a fault too.
/// </summary>
internal sealed class PackedFile : Stream
{
    /// <summary>Deflate's limit: two bits stand for 258 bytes at most.</summary>
    public const long LargestRatio = 1032;

    /// <summary>The check sum and the length, modulo 2^32, of the content.</summary>
    private const int TrailerLength = 8;

    /// <summary>Ten bytes of header and the trailer.</summary>
    private const int LeastLength = 10 + TrailerLength;

    private readonly string path;
    private readonly FileStream file;
    private readonly Stream content;
    private readonly long limit;
    private readonly byte[]? trailer;
    private long position;
    private uint crc;

    private PackedFile(string path, FileStream file, byte[]? trailer, long limit)
    {
        (this.path, this.file, this.trailer, this.limit) = (path, file, trailer, limit);
        content = IsPacked ? new GZipStream(file, CompressionMode.Decompress, leaveOpen: true) : file;
    }

    public bool IsPacked => trailer is not null;

    /// <summary>Bytes of the file as it is.</summary>
    public long FileLength => file.Length;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => position;
        set => throw new NotSupportedException();
    }

    /// <summary>Opens a file, packed or not.</summary>
    /// <param name="path">The file.</param>
    /// <param name="ratioLimit">Content may be so many times as long as the packed file.</param>
    /// <param name="leastLimit">Content may be so long in any case.</param>
    public static PackedFile Open(string path, long ratioLimit = LargestRatio, long leastLimit = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        try
        {
            Span<byte> magic = stackalloc byte[2];
            byte[]? trailer = null;
            if (file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic is [0x1F, 0x8B])
            {
                trailer = ReadTrailer(path, file);
            }

            file.Position = 0;
            return new PackedFile(
                path, file, trailer, trailer is null ? long.MaxValue : Math.Max(leastLimit, checked(file.Length * ratioLimit)));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public override int Read(Span<byte> buffer)
    {
        int read;
        try
        {
            read = content.Read(buffer);
        }
        catch (InvalidDataException fault)
        {
            throw Error($"the compressed data are damaged: {fault.Message}", fault);
        }

        position += read;
        if (position > limit)
        {
            throw Error(
                $"the file of {file.Length} bytes unpacks to more than {limit}; unpack it with gunzip where that is as it should be");
        }

        if (IsPacked)
        {
            crc = Crc32.Append(crc, buffer[..read]);
            if (read == 0 && !buffer.IsEmpty)
            {
                RequireTrailer();
            }
        }

        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            content.Dispose();
            file.Dispose();
        }

        base.Dispose(disposing);
    }

    private static byte[] ReadTrailer(string path, FileStream file)
    {
        if (file.Length < LeastLength)
        {
            throw new DataFormatException($"truncated: {file.Length} bytes; gzip needs {LeastLength} at least", path);
        }

        var trailer = new byte[TrailerLength];
        file.Position = file.Length - TrailerLength;
        file.ReadExactly(trailer);
        return trailer;
    }

    private void RequireTrailer()
    {
        var (sum, length) = (BinaryPrimitives.ReadUInt32LittleEndian(trailer), BinaryPrimitives.ReadUInt32LittleEndian(trailer.AsSpan(4)));
        if (crc != sum || (uint)position != length)
        {
            throw Error(
                $"{position} bytes with the check sum {crc:x8} were unpacked, and the file closes with {length} bytes and {sum:x8}: "
                + "it is damaged or cut off, or other data follow");
        }
    }

    private DataFormatException Error(string problem, Exception? inner = null) => new(problem, path, inner: inner);
}
