using System.Reflection;
using StableRank.Tests.Support;

namespace StableRank.Tests;

/// <summary>
/// The tutorials of docs/tutorials: each ends with exit code 0 where its claims hold. They are compiled into this assembly, and one is run
/// as its reader runs it.
/// </summary>
public sealed class TutorialTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "docs", "tutorials");

    public static TheoryData<string> Names =>
        [.. Directory.GetFiles(Folder, "*.cs").Select(file => Path.GetFileNameWithoutExtension(file)).Order()];

    [Theory]
    [MemberData(nameof(Names))]
    public void Run_OfATutorial_ClaimsHold(string name)
    {
        var type = Assembly.GetExecutingAssembly().GetType($"StableRank.Tutorials.Tutorial_{name.Replace('-', '_')}")!;

        type.GetMethod("Run", BindingFlags.NonPublic | BindingFlags.Static)!.Invoke(null, null).Should().Be(0);
    }

    [Fact]
    public void DotnetRun_OfATutorial_ExitsWithZero()
    {
        // the configuration that is built already: the library is not compiled once more
        var configuration = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)))!;

        var run = Shell.Run("dotnet", ["run", "-c", configuration, "linear-algebra.cs"], Folder);

        run.ExitCode.Should().Be(0, run.Output + run.Error);
        run.Output.Should().Contain("by factors: 8 values above 0");
    }

    [Fact]
    public void Tutorials_AreOfTenToEightyLines_WithDirectivesOfAFileBasedProgram()
    {
        foreach (var file in Directory.GetFiles(Folder, "*.cs"))
        {
            var lines = File.ReadAllLines(file);
            lines.Should().HaveCountLessThanOrEqualTo(80, file);
            lines.Should().Contain("#:project ../../src/StableRank/StableRank.csproj", file);
            lines[1].Should().Contain($"`dotnet run {Path.GetFileName(file)}`");
        }
    }
}
