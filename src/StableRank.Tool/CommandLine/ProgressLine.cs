using System.Diagnostics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace StableRank.Tool.CommandLine;

/// <summary>One line on a terminal while work goes on: words, a bar, the share done, the time that remains; gone at the end.</summary>
internal static class ProgressLine
{
    private const int WidestBar = 40;
    private const int NarrowestBar = 10;

    /// <summary>What stands right of the bar, blanks included: " 100% 00:00:00".</summary>
    private const int Rest = 15;

    public static T Run<T>(IAnsiConsole console, string title, Func<Action<double, string>, T> work)
    {
        var bar = new ProgressBarColumn();
        var remaining = new RemainingColumn();
        var width = console.Profile.Width;
        return console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), bar, new PercentageColumn(), remaining)
            .Start(context =>
            {
                var task = context.AddTask(Show(title), maxValue: 1);
                return work((fraction, words) =>
                {
                    task.Description = Show(words);
                    remaining.Meet(fraction);
                    task.Value = fraction;
                });
            });

        string Show(string words)
        {
            var text = Fit(words, width - Rest - NarrowestBar);
            bar.Width = Math.Clamp(width - Rest - text.Length, NarrowestBar, WidestBar);
            return Markup.Escape(text);
        }
    }

    /// <summary>As many of the parts, which have tabs between, as go into so many columns; the first one in any case.</summary>
    public static string Fit(string parts, int columns)
    {
        var words = parts.Split('\t');
        var text = words[0];
        for (var i = 1; i < words.Length && text.Length + 2 + words[i].Length <= columns; i++)
        {
            text += $"  {words[i]}";
        }

        return text;
    }

    /// <summary>
    /// The time that remains, by the mean speed since the first report. Spectre's own column takes the first report for work done in an
    /// instant, and a resumed run begins with most of it done.
    /// </summary>
    private sealed class RemainingColumn : ProgressColumn
    {
        private readonly Lock _lock = new();
        private long _start;
        private double _first = double.NaN;
        private double _fraction;

        protected override bool NoWrap => true;

        public void Meet(double fraction)
        {
            lock (_lock)
            {
                if (double.IsNaN(_first))
                {
                    (_start, _first) = (Stopwatch.GetTimestamp(), fraction);
                }

                _fraction = fraction;
            }
        }

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
        {
            lock (_lock)
            {
                return new Text(Text(_fraction > _first
                    ? Stopwatch.GetElapsedTime(_start).TotalSeconds * (1 - _fraction) / (_fraction - _first)
                    : -1));
            }
        }

        private static string Text(double seconds) => seconds switch
        {
            < 0 => "--:--:--",
            < 100 * 3600 => $"{(int)(seconds / 3600):00}:{(int)(seconds / 60) % 60:00}:{(int)seconds % 60:00}",
            _ => $"{seconds / 86400:0} days",
        };
    }
}
