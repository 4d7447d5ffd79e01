using System.Reflection;
using StableRank.Tests.Support;

namespace StableRank.Tests;

/// <summary>The tutorials of docs/tutorials, compiled into this assembly: each ends with exit code 0 where its claims hold.</summary>
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
