using StableRank.Tool.CommandLine;

namespace StableRank.Tests.Tool;

public sealed class TextWrapTests
{
    [Theory]
    [InlineData("one two three", 7, "one two|three")]
    [InlineData("one two three", 13, "one two three")]
    [InlineData("one longerthanthat two", 5, "one|longerthanthat|two")]
    [InlineData("", 5, "")]
    public void Wrap_Text_BreaksAtBlanks(string text, int width, string expected) =>
        TextWrap.Wrap(text, width).Should().Equal(expected.Split('|'));
}
