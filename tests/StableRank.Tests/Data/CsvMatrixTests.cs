using System.IO.Compression;
using System.Text;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Tests.Support;

namespace StableRank.Tests.Data;

public sealed class CsvMatrixTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("matrix.csv")]
    [InlineData("header.csv")]
    [InlineData("comment.csv")]
    [InlineData("packed.csv.gz")]
    public void Fixture_OfEveryManner_IsTheMatrix(string name)
    {
        var entry = TensorFile.List(SampleArrays.Fixture(name)).Should().ContainSingle().Which;

        entry.ToString().Should().Be($"{name.Split('.')[0]} (3, 4) text");
        (entry.ElementType, entry.ByteCount).Should().Be((ElementType.Float64, 96L));
        TensorFile.ReadMatrix(entry).Should().Be(SampleArrays.Matrix<double>(3, 4));
        TensorFile.ReadMatrix<float>(entry).Should().Be(SampleArrays.Matrix<float>(3, 4));
    }

    [Fact]
    public void Fixture_OfSpecialValues_IsReadToTheLastBit() =>
        CsvMatrix.Read<double>(SampleArrays.Fixture("special.csv")).ToRowMajorArray().Select(BitConverter.DoubleToInt64Bits).Should().Equal(
            new[]
            {
                double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.NaN, double.PositiveInfinity, -0.0, double.Epsilon,
                double.MaxValue, 0.1,
            }.Select(BitConverter.DoubleToInt64Bits));

    [Theory]
    [InlineData("1,2\n3,4\n", 2, 2)]
    [InlineData("1,2\r\n3,4", 2, 2)]
    [InlineData("\n\n1,2\n\n3,4\n\n", 2, 2)]
    [InlineData("# a;b\n1,2\n#\n3,4\n", 2, 2)]
    [InlineData("a,b\n1,2\n3,4\n", 2, 2)]
    [InlineData("\"x,1\",\"y;2\tz\"\n1,2\n3,4\n", 2, 2)]
    [InlineData("\"1\",\"2\"\n\"3\",4\n", 2, 2)]
    [InlineData("1;2\n3;4\n", 2, 2)]
    [InlineData("1\t2\n3\t4\n", 2, 2)]
    [InlineData("a,b\t\"c;d\"\n1\t2\n3\t4\n", 2, 2)]
    [InlineData(" 1 , +2\n3e0,.4e1\n", 2, 2)]
    [InlineData("\uFEFF1,2\n3,4\n", 2, 2)]
    [InlineData("\uFEFF# no\n1;2\n3;4\n", 2, 2)]
    [InlineData("1,2,3,4", 1, 4)]
    [InlineData("1\n2\n3\n4", 4, 1)]
    [InlineData("name\n1\n2\n3\n4", 4, 1)]
    public void Text_OfTheNumbersOneToFour_IsTheirMatrix(string text, int rows, int columns)
    {
        var path = Write(text);
        var matrix = CsvMatrix.Read<double>(path);

        (matrix.RowCount, matrix.ColumnCount).Should().Be((rows, columns));
        matrix.ToRowMajorArray().Should().Equal(1, 2, 3, 4);
        TensorFile.List(path).Single().Shape.Should().Equal(rows, columns);
    }

    [Fact]
    public void Text_OfUtf16_IsReadByItsByteOrderMark()
    {
        foreach (var encoding in new Encoding[] { Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            File.WriteAllText(folder.File("x.csv"), "a;ü\n1;2\n3;4\n", encoding);
            CsvMatrix.Read<double>(folder.File("x.csv")).ToRowMajorArray().Should().Equal(1, 2, 3, 4);
        }
    }

    [Theory]
    [InlineData("1,2\n3\n", "line 2: 1 fields, and 2 in the first")]
    [InlineData("a,b\n\n1,2,3\n", "line 3: 3 fields, and 2 in the first")]
    [InlineData("1,2\n3,x\n", "line 2: column 2 holds 'x'")]
    [InlineData("1,2\n3,\n", "line 2: column 2 holds nothing")]
    [InlineData("1,x\n3,4\n", "line 1: column 2 holds 'x'*'1' in column 1")]
    [InlineData("a,b\nc,d\n", "line 2: column 1 holds 'c'")]
    [InlineData("1.5;2,5\n", "line 1: column 2 holds '2,5'")]
    [InlineData("1,2\n3,1e999\n", "line 2: column 2 holds '1e999'*beyond the range of double")]
    [InlineData("1,2\n3,0x10\n", "column 2 holds '0x10'")]
    [InlineData("1,2\n3,1_000\n", "column 2 holds '1_000'")]
    [InlineData("1,2\n3,4\0\n", "column 2 holds")]
    [InlineData("1,2\n3,\"4\n", "line 2*malformed")]
    [InlineData("1,2\n3,4\"\n", "line 2*malformed")]
    [InlineData("1,2\n3,\"4\"5\n", "line 2*malformed")]
    [InlineData("", "no row")]
    [InlineData("\n\n# nothing\n", "no row")]
    [InlineData("a,b\n", "no row")]
    public void Text_ThatIsNoMatrix_IsRefusedByLineAndColumn(string text, string problem) =>
        FluentActions.Invoking(() => CsvMatrix.Read<double>(Write(text))).Should().Throw<DataFormatException>()
            .WithMessage($"{folder.File("x.csv")}*{problem}*");

    [Fact]
    public void Listing_OfRaggedLines_FailsToo() =>
        FluentActions.Invoking(() => TensorFile.List(Write("1,2\n3\n"))).Should().Throw<DataFormatException>().WithMessage("*line 2*");

    [Fact]
    public void NumberBeyondSingle_IsRefusedForSingleOnly()
    {
        var path = Write("1,1e300\n");

        CsvMatrix.Read<double>(path)[0, 1].Should().Be(1e300);
        FluentActions.Invoking(() => CsvMatrix.Read<float>(path)).Should().Throw<DataFormatException>().WithMessage("*1e300*single*");
    }

    [Fact]
    public void Single_IsRoundedOnceFromTheText()
    {
        // Just above the middle of 1 and 1 + 2^-23, by less than double precision sees.
        CsvMatrix.Read<float>(Write("1.00000005960464477539062500001"))[0, 0].Should().Be(1 + MathF.ScaleB(1, -23));
    }

    [Theory]
    [InlineData(CsvDelimiter.Comma, "x.csv", true)]
    [InlineData(CsvDelimiter.Semicolon, "x.csv", false)]
    [InlineData(CsvDelimiter.Tab, "x.csv.gz", true)]
    public void WrittenMatrix_OfHardNumbers_ComesBackToTheLastBit(CsvDelimiter delimiter, string name, bool withNames)
    {
        var random = new Random(11);
        var path = folder.File(name);
        var doubles = Matrix<double>.Build.Dense(
            300, 7, (_, _) => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)));
        var singles = Matrix<float>.Build.Dense(300, 7, (_, _) => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)));
        (doubles[0, 0], doubles[1, 1], doubles[2, 2]) = (-0.0, double.PositiveInfinity, double.NegativeInfinity);
        string[]? names = withNames ? ["a", "b;c", "d\te", "f,g", "\"h\"", "#i", ""] : null;

        CsvMatrix.Write(path, doubles, names, delimiter);
        Same(CsvMatrix.Read<double>(path).ToRowMajorArray(), doubles.ToRowMajorArray());
        CsvMatrix.Write(path, singles.Transpose().Transpose(), names, delimiter);
        Same(CsvMatrix.Read<float>(path).ToRowMajorArray(), singles.ToRowMajorArray());
        using var file = File.OpenRead(path);
        file.ReadByte().Should().Match(first => first == 0x1F == (name == "x.csv.gz"), "only a name that ends in .gz is packed");

        static void Same<T>(T[] read, T[] written)
            where T : struct, System.Numerics.IBinaryFloatingPointIeee754<T>
        {
            read.Length.Should().Be(written.Length);
            for (var i = 0; i < read.Length; i++)
            {
                (T.IsNaN(read[i]) ? T.IsNaN(written[i]) : read[i] == written[i] && T.IsNegative(read[i]) == T.IsNegative(written[i]))
                    .Should().BeTrue($"{written[i]} at {i} came back as {read[i]}");
            }
        }
    }

    [Fact]
    public void Write_OfWhatWouldNotComeBack_Throws()
    {
        var matrix = SampleArrays.Matrix<double>(2, 2);
        var path = folder.File("x.csv");
        FluentActions.Invoking(() => CsvMatrix.Write(path, SampleArrays.Matrix<double>(0, 2))).Should().Throw<ArgumentException>();
        (string[] Names, string Problem)[] cases =
            [(["a"], "1 names for 2"), (["a", "1"], "'1'"), (["a", "nan"], "'nan'"), (["a", "b\nc"], "line break")];
        foreach (var (names, problem) in cases)
        {
            FluentActions.Invoking(() => CsvMatrix.Write(path, matrix, names))
                .Should().Throw<ArgumentException>().WithMessage($"*{problem}*");
        }

        FluentActions.Invoking(() => CsvMatrix.Write(path, matrix, null, (CsvDelimiter)7)).Should().Throw<ArgumentException>();
        Directory.GetFiles(folder.Path).Should().BeEmpty();
    }

    [Fact]
    public void PackedFile_CutAnywhere_IsRefused()
    {
        var bytes = File.ReadAllBytes(SampleArrays.Fixture("packed.csv.gz"));
        for (var length = 0; length < bytes.Length; length++)
        {
            File.WriteAllBytes(folder.File("x.csv.gz"), bytes[..length]);
            FluentActions.Invoking(() => CsvMatrix.Read<double>(folder.File("x.csv.gz")))
                .Should().Throw<DataFormatException>($"{length} of {bytes.Length} bytes are no file");
        }
    }

    [Fact]
    public void PackedFile_WithMoreAfterItsEnd_IsRefused()
    {
        var bytes = File.ReadAllBytes(SampleArrays.Fixture("packed.csv.gz"));
        File.WriteAllBytes(folder.File("x.csv.gz"), [.. bytes, 1, 2, 3]);

        FluentActions.Invoking(() => CsvMatrix.Read<double>(folder.File("x.csv.gz"))).Should().Throw<DataFormatException>();
    }

    [Fact]
    public void PackedFile_OfTwoMembers_IsRefused()
    {
        File.WriteAllBytes(folder.File("x.csv.gz"), [.. Packed("1,2\n"u8), .. Packed("3,4\n"u8)]);

        FluentActions.Invoking(() => CsvMatrix.Read<double>(folder.File("x.csv.gz")))
            .Should().Throw<DataFormatException>().WithMessage("*other data follow*");
    }

    [Fact]
    public void Bomb_OfPackedText_IsRefusedInBoundedMemory()
    {
        var lines = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("0\n", 500_000)));
        using (var packed = new GZipStream(File.Create(folder.File("x.csv.gz")), CompressionLevel.SmallestSize))
        {
            for (var i = 0; i < 100; i++)
            {
                packed.Write(lines);
            }
        }

        new FileInfo(folder.File("x.csv.gz")).Length.Should().BeLessThan(200_000, "100 MB are in it");
        var before = GC.GetAllocatedBytesForCurrentThread();
        FluentActions.Invoking(() => CsvMatrix.Read<double>(folder.File("x.csv.gz")))
            .Should().Throw<DataFormatException>().WithMessage("*unpacks to more than*");

        // A number has two bytes of text here and eight in memory, thirty-two over all the doublings of a list and the copy.
        var text = Math.Max(1L << 24, 128 * new FileInfo(folder.File("x.csv.gz")).Length);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan((16 * text) + (1 << 20));
    }

    [Fact]
    public void SparseMatrix_PackedBelowTheLimit_IsReadAllTheSame()
    {
        CsvMatrix.Write(folder.File("x.csv.gz"), Matrix<double>.Build.Dense(1000, 1000));
        (2_000_000 / new FileInfo(folder.File("x.csv.gz")).Length).Should().BeGreaterThan(128);

        CsvMatrix.Read<double>(folder.File("x.csv.gz")).L2Norm().Should().Be(0);
    }

    private static byte[] Packed(ReadOnlySpan<byte> content)
    {
        using var stream = new MemoryStream();
        using (var packed = new GZipStream(stream, CompressionLevel.Optimal))
        {
            packed.Write(content);
        }

        return stream.ToArray();
    }

    private string Write(string text)
    {
        File.WriteAllText(folder.File("x.csv"), text);
        return folder.File("x.csv");
    }
}
