using System.Buffers.Binary;

namespace StableRank.Data;

/// <summary>The check sum of zip members: CRC-32 of ISO 3309, reflected polynomial EDB88320, eight bytes a step.</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320;
    private const int Lanes = 8;
    private static readonly uint[] Tables = BuildTables();

    /// <summary>The check sum of what <paramref name="crc"/> covers followed by <paramref name="bytes"/>; start from 0.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<uint> t = Tables;
        var state = ~crc;
        while (bytes.Length >= Lanes)
        {
            var low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ state;
            var high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            state = t[(7 << 8) | (byte)low] ^ t[(6 << 8) | (byte)(low >> 8)]
                ^ t[(5 << 8) | (byte)(low >> 16)] ^ t[(4 << 8) | (int)(low >> 24)]
                ^ t[(3 << 8) | (byte)high] ^ t[(2 << 8) | (byte)(high >> 8)]
                ^ t[(1 << 8) | (byte)(high >> 16)] ^ t[(int)(high >> 24)];
            bytes = bytes[Lanes..];
        }

        foreach (var value in bytes)
        {
            state = (state >> 8) ^ t[(byte)(state ^ value)];
        }

        return ~state;
    }

    /// <summary>Table k (256 entries from 256 k) holds the effect of a byte that is followed by k zero bytes.</summary>
    private static uint[] BuildTables()
    {
        var tables = new uint[Lanes * 256];
        for (var i = 0; i < 256; i++)
        {
            var value = (uint)i;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value & 1) == 0 ? value >> 1 : (value >> 1) ^ Polynomial;
            }

            tables[i] = value;
        }

        for (var i = 256; i < tables.Length; i++)
        {
            var before = tables[i - 256];
            tables[i] = (before >> 8) ^ tables[(byte)before];
        }

        return tables;
    }
}
