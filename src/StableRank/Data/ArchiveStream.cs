namespace StableRank.Data;

/// <summary>
/// An archive's file as the zip reader sees it. Offsets that the archive claims and the file does not have are faults of the content, which
/// the operating system would report as if the disk had failed.
/// </summary>
internal sealed class ArchiveStream(FileStream file) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => file.Length;

    public override long Position
    {
        get => file.Position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override int Read(byte[] buffer, int offset, int count) => file.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => file.Read(buffer);

    public override long Seek(long offset, SeekOrigin origin)
    {
        var start = origin switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => file.Position,
            _ => file.Length,
        };
        if (offset < -start || offset > file.Length - start)
        {
            throw new InvalidDataException($"it points to offset {(Int128)start + offset} of {file.Length}");
        }

        return file.Seek(offset, origin);
    }

    public override void Flush() => file.Flush();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
        }

        base.Dispose(disposing);
    }
}
