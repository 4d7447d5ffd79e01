using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace StableRank.Data;

/// <summary>
/// The header of NumPy's .npy format (NEP 1, and numpy.lib.format): magic, version, the length of a Python dictionary literal, and
/// that literal with the keys descr, fortran_order and shape.
/// </summary>
internal sealed class NpyHeader
{
    /// <summary>An array of numbers needs some hundred bytes; this leaves room for very many dimensions.</summary>
    private const int MaximumLength = 1 << 20;

    private const int MagicLength = 6;

    /// <summary>NumPy aligns the data to this many bytes.</summary>
    private const int Alignment = 64;

    private NpyHeader(string typeName, int[] shape, ArrayLayout? layout, long length)
    {
        (TypeName, Shape, Layout, Length) = (typeName, shape, layout, length);
    }

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>The element type as the file spells it, such as "&lt;f8".</summary>
    public string TypeName { get; }

    public int[] Shape { get; }

    /// <summary>How the numbers lie; null when the elements are not numbers that can be read.</summary>
    public ArrayLayout? Layout { get; }

    /// <summary>Bytes from the magic to the first element.</summary>
    public long Length { get; }

    /// <summary>Reads a header and leaves the source at the first element.</summary>
    /// <param name="source">At its start.</param>
    /// <param name="exact">True when the array must end where the source ends; false when other data may follow.</param>
    /// <exception cref="DataFormatException">Malformed, truncated, or the size of the array is not what the source holds.</exception>
    public static NpyHeader Read(ByteSource source, bool exact)
    {
        var (version, literalLength) = ReadFraming(source);
        var literalStart = source.Position;
        var text = Decode(source, source.ReadBytes(literalLength, "the header"), version, literalStart);
        var (typeName, order, shape) = NpyHeaderParser.Parse(text, acceptLongSuffix: version < 3, Fail);
        if (ParseType(typeName) is not { } type)
        {
            return new NpyHeader(typeName, shape, layout: null, source.Position);
        }

        var layout = ArrayLayout.TryCreate(type.Type, type.BigEndian, order, shape)
            ?? throw source.Error($"the shape ({string.Join(", ", shape)}) needs more than {long.MaxValue} bytes", literalStart);
        source.RequireRemaining(layout.ByteCount, $"an array of shape ({string.Join(", ", shape)}) and type {typeName}");
        if (exact && source.Length - source.Position is { } left && left != layout.ByteCount)
        {
            throw source.Error(
                $"an array of shape ({string.Join(", ", shape)}) and type {typeName} has {layout.ByteCount} bytes, "
                + $"and {left} follow the header");
        }

        return new NpyHeader(typeName, shape, layout, source.Position);

        DataFormatException Fail(string problem, int index) =>
            source.Error(problem, literalStart + Encoding.UTF8.GetByteCount(text.AsSpan(0, index)));
    }

    /// <summary>The layout, or an error that says why there is none.</summary>
    /// <exception cref="DataFormatException">The elements are Python objects, records, text, complex numbers or the like.</exception>
    public ArrayLayout RequireNumbers(ByteSource source)
    {
        if (Layout is not null)
        {
            return Layout;
        }

        var kind = TypeName switch
        {
            ['(' or '[' or '{', ..] => "a structured type",
            [_, 'O', ..] => "Python objects",
            [_, 'c', ..] => "complex numbers",
            [_, 'S' or 'U' or 'a', ..] => "text",
            _ => "a type that is not known",
        };
        throw source.Error(
            $"the elements are {kind} ({TypeName}); known are f2, f4, f8, i1 to i8, u1 to u8 and b1, of either byte order", 0);
    }

    /// <summary>
    /// The header that NumPy would write, in the machine's byte order: version 1, or 2 where it is longer than 65535 bytes.
    /// </summary>
    public static byte[] Build(ElementType type, MemoryOrder order, IReadOnlyList<int> shape)
    {
        var descr = $"{(BitConverter.IsLittleEndian ? '<' : '>')}f{ElementTypes.SizeOf(type)}";
        var dimensions = string.Join(", ", shape.Select(dimension => dimension.ToString(CultureInfo.InvariantCulture)));
        var tuple = shape.Count == 1 ? $"({dimensions},)" : $"({dimensions})";
        var fortran = order == MemoryOrder.ColumnMajor ? "True" : "False";
        var literal = $"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {tuple}, }}";

        var version = Padded(MagicLength + 4) - (MagicLength + 4) <= ushort.MaxValue ? 1 : 2;
        var framing = MagicLength + (version == 1 ? 4 : 6);
        var header = new byte[Padded(framing)];
        Magic.CopyTo(header);
        header[MagicLength] = (byte)version;
        var literalLength = header.Length - framing;
        if (version == 1)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(MagicLength + 2), (ushort)literalLength);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(MagicLength + 2), (uint)literalLength);
        }

        header.AsSpan(framing).Fill((byte)' ');
        Encoding.ASCII.GetBytes(literal, header.AsSpan(framing));
        header[^1] = (byte)'\n';
        return header;

        int Padded(int before) => (before + literal.Length + 1 + Alignment - 1) / Alignment * Alignment;
    }

    private static (int Version, int LiteralLength) ReadFraming(ByteSource source)
    {
        Span<byte> start = stackalloc byte[MagicLength + 2];
        source.ReadExactly(start, "the magic string and version of an .npy file");
        if (!start[..MagicLength].SequenceEqual(Magic))
        {
            throw source.Error(
                $"not an .npy file: it starts with {Convert.ToHexString(start[..MagicLength])}, not with {Convert.ToHexString(Magic)}", 0);
        }

        var (major, minor) = (start[MagicLength], start[MagicLength + 1]);
        if (major is < 1 or > 3 || minor != 0)
        {
            throw source.Error($"version {major}.{minor} of the .npy format; known are 1.0, 2.0 and 3.0", MagicLength);
        }

        Span<byte> length = stackalloc byte[4];
        length.Clear();
        source.ReadExactly(major == 1 ? length[..2] : length, "the length of the header");
        var literal = BinaryPrimitives.ReadUInt32LittleEndian(length);
        source.RequireRemaining(literal, "the header");
        if (literal > MaximumLength)
        {
            throw source.Error($"a header of {literal} bytes; no array of numbers needs more than {MaximumLength}", MagicLength + 2);
        }

        return (major, (int)literal);
    }

    private static string Decode(ByteSource source, byte[] literal, int version, long start)
    {
        if (version < 3)
        {
            var strange = literal.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)127);
            return strange < 0
                ? Encoding.ASCII.GetString(literal)
                : throw source.Error($"byte {literal[strange]:X2} in the header, which is ASCII in version {version}", start + strange);
        }

        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(literal);
        }
        catch (DecoderFallbackException fault)
        {
            throw source.Error("the header is not UTF-8, which it is in version 3", start + Math.Max(0, fault.Index), fault);
        }
    }

    private static (ElementType Type, bool BigEndian)? ParseType(string name)
    {
        if (name.Length != 3 || name[0] is not ('<' or '>' or '|'))
        {
            return null;
        }

        ElementType? type = name[1..] switch
        {
            "b1" => ElementType.Boolean,
            "i1" => ElementType.Int8,
            "i2" => ElementType.Int16,
            "i4" => ElementType.Int32,
            "i8" => ElementType.Int64,
            "u1" => ElementType.UInt8,
            "u2" => ElementType.UInt16,
            "u4" => ElementType.UInt32,
            "u8" => ElementType.UInt64,
            "f2" => ElementType.Float16,
            "f4" => ElementType.Float32,
            "f8" => ElementType.Float64,
            _ => null,
        };

        // Without a byte order the meaning of several bytes is unknown.
        return type is { } known && (name[0] != '|' || ElementTypes.SizeOf(known) == 1) ? (known, name[0] == '>') : null;
    }
}
