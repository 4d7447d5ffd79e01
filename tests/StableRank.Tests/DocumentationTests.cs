using System.Reflection;
using System.Text.RegularExpressions;
using StableRank.Experiments;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Tests.Support;
using StableRank.Tests.Tool;

namespace StableRank.Tests;

/// <summary>README and docs say what is there: their names, links, commands and experiments exist.</summary>
public sealed partial class DocumentationTests
{
    private const BindingFlags Any =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.FlattenHierarchy;

    private static readonly ILookup<string, Type> Library = ByName(typeof(Backend).Assembly);
    private static readonly ILookup<string, Type> Tests = ByName(typeof(DocumentationTests).Assembly);

    /// <summary>Files under the root, for which everything here is held.</summary>
    public static TheoryData<string> Documents =>
    [
        "README.md",
        .. Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md").Select(file => $"docs/{Path.GetFileName(file)}").Order(),
    ];

    [Theory]
    [InlineData("docs/theory.md", 100)]
    [InlineData("docs/gradient-rank.md", 8)]
    public void Names_OfTypesAndTests_Exist(string document, int atLeast)
    {
        var names = NamesIn(Read(document));

        names.Should().HaveCountGreaterThanOrEqualTo(atLeast);
        names.Where(name => !Exists(name)).Should().BeEmpty();
    }

    [Theory]
    [InlineData("Code: `LimitKernel`, `LinearProduct.Of`, `IsSound`, `GradientRankBound.Of(model)`", 0)]
    [InlineData("Code: `LimitKernels`", 1)]
    [InlineData("Code: `LinearProduct.Off`", 1)]
    [InlineData("Tests: `PrintedBoundTests`, `PrintedBoundTests.PrintedForms_OfFullRankLinearNetworksWithoutBiases_AreSound`", 0)]
    [InlineData("Tests: `PrintedForms_OfFullRankLinearNetworksWithoutBiases_AreSound`", 0)]
    [InlineData("Tests: `PrintedBoundTests.PrintedForms_OfNothing_AreSound`", 1)]
    [InlineData("`stablerank gradient-rank --proof`, `theory (6.1)`, `docs/x.md`, `lazy-training`", 0)]
    public void Names_Planted_AreFoundWhereTheyAreWrong(string text, int wrong) =>
        NamesIn(text).Where(name => !Exists(name)).Should().HaveCount(wrong);

    [Theory]
    [MemberData(nameof(Documents))]
    public void Links_OfADocument_LeadSomewhere(string document) => BrokenLinks(document, Read(document)).Should().BeEmpty();

    [Theory]
    [InlineData("[a](docs/theory.md) [b](#the-map) ![c](docs/images/phases.png)\n## The map", 0)]
    [InlineData("[a](docs/theories.md)", 1)]
    [InlineData("[b](#the-map)\n## Another map", 1)]
    [InlineData("[b](docs/reference.md#architecture-files)", 0)]
    [InlineData("[b](docs/reference.md#architectures)", 1)]
    public void Links_Planted_AreFoundWhereTheyAreBroken(string text, int broken) =>
        BrokenLinks("README.md", text).Should().HaveCount(broken);

    [Theory]
    [MemberData(nameof(Documents))]
    public void Commands_OfADocument_AreTheToolsOwn(string document)
    {
        var commands = CommandsIn(Read(document), "stablerank ");

        commands.Where(command => !IsParsed(command)).Should().BeEmpty();
        if (document == "README.md")
        {
            commands.Should().HaveCountGreaterThanOrEqualTo(10);
        }
    }

    [Theory]
    [InlineData("sample --rows 3 --cols 3 --stable-rank 2", true)]
    [InlineData("sample --rows 3 --cols 3 --stable-ranks 2", false)]
    [InlineData("samples --rows 3", false)]
    public void Commands_Planted_AreFoundWhereTheyAreWrong(string command, bool parsed) => IsParsed(command).Should().Be(parsed);

    [Theory]
    [MemberData(nameof(Documents))]
    public void BuildCommands_OfADocument_AreThoseOfItsHelp(string document)
    {
        var script = Read("build.sh");
        var known = BuildHelpPattern().Matches(script).Select(match => match.Groups[1].Value).ToList();
        known.Should().Contain(["run", "test", "pack", "bench", "setup"]);

        BuildUsePattern().Matches(Read(document)).Select(match => match.Groups[1].Value).Should().BeSubsetOf(known);
    }

    [Fact]
    public void Experiments_OfTheReadme_AreTheCatalogue()
    {
        var text = Read("README.md");
        var table = text[text.IndexOf("## Experiments", StringComparison.Ordinal)..text.IndexOf("## The map", StringComparison.Ordinal)];

        TableNamePattern().Matches(table).Select(match => match.Groups[1].Value).Should().BeEquivalentTo(Catalogue.All.Names);
    }

    /// <summary>
    /// The README's checkpoint: trained, measured, and the stable ranks it prints. Other backends round otherwise in training.
    /// </summary>
    [Fact]
    public void Checkpoint_OfTheReadme_HasTheStableRanksPrinted()
    {
        const double rounding = 1e-3;
        var text = Read("README.md");
        var train = CommandsIn(text, "stablerank ").First(command => command.StartsWith("train", StringComparison.Ordinal));
        var printed = MeasuredPattern().Matches(text).Select(row => double.Parse(row.Groups[1].Value)).ToList();
        using var folder = new TemporaryFolder();
        var file = folder.File("weights.npz");

        ToolRun.Done(train.Replace("weights.npz", file, StringComparison.Ordinal));
        var measured = MeasuredPattern().Matches(ToolRun.Done($"measure {file}").Output)
            .Select(row => double.Parse(row.Groups[1].Value)).ToList();

        measured.Should().HaveCount(2).And.Equal(printed, (mine, theirs) => Math.Abs(mine / theirs - 1) < rounding);
    }

    [Fact]
    public void Architecture_OfTheReference_IsRead()
    {
        var json = JsonPattern().Match(Read("docs/reference.md")).Groups[1].Value;
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "net.json");
        File.WriteAllText(file, json);

        ModelFile.Load(file).Depth.Should().Be(3);
    }

    [Fact]
    public void Citation_Version_IsThatOfThePackage() =>
        Read("CITATION.cff").Should().Contain($"\nversion: {typeof(Backend).Assembly.GetName().Version!.ToString(3)}\n");

    private static string Read(string document) => File.ReadAllText(Path.Combine(Repository.Root, document)).ReplaceLineEndings("\n");

    private static ILookup<string, Type> ByName(Assembly assembly) =>
        assembly.GetTypes().ToLookup(type => type.Name.Split('`')[0], StringComparer.Ordinal);

    /// <summary>
    /// What stands between backticks outside of blocks and looks like a name of C#: in capitals, with dots, arguments left out.
    /// </summary>
    private static List<string> NamesIn(string text) =>
        [.. NamePattern().Matches(BlockPattern().Replace(text, "")).Select(match => match.Groups[1].Value).Distinct()];

    /// <summary>A type or a member of the library; a class or a method of the tests.</summary>
    private static bool Exists(string name)
    {
        var parts = name.Split('.');
        return parts.Length switch
        {
            1 => Library.Contains(name) || Tests.Contains(name) || HasMember(Library, name) || HasMember(Tests, name),
            2 => Library[parts[0]].Concat(Tests[parts[0]]).Any(type => type.GetMember(parts[1], Any).Length > 0),
            _ => false,
        };
    }

    private static bool HasMember(ILookup<string, Type> types, string name) =>
        types.Any(named => named.Any(type => type.GetMember(name, Any).Length > 0));

    private static IEnumerable<string> BrokenLinks(string document, string text)
    {
        var targets = LinkPattern().Matches(text).Select(match => match.Groups[1].Value);
        foreach (var target in targets.Where(link => !link.Contains("://", StringComparison.Ordinal)))
        {
            var parts = target.Split('#');
            var path = Path.Combine(Repository.Root, Path.GetDirectoryName(document)!, parts[0]);
            var exists = parts[0].Length == 0 || File.Exists(path) || Directory.Exists(path);
            if (!exists || (parts.Length > 1 && !Anchors(parts[0].Length == 0 ? text : File.ReadAllText(path)).Contains(parts[1])))
            {
                yield return target;
            }
        }
    }

    /// <summary>Headings as links name them: lower case, blanks as hyphens, no other signs.</summary>
    private static IEnumerable<string> Anchors(string text) => HeadingPattern().Matches(text)
        .Select(match => match.Groups[1].Value.ToLowerInvariant().Replace(' ', '-'))
        .Select(heading => new string([.. heading.Where(c => char.IsLetterOrDigit(c) || c == '-')]));

    /// <summary>Lines of code blocks that begin with the program's name, without it and without comments.</summary>
    private static List<string> CommandsIn(string text, string program) =>
    [
        .. BlockPattern().Matches(text).SelectMany(block => block.Value.Split('\n'))
            .Where(line => line.StartsWith(program, StringComparison.Ordinal))
            .Select(line => line[program.Length..].Split(" #")[0].Trim()),
    ];

    /// <summary>With an option that there is not, all that the parser objects to is that option: nothing is run.</summary>
    private static bool IsParsed(string command)
    {
        var run = ToolRun.Of([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--no-such-option"]);
        return run.ExitCode == 2 && run.Error.Contains("'--no-such-option'", StringComparison.Ordinal)
            && !OptionPattern().Matches(run.Error).Select(match => match.Value).Any(option => option != "'--no-such-option'");
    }

    [GeneratedRegex("```.*?```", RegexOptions.Singleline)]
    private static partial Regex BlockPattern();

    [GeneratedRegex(@"^\d\.weight +\d+ x \d+ +([\d.]+)", RegexOptions.Multiline)]
    private static partial Regex MeasuredPattern();

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonPattern();

    [GeneratedRegex(@"`([A-Z]\w*(?:\.[A-Z]\w*)*)(?:<T>)?(?:\([^`]*\))?`")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex LinkPattern();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex HeadingPattern();

    [GeneratedRegex(@"^  (\w+) {2,}\S", RegexOptions.Multiline)]
    private static partial Regex BuildHelpPattern();

    [GeneratedRegex(@"\./build\.sh ([a-z]+)")]
    private static partial Regex BuildUsePattern();

    [GeneratedRegex(@"^\| `([a-z-]+)` \|", RegexOptions.Multiline)]
    private static partial Regex TableNamePattern();

    [GeneratedRegex("'--?[a-z0-9-]+'")]
    private static partial Regex OptionPattern();
}
