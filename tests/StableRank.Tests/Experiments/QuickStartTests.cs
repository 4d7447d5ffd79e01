using System.Reflection;

namespace StableRank.Tests.Experiments;

public sealed class QuickStartTests
{
    [Fact]
    public void Main_OfTheQuickStart_ClaimHolds()
    {
        // its Program has no public name: the assembly's entry point is what dotnet run starts
        var main = Assembly.Load("QuickStart").EntryPoint!;

        main.Invoke(null, [Array.Empty<string>()]).Should().Be(0);
    }
}
