using StableRank.LinearAlgebra;

namespace StableRank.Tests.Tool;

public sealed class InfoCommandTests
{
    [Fact]
    public void Info_Json_DescribesTheBackend()
    {
        var json = ToolRun.Done("info --json").Json;

        var backend = Backend.Describe();
        json.GetProperty("backend").GetString().Should().Be(backend.Kind.ToString().ToLowerInvariant());
        json.GetProperty("backendVersion").GetString().Should().Be(backend.Version);
        json.GetProperty("threads").GetInt32().Should().Be(Backend.Threads);
        json.GetProperty("cacheFolder").GetString().Should().Be(Backend.CacheFolder);
        json.GetProperty("gemmSize").GetInt32().Should().BeOneOf(512, 1024);

        // From a slow core's scalar code to a large server: outside of it the rate is miscounted.
        json.GetProperty("gemmGigaflopsDouble").GetDouble().Should().BeInRange(0.05, 20_000);
        json.GetProperty("gemmGigaflopsSingle").GetDouble().Should().BeInRange(0.05, 40_000);
    }

    [Fact]
    public void Info_ForPeople_NamesBackendAndRate() =>
        ToolRun.Done("info").Output.Should().Contain(Backend.Describe().Name).And.Contain("GFLOP/s double").And.Contain("threads");
}
