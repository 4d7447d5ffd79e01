using StableRank.Data;
using StableRank.Tests.Support;

namespace StableRank.Tests.Data;

/// <summary>Models in several safetensors files, by their index or by their folder.</summary>
public sealed class ModelFolderTests : IDisposable
{
    private const string First = "model-00001-of-00002.safetensors";
    private const string Second = "model-00002-of-00002.safetensors";
    private const string Index = "model.safetensors.index.json";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Index_ListsItsTensorsByFile()
    {
        var entries = TensorFile.List(SampleArrays.Fixture(Index));

        entries.Select(entry => $"{Path.GetFileName(entry.File)} {entry}").Should().Equal(
            $"{First} b (3) F32", $"{First} a (3, 4) F64", $"{Second} c (2, 2) F64");
        TensorFile.ReadMatrix(entries[1]).Should().Be(SampleArrays.Matrix<double>(3, 4));
        TensorFile.ReadMatrix(entries[2]).Should().Be(SampleArrays.Matrix<double>(2, 2));
    }

    [Fact]
    public void Folder_WithAnIndex_IsTheIndex()
    {
        Copy(First, Second, Index);
        Safetensors.Write(folder.File("adapter.safetensors"), writer => writer.Add("x", SampleArrays.Array<float>(2)));
        Names().Should().Equal("b", "a", "c");

        File.Copy(folder.File(Index), folder.File("other.safetensors.index.json"));
        Names().Should().Equal(["b", "a", "c"], "the usual name counts");

        File.Move(folder.File(Index), folder.File("third.safetensors.index.json"));
        FluentActions.Invoking(Names).Should().Throw<DataFormatException>()
            .WithMessage("*other.safetensors.index.json, third.safetensors.index.json*");

        File.Delete(folder.File("other.safetensors.index.json"));
        Names().Should().Equal("b", "a", "c");
    }

    [Fact]
    public void Folder_WithoutAnIndex_IsAllItsFiles()
    {
        FluentActions.Invoking(Names).Should().Throw<DataFormatException>().WithMessage($"{folder.Path}*.safetensors*");
        Copy(Second);
        Names().Should().Equal("c", "b");
        Copy(First);
        Names().Should().Equal("b", "a", "unlisted", "c", "b");
    }

    [Fact]
    public void Index_WithShardsThatAreMissing_NamesThem()
    {
        Copy(Second, Index);

        FluentActions.Invoking(Names).Should().Throw<DataFormatException>().WithMessage($"*{Index}*not beside it: {First}");
    }

    [Fact]
    public void Index_WithATensorThatItsFileDoesNotHave_NamesIt()
    {
        Copy(First, Second);
        Write($$"""{"weight_map":{"a":"{{First}}","unlisted":"{{Second}}"} }""");

        FluentActions.Invoking(Names).Should().Throw<DataFormatException>().WithMessage("*do not have: unlisted");
    }

    [Theory]
    [InlineData("../outside.safetensors")]
    [InlineData("..\\\\outside.safetensors")]
    [InlineData("/etc/outside.safetensors")]
    [InlineData("C:outside.safetensors")]
    [InlineData("sub/inside.safetensors")]
    [InlineData("./inside.safetensors")]
    [InlineData("\\u002e\\u002e\\u002foutside.safetensors")]
    [InlineData("inside.safetensors\\u0000.safetensors")]
    [InlineData("passwd")]
    [InlineData(".safetensors")]
    [InlineData("..")]
    [InlineData("")]
    public void Index_ThatPointsOutOfItsFolder_IsRefused(string name)
    {
        // The file is there all the same: what is refused is the name.
        Directory.CreateDirectory(folder.File("sub"));
        Write($$"""{"weight_map":{"a":"{{name}}"} }""");

        FluentActions.Invoking(Names).Should().Throw<DataFormatException>().WithMessage("*'a'*beside the index*");
    }

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("[]", "object")]
    [InlineData("{}", "no weight_map")]
    [InlineData("""{"weight_map":{},"weight_map":{}}""", "weight_map twice")]
    [InlineData("""{"weight_map":{"a":"x.safetensors","a":"x.safetensors"}}""", "'a' twice")]
    [InlineData("""{"weight_map":{"a":7}}""", "7 where the name of the file")]
    [InlineData("""{"weight_map":[]}""", "object")]
    [InlineData("""{"weight_map":{}} x""", "JSON")]
    [InlineData("""{"metadata":[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]],"weight_map":{}}""", "depth")]
    public void Index_ThatIsMalformed_IsRefused(string json, string problem)
    {
        Write(json);

        FluentActions.Invoking(Names).Should().Throw<DataFormatException>().WithMessage($"*{Index}*{problem}*");
    }

    [Fact]
    public void Index_ThatIsEmpty_HasNoTensors()
    {
        Write("""{"weight_map":{}, "metadata":{"total_size":0,"nested":[{"any":"thing"}]}}""");

        Names().Should().BeEmpty();
    }

    private IEnumerable<string> Names() => TensorFile.List(folder.Path).Select(entry => entry.Name).ToList();

    private void Write(string json) => File.WriteAllText(folder.File(Index), json);

    private void Copy(params string[] names)
    {
        foreach (var name in names)
        {
            File.Copy(SampleArrays.Fixture(name), folder.File(name), overwrite: true);
        }
    }
}
