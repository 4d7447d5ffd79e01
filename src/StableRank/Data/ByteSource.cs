namespace StableRank.Data;

/// <summary>
/// The bytes of a file or of an archive's member, read forward once. It knows where it is, so that every error names file,
/// member and offset; and it separates the length that is there from the length that is only claimed.
/// </summary>
internal sealed class ByteSource
{
    /// <summary>What is taken on trust when only a claim is known: memory grows from here with the bytes that really arrive.</summary>
    private const int FirstGrowth = 4096;

    private readonly Stream stream;
    private readonly uint? expectedCrc;
    private uint crc;

    /// <summary>Reads on from where the stream stands.</summary>
    /// <param name="stream">What is read; stays open.</param>
    /// <param name="file">Name in errors.</param>
    /// <param name="member">Name of the member in errors, if any.</param>
    /// <param name="length">The offset where it ends: measured or claimed; null when unknown.</param>
    /// <param name="lengthIsMeasured">True when so many bytes are known to exist, and memory may be allocated for them.</param>
    /// <param name="expectedCrc">CRC-32 of all the bytes, checked by <see cref="RequireEnd"/>.</param>
    /// <param name="start">The offset where the stream stands, where it is not 0.</param>
    public ByteSource(
        Stream stream, string file, string? member, long? length, bool lengthIsMeasured, uint? expectedCrc = null, long start = 0)
    {
        this.stream = stream;
        this.expectedCrc = expectedCrc;
        Position = start;
        File = file;
        Member = member;
        Length = length;
        LengthIsMeasured = lengthIsMeasured && length is not null;
    }

    public string File { get; }

    public string? Member { get; }

    public long? Length { get; }

    public bool LengthIsMeasured { get; }

    /// <summary>The offset of the next byte.</summary>
    public long Position { get; private set; }

    /// <summary>The source of a stream that a caller gave, from where it stands to its end.</summary>
    public static ByteSource Of(Stream stream, string name)
    {
        long? length = stream.CanSeek ? Math.Max(0, stream.Length - stream.Position) : null;
        return new ByteSource(stream, name, member: null, length, lengthIsMeasured: true);
    }

    /// <summary>Fills the span.</summary>
    /// <param name="destination">The bytes.</param>
    /// <param name="what">What is being read, for the error.</param>
    /// <exception cref="DataFormatException">The source ends before.</exception>
    public void ReadExactly(Span<byte> destination, string what)
    {
        var start = Position;
        var done = 0;
        while (done < destination.Length)
        {
            var read = ReadSome(destination[done..]);
            if (read == 0)
            {
                throw Error($"truncated: {what} needs {destination.Length} bytes from offset {start}, "
                    + $"and the data end after {done} of them");
            }

            done += read;
        }
    }

    /// <summary>Reads so many bytes into an array that is never larger than twice what is really there.</summary>
    public byte[] ReadBytes(int count, string what)
    {
        RequireRemaining(count, what);
        var bytes = new byte[LengthIsMeasured ? count : Math.Min(count, FirstGrowth)];
        var done = 0;
        while (true)
        {
            ReadExactly(bytes.AsSpan(done), what);
            done = bytes.Length;
            if (done == count)
            {
                return bytes;
            }

            Array.Resize(ref bytes, (int)Math.Min(count, 2L * done));
        }
    }

    /// <summary>Refuses a claim that goes beyond the end, before anything is allocated for it.</summary>
    public void RequireRemaining(long count, string what)
    {
        if (Length - Position < count)
        {
            throw Error($"truncated: {what} needs {count} bytes, and {Length - Position} are left");
        }
    }

    /// <summary>Requires that nothing follows and that the check sum, where there is one, is right.</summary>
    public void RequireEnd()
    {
        var read = ReadSome(stackalloc byte[1]);
        if (read != 0)
        {
            throw Error($"the array ends at offset {Position - read}, and more bytes follow", Position - read);
        }

        if (expectedCrc is { } expected && crc != expected)
        {
            throw Error($"the check sum of the data is {crc:x8}, the archive says {expected:x8}");
        }
    }

    /// <summary>An error at an offset of this source, by default at the present position.</summary>
    public DataFormatException Error(string problem, long? offset = null, Exception? inner = null) =>
        new(problem, File, Member, offset ?? Position, inner);

    private int ReadSome(Span<byte> destination)
    {
        int read;
        try
        {
            read = stream.Read(destination);
        }
        catch (InvalidDataException fault)
        {
            throw Error($"the compressed data are damaged: {fault.Message}", inner: fault);
        }

        if (expectedCrc is not null)
        {
            crc = Crc32.Append(crc, destination[..read]);
        }

        Position += read;
        return read;
    }
}
