using StableRank.Data;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Spectra;
using StableRank.Tool.Output;

namespace StableRank.Tool.CommandLine;

/// <summary>
/// Turns the texts of options into the library's objects, and checks values against each other. What is inadmissible is a
/// <see cref="UsageException"/> that names the option, the value and what was expected.
/// </summary>
internal static class Resolve
{
    public static SpectralFamily Family(string name) => Parse("--family", name, () => SpectralFamily.Parse(name));

    public static ScaleConvention Scale(string text) => Parse("--scale", text, () => ScaleConvention.Parse(text));

    public static Activation Activation(string name) => Parse("--activation", name, () => Networks.Activation.Parse(name));

    /// <summary>The ensemble of m x n matrices asked for.</summary>
    /// <param name="where">What the message says the matrix is for: "" or, for example, " of layer 3".</param>
    public static StableRankEnsemble Ensemble(
        int rows, int columns, double stableRank, SpectralFamily family, ScaleConvention scale, string where = "")
    {
        RequireEntries(rows, columns, where);
        var range = family.AdmittedRange(rows, columns);
        if (!(stableRank >= range.Minimum && stableRank <= range.Maximum))
        {
            throw new UsageException($"--stable-rank{where} is {NumberFormat.Exact(stableRank)}; the family {family.Name} admits "
                + $"{NumberFormat.Exact(range.Minimum)} to {NumberFormat.Exact(range.Maximum)} for a {rows} x {columns} matrix");
        }

        return Parse(
            "--stable-rank",
            NumberFormat.Exact(stableRank),
            () => Ensembles.Ensemble.StableRank(rows, columns, stableRank, family, scale));
    }

    /// <summary>Gaussian matrices of m x n of a scale that does not fix the spectral norm.</summary>
    public static GaussianEnsemble Gaussian(int rows, int columns, ScaleConvention scale, string where = "")
    {
        RequireEntries(rows, columns, where);
        return Parse("--scale", scale.Name, () => Ensembles.Ensemble.Gaussian(rows, columns, scale));
    }

    /// <summary>The activations of hidden layers: one name for all, or names with commas between, one a layer.</summary>
    public static Activation[] Activations(string names) => [.. names.Split(',').Select(Activation)];

    /// <summary>Independent Gaussian entries of a gain g, theory (2.4): of variance g/n.</summary>
    /// <param name="gain">g.</param>
    /// <param name="option">The option that gave the number.</param>
    public static GaussianEnsemble Gaussian(int rows, int columns, double gain, string option) =>
        Parse(option, NumberFormat.Exact(gain), () => Ensembles.Ensemble.Gaussian(rows, columns, gain / columns));

    /// <summary>Refuses an output file whose folder is not there, before any work is done for it.</summary>
    public static void RequireFolderOf(string? file, string option = "--out")
    {
        if (file is null)
        {
            return;
        }

        var path = Path.GetFullPath(file);
        if (Directory.Exists(path))
        {
            throw new FailureException($"{option} {file} is a folder; expected a file name");
        }

        var folder = Path.GetDirectoryName(path);
        if (!Directory.Exists(folder))
        {
            throw new FailureException($"{option} {file}: there is no folder {folder}");
        }
    }

    /// <summary>Refuses an input file of a kind that cannot be read, or that is not there. A folder may hold a model.</summary>
    public static void RequireTensorFile(string file)
    {
        if (Directory.Exists(file))
        {
            return;
        }

        if (!TensorFile.IsKnown(file))
        {
            throw new UsageException(
                $"{file}: expected a folder or a file name that ends in {string.Join(", ", TensorFile.KnownEndings)}");
        }

        if (!File.Exists(file))
        {
            throw new FailureException($"{file}: there is no such file");
        }
    }

    private static void RequireEntries(int rows, int columns, string where)
    {
        if ((long)rows * columns > ArgumentParsers.MaximumEntries)
        {
            throw new UsageException($"a {rows} x {columns} matrix{where} has {(long)rows * columns} entries; "
                + $"expected at most {ArgumentParsers.MaximumEntries}");
        }
    }

    private static T Parse<T>(string option, string value, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new UsageException($"{option} is '{value}': {Messages.Of(e)}");
        }
    }
}
