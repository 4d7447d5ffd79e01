using Spectre.Console;
using StableRank.Experiments;
using StableRank.Experiments.Figures;

var console = AnsiConsole.Console;
if (Console.IsOutputRedirected)
{
    // a file or a pipe takes no colours, and has no width of its own: 80 columns would break every table
    console = AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No,
    });
    console.Profile.Width = 160;
}

return await new ExperimentsCli(Catalogue.All, new Gnuplot(), console, Console.Error).InvokeAsync(args);
