using System.Text.RegularExpressions;
using StableRank.Tests.Support;

namespace StableRank.Tests;

/// <summary>The house's one rule: references between the folders of src/StableRank run downward only.</summary>
public sealed partial class ArchitectureTests
{
    /// <summary>Each folder with the folders that it may name; a folder that is missing here fails the test until it has a place.</summary>
    private static readonly Dictionary<string, string[]> Allowed = Build(
        ("LinearAlgebra", []),
        ("Randomness", []),
        ("Data", ["LinearAlgebra"]),
        ("Spectra", ["LinearAlgebra", "Randomness", "Data"]),
        ("Ensembles", ["Spectra"]),
        ("Networks", ["Ensembles"]),
        ("Replication", ["Networks"]),
        ("Propagation", ["Replication"]),
        ("Kernels", ["Replication"]),
        ("Training", ["Networks", "Kernels"]),
        ("Expressivity", ["Replication"]),
        ("GradientRank", ["Replication"]));

    [Fact]
    public void Source_OfEveryFolder_NamesOnlyFoldersBelowIt()
    {
        var library = Path.Combine(Repository.Root, "src", "StableRank");
        var files = Directory.EnumerateFiles(library, "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetRelativePath(library, file).Split(Path.DirectorySeparatorChar)[0] is not ("obj" or "bin"))
            .ToList();
        files.Should().NotBeEmpty();

        var upward = files.SelectMany(file => UpwardReferences(Path.GetRelativePath(library, file), File.ReadAllText(file))).ToList();

        upward.Should().BeEmpty("references run downward only");
    }

    [Theory]
    [InlineData("Spectra/Planted.cs", "using StableRank.Networks;", 1)]
    [InlineData("Spectra/Planted.cs", "var x = StableRank.Training.Trainer.Run();", 1)]
    [InlineData("Propagation/Planted.cs", "using StableRank.Kernels;", 1)]
    [InlineData("Spectra/Planted.cs", "Networks.Model model;", 1)]
    [InlineData("Training/Planted.cs", "using StableRank.Kernels;", 0)]
    [InlineData("Networks/Planted.cs", "using StableRank.Spectra;", 0)]
    [InlineData("Somewhere/Planted.cs", "using System;", 1)]
    public void UpwardReferences_OfPlantedSource_AreFound(string path, string source, int expected) =>
        UpwardReferences(path.Replace('/', Path.DirectorySeparatorChar), source).Should().HaveCount(expected);

    [Fact]
    public void Types_OfTheLibrary_AreNotNamedAfterTheNamespace() =>
        typeof(global::StableRank.LinearAlgebra.Backend).Assembly.GetTypes().Select(type => type.Name).Should().NotContain("StableRank");

    private static IEnumerable<string> UpwardReferences(string path, string source)
    {
        var folder = path.Split(Path.DirectorySeparatorChar)[0];
        if (!Allowed.TryGetValue(folder, out var below))
        {
            return [$"{path}: the folder {folder} has no place in the house"];
        }

        return NamespacePattern().Matches(source)
            .Select(match => match.Groups["name"].Value)
            .Where(named => named != folder && Allowed.ContainsKey(named) && !below.Contains(named))
            .Distinct()
            .Select(named => $"{path} names StableRank.{named}");
    }

    private static Dictionary<string, string[]> Build(params (string Folder, string[] Below)[] rows)
    {
        var closure = new Dictionary<string, string[]>();
        foreach (var (folder, below) in rows)
        {
            closure[folder] = [.. below.Concat(below.SelectMany(name => closure[name])).Distinct()];
        }

        return closure;
    }

    /// <summary>StableRank.Folder anywhere, or Folder.Type where Folder begins the name.</summary>
    [GeneratedRegex(@"\bStableRank\.(?<name>[A-Z]\w+)|(?<![\w.""])(?<name>[A-Z]\w+)(?=\.[A-Z])")]
    private static partial Regex NamespacePattern();
}
