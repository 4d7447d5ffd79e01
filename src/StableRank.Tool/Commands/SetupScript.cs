using System.ComponentModel;
using System.Diagnostics;
using StableRank.Tool.CommandLine;

namespace StableRank.Tool.Commands;

/// <summary>eng/setup.sh, which the tool carries as a resource, run with bash.</summary>
internal static class SetupScript
{
    private const string ResourceName = "StableRank.Tool.setup.sh";

    /// <summary>Runs the script and copies its lines as they come.</summary>
    /// <returns>The script's exit code.</returns>
    /// <exception cref="FailureException">There is no bash.</exception>
    public static int Run(bool force, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("stablerank-setup-");
        try
        {
            var path = Path.Combine(folder.FullName, "setup.sh");
            using (var file = File.Create(path))
            {
                using var resource = Open();
                resource.CopyTo(file);
            }

            // gnuplot is the only part that would change the machine: the tool leaves it out.
            return Run([path, "--no-gnuplot", .. force ? (string[])["--force"] : []], output, error, cancellation);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The script's text, as it is embedded.</summary>
    public static Stream Open() => typeof(SetupScript).Assembly.GetManifestResourceStream(ResourceName)
        ?? throw new InvalidOperationException($"the resource {ResourceName} is missing from the tool");

    private static int Run(string[] arguments, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo("bash", arguments) { RedirectStandardOutput = true, RedirectStandardError = true },
        };
        process.OutputDataReceived += (_, line) => Copy(line.Data, output);
        process.ErrorDataReceived += (_, line) => Copy(line.Data, error);
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            throw new FailureException("setup needs bash, which is not on the PATH here; "
                + "without it, point STABLERANK_MKL_PATH or STABLERANK_OPENBLAS_PATH at a library that is installed already");
        }

        using var kill = cancellation.Register(() => process.Kill(entireProcessTree: true));
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        return process.ExitCode;
    }

    private static void Copy(string? line, TextWriter writer)
    {
        if (line is not null)
        {
            lock (writer)
            {
                writer.WriteLine(line);
            }
        }
    }
}
