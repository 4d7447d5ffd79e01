using System.CommandLine;
using StableRank.LinearAlgebra;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary><c>stablerank setup</c>: fetches MKL and Fashion-MNIST into the user's cache folder, as <c>./build.sh setup</c> does.</summary>
internal static class SetupCommand
{
    public static Command Create(CliConsole console)
    {
        var force = new Option<bool>("--force") { Description = "Fetch again what is there already." };
        var json = CommonOptions.Json();
        var command = new ToolCommand(
            "setup",
            "Fetch Intel MKL and Fashion-MNIST into the user's cache folder, without root.",
            "MKL is 62 MB to download and 300 MB on disk (Intel Simplified Software License), Fashion-MNIST 30 MB (MIT). "
                + "Needs bash and Debian's apt-get and dpkg-deb, and changes nothing else on the machine. Quick when nothing is missing.\n"
                + "The cache folder is $STABLERANK_CACHE, else $XDG_CACHE_HOME/stablerank, else ~/.cache/stablerank.",
            ["stablerank setup"])
        {
            force,
            json,
        };
        command.SetWork(console, (arguments, cancellation) =>
            Run(console, arguments.GetValue(force), arguments.GetValue(json), cancellation));
        return command;
    }

    private static int Run(CliConsole console, bool force, bool json, CancellationToken cancellation)
    {
        var status = SetupScript.Run(force, json ? console.Error : console.Output, console.Error, cancellation);
        if (status != 0)
        {
            throw new FailureException($"the set-up script ended with exit code {status}");
        }

        var cache = Backend.CacheFolder;
        var report = new SetupReport(
            cache,
            Mkl: File.Exists(Path.Combine(cache, "mkl", "libmkl_rt.so")),
            FashionMnist: File.Exists(Path.Combine(cache, "fashion-mnist", "train-images-idx3-ubyte.gz")));
        if (json)
        {
            JsonOutput.Write(console, report, JsonOutput.Default.SetupReport);
        }
        else
        {
            console.Output.WriteLine($"cache folder   {report.CacheFolder}");
            console.Output.WriteLine($"Intel MKL      {Presence(report.Mkl)}");
            console.Output.WriteLine($"Fashion-MNIST  {Presence(report.FashionMnist)}");
        }

        return ExitCode.Done;
    }

    private static string Presence(bool there) => there ? "there" : "missing";
}
