using Spectre.Console;
using Spectre.Console.Rendering;

namespace StableRank.Tool.Output;

/// <summary>One rule under the headers and nothing else: what a table in a journal has.</summary>
internal sealed class ReadoutBorder : TableBorder
{
    public static readonly ReadoutBorder Instance = new();

    public override string GetPart(TableBorderPart part) => part switch
    {
        TableBorderPart.HeaderBottom => "─",
        _ => "",
    };
}
