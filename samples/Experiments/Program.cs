using Spectre.Console;
using StableRank.Experiments;
using StableRank.Experiments.Figures;

if (Console.IsOutputRedirected)
{
    // a file or a pipe has no width of its own; 80 columns would break every table
    AnsiConsole.Profile.Width = 160;
}

return await new ExperimentsCli(Catalogue.All, new Gnuplot(), AnsiConsole.Console, Console.Error).InvokeAsync(args);
