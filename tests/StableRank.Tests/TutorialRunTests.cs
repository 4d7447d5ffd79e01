using StableRank.Tests.Support;

namespace StableRank.Tests;

/// <summary>
/// A tutorial run as its reader runs it. Not at the time of the tests that pack: it may build the library, where its sources have moved.
/// </summary>
[Collection("builds")]
public sealed class TutorialRunTests
{
    [Fact]
    public void DotnetRun_OfATutorial_ExitsWithZero()
    {
        // the configuration that is built already: the library is not compiled once more
        var configuration = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)))!;
        var folder = Path.Combine(Repository.Root, "docs", "tutorials");

        var run = Shell.Run("dotnet", ["run", "-c", configuration, "linear-algebra.cs"], folder);

        run.ExitCode.Should().Be(0, run.Output + run.Error);
        run.Output.Should().Contain("by factors: 8 values above 0");
    }
}
