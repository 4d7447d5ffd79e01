using System.Buffers.Binary;
using System.Text;
using StableRank.Data;

namespace StableRank.Tests.Data;

/// <summary>What the header may look like, and what it may not.</summary>
public sealed class NpyHeaderTests
{
    private const string Usual = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }";

    [Theory]
    [InlineData(Usual)]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }                \n")]
    [InlineData("{\"descr\":\"<f8\",\"fortran_order\":False,\"shape\":(2,3)}")]
    [InlineData("{'shape': (2, 3), 'fortran_order': False, 'descr': '<f8'}")]
    [InlineData("  { 'shape' : ( 2 , 3 , ) , 'descr' : '<f8' , 'fortran_order' : False }\n")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2L, 3L), }")]
    public void Header_AsNumPyWritesIt_IsRead(string literal) =>
        Read(File(literal, 48)).Shape.Should().Equal(2, 3);

    [Theory]
    [InlineData("()", 8)]
    [InlineData("(1,)", 8)]
    [InlineData("(0, 5)", 0)]
    [InlineData("(2, 1, 3)", 48)]
    public void Shape_OfEveryLength_IsRead(string shape, int bytes) =>
        Read(File(Usual.Replace("(2, 3)", shape), bytes)).Shape.Count.Should().Be(shape.Count(char.IsAsciiDigit));

    [Theory]
    [InlineData("", "the header ends")]
    [InlineData("{", "the header ends")]
    [InlineData("{}", "no key 'descr'")]
    [InlineData("[]", "'[' where {")]
    [InlineData("{'descr': '<f8', 'fortran_order': False}", "no key 'shape'")]
    [InlineData("{'descr': '<f8', 'shape': (2, 3)}", "no key 'fortran_order'")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), 'descr': '<f4'}", "'descr' appears twice")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), 'shape': (2, 3)}", "'shape' appears twice")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), 'more': 1}", "the key 'more'")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)} x", "'x' after the end")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)", "the header ends where ,")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3", "the header ends where ,")]
    [InlineData("{'descr': '<f8', 'fortran_order': False,, 'shape': (2, 3)}", "',' where a quoted string")]
    [InlineData("{'descr': '<f8' 'fortran_order': False, 'shape': (2, 3)}", "''' where ,")]
    [InlineData("{'descr' '<f8', 'fortran_order': False, 'shape': (2, 3)}", "''' where :")]
    [InlineData("{'descr': '<f8, 'fortran_order': False, 'shape': (2, 3)}", "'f' where ,")]
    [InlineData("{'descr': '<f8", "does not end")]
    [InlineData("{'descr': '<f8\\", "does not end")]
    [InlineData("{'descr': 8, 'fortran_order': False, 'shape': (2, 3)}", "neither a name nor a list")]
    [InlineData("{'descr': '<f8', 'fortran_order': 0, 'shape': (2, 3)}", "neither True nor False")]
    [InlineData("{'descr': '<f8', 'fortran_order': 'False', 'shape': (2, 3)}", "neither True nor False")]
    [InlineData("{'descr': '<f8', 'fortran_order': Falsey, 'shape': (2, 3)}", "neither True nor False")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': [2, 3]}", "'[' where (")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': 6}", "'6' where (")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (6)}", "not a tuple")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (,)}", "',' where an integer")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (-2, 3)}", "negative dimension -2")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2.0, 3)}", "'.' where ,")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2e0, 3)}", "'e' where ,")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (02, 3)}", "'0' where an integer")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (0x2, 3)}", "'x' where ,")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2147483648,)}", "beyond 2147483647")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999999999,)}", "beyond 2147483647")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2147483647, 2147483647, 2147483647)}", "needs more than")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (0, 2147483647, 2147483647, 2147483647)}", "needs more than")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2147483647, 2147483647)}", "needs more than")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (65536, 65536)}", "truncated")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 3)}", "truncated")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2)}", "has 32 bytes, and 48 follow")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", "has 24 bytes, and 48 follow")]
    [InlineData("{'descr': '=f8', 'fortran_order': False, 'shape': (2, 3)}", "not known (=f8)")]
    [InlineData("{'descr': '|f8', 'fortran_order': False, 'shape': (2, 3)}", "not known (|f8)")]
    [InlineData("{'descr': '<f16', 'fortran_order': False, 'shape': (2, 3)}", "not known (<f16)")]
    [InlineData("{'descr': '<b2', 'fortran_order': False, 'shape': (2, 3)}", "not known (<b2)")]
    [InlineData("{'descr': '', 'fortran_order': False, 'shape': (2, 3)}", "not known ()")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2, 3)}", "Python objects")]
    [InlineData("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2, 3)}", "structured type")]
    [InlineData("{'descr': [('a', '<f8'], 'fortran_order': False, 'shape': (2, 3)}", "']' where ,")]
    [InlineData("{'descr': __import__('os').abort(), 'fortran_order': False, 'shape': (2, 3)}", "where a value was expected")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)}\0", "U+0000")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)\0}", "U+0000")]
    [InlineData("{'descr': '<f8\0", "does not end")]
    public void Header_OfAnyOtherForm_IsAnErrorThatSaysWhere(string literal, string problem)
    {
        var error = Fails(File(literal, 48));
        error.Message.Should().Contain(problem).And.StartWith("given, offset ");
        error.Offset.Should().BeInRange(0, 10 + literal.Length + 48);
    }

    [Fact]
    public void Header_ThatNestsWithoutEnd_IsAnError() =>
        Fails(File("{'descr': " + new string('[', 60000), 0)).Message.Should().Contain("nests more than");

    [Fact]
    public void Offset_OfAFault_PointsAtIt() =>
        Fails(File("{'descr': '<f8', 'fortran_order': False, 'shape': (2, -3)}", 48)).Offset
            .Should().Be(10 + "{'descr': '<f8', 'fortran_order': False, 'shape': (2, ".Length);

    [Fact]
    public void Magic_WrongOrTruncated_IsAnErrorAtTheStart()
    {
        Fails([]).Message.Should().Contain("truncated");
        Fails([0x93, (byte)'N', (byte)'U']).Message.Should().Contain("truncated");
        Fails(Encoding.ASCII.GetBytes("PK\u0003\u0004 is a zip archive")).Should().Match<DataFormatException>(
            error => error.Offset == 0 && error.Message.Contains("504B03042069"));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(4, 0)]
    [InlineData(1, 1)]
    [InlineData(255, 255)]
    public void Version_ThatIsUnknown_IsAnErrorAtByteSix(byte major, byte minor)
    {
        var file = File(Usual, 48);
        (file[6], file[7]) = (major, minor);

        Fails(file).Should().Match<DataFormatException>(error => error.Offset == 6 && error.Message.Contains($"version {major}.{minor}"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void HeaderLength_BeyondTheFile_IsAnError(int version)
    {
        var file = File(Usual, 48, version);
        file.AsSpan(8, version == 1 ? 2 : 4).Fill(0xFF);

        Fails(file).Message.Should().Contain("truncated").And.Contain(version == 1 ? "65535" : "4294967295");
        Fails(file, seekable: false).Should().NotBeNull();
    }

    [Fact]
    public void HeaderLength_ThatNoArrayNeeds_IsAnErrorEvenWhereTheFileHasIt() =>
        Fails(File(Usual + new string(' ', 1 << 21), 48, version: 2)).Message.Should().Contain("no array of numbers needs more");

    [Fact]
    public void Header_WithForeignBytes_IsAnErrorAtThem()
    {
        var file = File(Usual, 48);
        file[10 + 4] = 0xE9;
        Fails(file).Should().Match<DataFormatException>(error => error.Offset == 14 && error.Message.Contains("E9"));

        var utf8 = File(Usual, 48, version: 3);
        utf8[12 + 4] = 0xE9;
        Fails(utf8).Should().Match<DataFormatException>(error => error.Offset == 16 && error.Message.Contains("UTF-8"));
    }

    [Fact]
    public void Header_OfVersionThree_MayHoldUtf8InFieldNames() =>
        Fails(File("{'descr': [('größe', '<f8')], 'fortran_order': False, 'shape': (6,)}", 48, version: 3))
            .Message.Should().Contain("structured");

    [Fact]
    public void LongSuffix_InVersionThree_IsAnError() =>
        Fails(File("{'descr': '<f8', 'fortran_order': False, 'shape': (2L, 3L)}", 48, version: 3)).Message.Should().Contain("'L'");

    [Fact]
    public void File_TruncatedAnywhere_IsAnError()
    {
        var file = File(Usual, 48);
        for (var length = 0; length < file.Length; length++)
        {
            Fails(file[..length]).Offset.Should().BeInRange(0, length);
            Fails(file[..length], seekable: false).Offset.Should().BeInRange(0, length);
        }

        Read(file).Shape.Should().Equal(2, 3);
        Read(file, seekable: false).Shape.Should().Equal(2, 3);
    }

    private static byte[] File(string literal, int dataBytes, int version = 1)
    {
        var text = version == 3 ? Encoding.UTF8.GetBytes(literal) : Encoding.Latin1.GetBytes(literal);
        var lengthBytes = new byte[version == 1 ? 2 : 4];
        if (version == 1)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(lengthBytes, (ushort)text.Length);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(lengthBytes, (uint)text.Length);
        }

        return [0x93, .. "NUMPY"u8, (byte)version, 0, .. lengthBytes, .. text, .. new byte[dataBytes]];
    }

    /// <summary>As a file is read: the array must end where the bytes end.</summary>
    private static NumericArray<double> Read(byte[] file, bool seekable = true)
    {
        using var memory = new MemoryStream(file);
        var source = seekable ? ByteSource.Of(memory, "given") : ByteSource.Of(new ForwardOnlyStream(memory), "given");
        var layout = NpyHeader.Read(source, exact: true).RequireNumbers(source);
        var array = ArrayReader.ReadArray<double>(source, layout);
        source.RequireEnd();
        return array;
    }

    private static DataFormatException Fails(byte[] file, bool seekable = true) =>
        FluentActions.Invoking(() => Read(file, seekable)).Should().Throw<DataFormatException>().Which;
}
