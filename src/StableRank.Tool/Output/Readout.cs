using Spectre.Console;
using StableRank.Tool.CommandLine;

namespace StableRank.Tool.Output;

/// <summary>
/// A table of labelled rows of numbers, right-aligned. Where it is too wide for the terminal the gaps shrink; where that is not
/// enough every label goes on a line of its own above its numbers; in the narrowest terminals every number does. Nothing is cut off
/// and nothing wrapped.
/// </summary>
/// <param name="labelHeader">The header of the labels.</param>
/// <param name="headers">The headers of the numbers; a line break in one keeps its column narrow.</param>
internal sealed class Readout(string labelHeader, params string[] headers)
{
    private const int WideGap = 2;
    private const int TightGap = 1;
    private const int StackedIndent = 2;

    private readonly List<(string Label, string[] Cells)> _rows = [];

    /// <summary>So many of the last columns hold words, which are left-aligned.</summary>
    public int TextColumns { get; init; }

    public bool IsEmpty => _rows.Count == 0;

    /// <summary>Adds a row: one text a header.</summary>
    public void Add(string label, params string[] cells) => _rows.Add((label, cells));

    public void Write(CliConsole console)
    {
        var widths = headers.Select((h, i) => Math.Max(WidthOf(h), _rows.Max(r => r.Cells[i].Length))).ToArray();
        var label = Math.Max(labelHeader.Length, _rows.Max(r => r.Label.Length));
        var room = console.Width - label - widths.Sum();
        if (room >= TightGap * widths.Length)
        {
            WriteTable(console, room >= WideGap * widths.Length ? WideGap : TightGap);
        }
        else if (StackedIndent + widths.Sum() + (TightGap * widths.Length) <= console.Width)
        {
            WriteStacked(console, widths);
        }
        else
        {
            WriteList(console);
        }
    }

    private void WriteTable(CliConsole console, int gap)
    {
        var table = new Table { Border = TableBorder.Simple, UseSafeBorder = false }.Border(ReadoutBorder.Instance);
        table.AddColumn(new TableColumn(Header(labelHeader)).NoWrap().Padding(0, 0, 0, 0));
        for (var i = 0; i < headers.Length; i++)
        {
            var column = new TableColumn(Header(headers[i])).NoWrap().Padding(gap, 0, 0, 0);
            table.AddColumn(IsText(i) ? column.LeftAligned() : column.RightAligned());
        }

        foreach (var (label, cells) in _rows)
        {
            table.AddRow([Markup.Escape(label), .. cells.Select(Markup.Escape)]);
        }

        console.Rich().Write(table);
    }

    private void WriteStacked(CliConsole console, int[] widths)
    {
        var lines = headers.Max(h => h.Split('\n').Length);
        console.Output.WriteLine(labelHeader);
        for (var line = 0; line < lines; line++)
        {
            WriteCells(headers.Select(h => LineOf(h, line, lines)));
        }

        console.Output.WriteLine(new string('─', StackedIndent + widths.Sum() + (TightGap * widths.Length)));
        foreach (var (label, cells) in _rows)
        {
            console.Output.WriteLine(label);
            WriteCells(cells);
        }

        void WriteCells(IEnumerable<string> cells) => console.Output.WriteLine(
            new string(' ', StackedIndent) + string.Concat(cells.Select((c, i) =>
                new string(' ', TightGap) + (IsText(i) ? c.PadRight(widths[i]) : c.PadLeft(widths[i])))).TrimEnd());
    }

    private void WriteList(CliConsole console)
    {
        var name = headers.Max(h => h.Length);
        foreach (var (label, cells) in _rows)
        {
            console.Output.WriteLine(label);
            foreach (var (header, cell) in headers.Zip(cells))
            {
                console.Output.WriteLine($"{new string(' ', StackedIndent)}{header.Replace('\n', ' ').PadRight(name)}  {cell}");
            }
        }
    }

    private bool IsText(int column) => column >= headers.Length - TextColumns;

    private static string Header(string header) => $"[bold]{Markup.Escape(header)}[/]";

    private static int WidthOf(string header) => header.Split('\n').Max(l => l.Length);

    // Headers stand on the rule below them: a short one has its blank lines above.
    private static string LineOf(string header, int line, int lines)
    {
        var own = header.Split('\n');
        var index = line - (lines - own.Length);
        return index < 0 ? "" : own[index];
    }
}
