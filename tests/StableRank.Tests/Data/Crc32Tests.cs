using System.Text;
using StableRank.Data;

namespace StableRank.Tests.Data;

public sealed class Crc32Tests
{
    /// <summary>
    /// The check value of the catalogue of CRCs, and: /usr/bin/python3 -c "import zlib; print(hex(zlib.crc32(bytes(range(256)))))"
    /// </summary>
    [Fact]
    public void Append_OfKnownBytes_IsTheKnownSum()
    {
        Crc32.Append(0, Encoding.ASCII.GetBytes("123456789")).Should().Be(0xCBF43926);
        Crc32.Append(0, [.. Enumerable.Range(0, 256).Select(value => (byte)value)]).Should().Be(0x29058C73);
        Crc32.Append(0, []).Should().Be(0);
    }

    [Fact]
    public void Append_InPieces_IsTheSumOfTheWhole()
    {
        var bytes = new byte[100];
        new Random(1).NextBytes(bytes);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            Crc32.Append(Crc32.Append(0, bytes.AsSpan(0, cut)), bytes.AsSpan(cut)).Should().Be(Crc32.Append(0, bytes));
        }
    }
}
