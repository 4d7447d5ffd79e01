using System.Text;
using StableRank.Data;
using StableRank.Tests.Support;

namespace StableRank.Tests.Data;

/// <summary>Headers that lie, contradict themselves or are not JSON: a clear error, and memory in proportion to what is there.</summary>
public sealed class SafetensorsHeaderTests : IDisposable
{
    private const long FixedCost = 256 * 1024;

    private readonly TemporaryFolder folder = new(inMemory: true);

    public void Dispose() => folder.Dispose();

    /// <summary>@D stands for "dtype":"F32", @S for "shape" and @O for "data_offsets".</summary>
    [Theory]
    [InlineData("""{"x":{@D,@S:[2],@O:[0,8]}}""", 8, null)]
    [InlineData("""  {"x":{@S:[2],@O:[0,8],@D}} """, 8, null)]
    [InlineData("""{"x":{@D,@S:[2],@O:[0,8]},"y":{@D,@S:[0],@O:[8,8]}}""", 8, null)]
    [InlineData("""{"x":{@D,@S:[2],@O:[0,8]},"y":{@D,@S:[0],@O:[0,0]}}""", 8, null)]
    [InlineData("{}", 0, null)]
    [InlineData("""{"__metadata__":{}}""", 0, null)]
    [InlineData("{}", 1, "bytes 0 to 1*no tensor")]
    [InlineData("", 0, "JSON")]
    [InlineData("[]", 0, "bracket*object")]
    [InlineData("{} {}", 0, "JSON")]
    [InlineData("{}x", 0, "JSON")]
    [InlineData("{", 0, "JSON")]
    [InlineData("{\"x\":1}", 0, "1 where the description of 'x'")]
    [InlineData("""{"x":{}}""", 0, "'x' has no dtype")]
    [InlineData("""{"x":{@D,@O:[0,0]}}""", 0, "'x' has no shape")]
    [InlineData("""{"x":{@D,@S:[0]}}""", 0, "'x' has no data_offsets")]
    [InlineData("""{"x":{@D,@S:[0],@O:[0,0],"more":1}}""", 0, "'x' has 'more'")]
    [InlineData("""{"x":{@D,@D,@S:[0],@O:[0,0]}}""", 0, "'x' has dtype twice")]
    [InlineData("""{"x":{@D,@S:[0],@S:[0],@O:[0,0]}}""", 0, "'x' has shape twice")]
    [InlineData("""{"x":{@D,@S:[0],@O:[0,0],@O:[0,0]}}""", 0, "'x' has data_offsets twice")]
    [InlineData("""{"x":{@D,@S:[0],@O:[0,0]},"\u0078":{@D,@S:[0],@O:[0,0]}}""", 0, "'x' twice")]
    [InlineData("""{"x":{"dtype":7,@S:[0],@O:[0,0]}}""", 0, "7 where the dtype of 'x'")]
    [InlineData("""{"x":{@D,@S:[-2],@O:[0,8]}}""", 8, "-2 where a dimension")]
    [InlineData("""{"x":{@D,@S:[2.0],@O:[0,8]}}""", 8, "2.0 where a dimension")]
    [InlineData("""{"x":{@D,@S:[2e0],@O:[0,8]}}""", 8, "2e0 where a dimension")]
    [InlineData("""{"x":{@D,@S:["2"],@O:[0,8]}}""", 8, "\"2\" where a dimension")]
    [InlineData("""{"x":{@D,@S:[null],@O:[0,8]}}""", 8, "null where a dimension")]
    [InlineData("""{"x":{@D,@S:2,@O:[0,8]}}""", 8, "2 where the array of the shape")]
    [InlineData("""{"x":{@D,@S:[[2]],@O:[0,8]}}""", 8, "JSON")]
    [InlineData("""{"x":{@D,@S:[4294967296],@O:[0,8]}}""", 8, "dimension of 4294967296")]
    [InlineData("""{"x":{@D,@S:[99999999999999999999],@O:[0,8]}}""", 8, "99999999999999999999 where")]
    [InlineData("""{"x":{@D,@S:[2147483647,2147483647,2147483647],@O:[0,8]}}""", 8, "more than 9223372036854775807 bytes")]
    [InlineData("""{"x":{@D,@S:[65536,65536,65536,65536],@O:[0,0]}}""", 0, "more than 9223372036854775807 bytes")]
    [InlineData("""{"x":{@D,@S:[3],@O:[0,8]}}""", 8, "has 12 bytes, and data_offsets give it 8")]
    [InlineData("""{"x":{@D,@S:[4],@O:[0,16]}}""", 8, "lies from 0 to 16 of 8 bytes")]
    [InlineData("""{"x":{@D,@S:[2],@O:[8,0]}}""", 8, "lies from 8 to 0 of 8 bytes")]
    [InlineData("""{"x":{@D,@S:[2],@O:[-8,0]}}""", 8, "-8 where an offset")]
    [InlineData("""{"x":{@D,@S:[2],@O:[18446744073709551608,0]}}""", 8, "lies from 18446744073709551608")]
    [InlineData("""{"x":{@D,@S:[2],@O:[0]}}""", 8, "bracket where an offset")]
    [InlineData("""{"x":{@D,@S:[2],@O:[0,8,8]}}""", 8, "8 where the end of the two")]
    [InlineData("""{"x":{@D,@S:[2],@O:[4,12]}}""", 12, "bytes 0 to 4*no tensor")]
    [InlineData("""{"x":{@D,@S:[2],@O:[0,8]}}""", 9, "bytes 8 to 9*no tensor")]
    [InlineData("""{"x":{@D,@S:[2],@O:[0,8]},"y":{@D,@S:[2],@O:[4,12]}}""", 12, "'x' and 'y' overlap from byte 4")]
    [InlineData("""{"x":{@D,@S:[2],@O:[0,8]},"y":{@D,@S:[2],@O:[0,8]}}""", 8, "overlap from byte 0")]
    [InlineData("""{"x":{@D,@S:[2],@O:[0,8]},"y":{@D,@S:[0],@O:[4,4]}}""", 8, "overlap from byte 4")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "1 where the text of 'a'")]
    [InlineData("""{"__metadata__":{"a":null}}""", 0, "null where the text of 'a'")]
    [InlineData("""{"__metadata__":{"a":{"b":"c"}}}""", 0, "brace where the text of 'a'")]
    [InlineData("""{"__metadata__":{"a":"b","a":"b"}}""", 0, "'a' twice")]
    [InlineData("""{"__metadata__":{},"__metadata__":{}}""", 0, "__metadata__ twice")]
    [InlineData("""{"__metadata__":"a"}""", 0, "\"a\" where an object")]
    [InlineData("""{"\ud800":{@D,@S:[0],@O:[0,0]}}""", 0, "Unicode")]
    [InlineData("""{"x":{@D,@S:[0],@O:[0,0]},}""", 0, "JSON")]
    [InlineData("""{/**/"x":{@D,@S:[0],@O:[0,0]}}""", 0, "JSON")]
    public void Header_IsAcceptedOrRefusedWithTheReason(string json, int dataLength, string? problem)
    {
        json = json.Replace("@D", "\"dtype\":\"F32\"").Replace("@S", "\"shape\"").Replace("@O", "\"data_offsets\"");
        var path = Write(json, dataLength);
        if (problem is null)
        {
            TensorFile.List(path);
            return;
        }

        FluentActions.Invoking(() => TensorFile.List(path)).Should().Throw<DataFormatException>()
            .WithMessage($"{path}*{problem}*").Which.Offset.Should().BeInRange(0, new FileInfo(path).Length);
    }

    [Fact]
    public void Header_OfInvalidUtf8_IsRefused()
    {
        var text = Encoding.Latin1.GetBytes("""{"xÿ":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""");
        File.WriteAllBytes(folder.File("x.safetensors"), [.. BitConverter.GetBytes((long)text.Length), .. text]);

        Refused().Should().NotBeEmpty();
    }

    [Theory]
    [InlineData(0x7FFF_FFFF_FFFF_FFFF, "allows 100000000")]
    [InlineData(-1, "allows 100000000")]
    [InlineData(100_000_001, "allows 100000000")]
    [InlineData(100_000_000, "100000000 bytes, and 992 are left")]
    [InlineData(993, "993 bytes, and 992 are left")]
    public void HeaderLength_ThatIsNotThere_CostsNothing(long claimed, string problem)
    {
        File.WriteAllBytes(folder.File("x.safetensors"), [.. BitConverter.GetBytes(claimed), .. new byte[992]]);

        Allocated(() => Refused().Should().Contain(problem)).Should().BeLessThan(FixedCost);
    }

    [Fact]
    public void File_ShorterThanItsFraming_IsRefused()
    {
        for (var length = 0; length < 8; length++)
        {
            File.WriteAllBytes(folder.File("x.safetensors"), new byte[length]);
            Refused().Should().Contain("truncated");
        }
    }

    [Fact]
    public void Truncation_AtEveryByte_IsRefused()
    {
        var bytes = File.ReadAllBytes(SampleArrays.Fixture("floats.safetensors"));
        for (var length = 0; length < bytes.Length; length++)
        {
            File.WriteAllBytes(folder.File("x.safetensors"), bytes[..length]);
            Refused().Should().NotBeEmpty();
        }
    }

    [Theory]
    [InlineData('[')]
    [InlineData('{')]
    public void Nesting_ThatIsDeep_IsRefusedAtOnce(char bracket)
    {
        var deep = bracket == '[' ? new string('[', 1_000_000) : string.Concat(Enumerable.Repeat("{\"a\":", 200_000));
        foreach (var json in (string[])[deep, "{\"x\":" + deep, "{\"__metadata__\":" + deep])
        {
            var path = Write(json, 0);
            Allocated(() => Refused(path).Should().NotBeEmpty()).Should().BeLessThan(FixedCost + (2 * json.Length));
        }
    }

    [Fact]
    public void Header_OfVeryManyTensors_CostsInProportion()
    {
        // As dense as descriptions come.
        var json = "{" + string.Join(",", Enumerable.Range(0, 100_000).Select(i => $$"""
            "{{i:x}}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}
            """)) + "}";
        var path = Write(json, 0);

        Allocated(() => TensorFile.List(path)).Should().BeLessThan(FixedCost + (16L * json.Length));
        TensorFile.List(path).Should().HaveCount(100_000);
    }

    private static long Allocated(Action action)
    {
        action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private string Refused(string? path = null) => FluentActions.Invoking(() => TensorFile.List(path ?? folder.File("x.safetensors")))
        .Should().Throw<DataFormatException>().Which.Message;

    private string Write(string json, int dataLength)
    {
        var text = Encoding.UTF8.GetBytes(json);
        var path = folder.File("x.safetensors");
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)text.Length), .. text, .. new byte[dataLength]]);
        return path;
    }
}
