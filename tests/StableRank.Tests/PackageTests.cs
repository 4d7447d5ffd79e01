using System.IO.Compression;
using System.Text.RegularExpressions;
using StableRank.Tests.Support;

namespace StableRank.Tests;

/// <summary>What a user of the package gets: its content, and the README's example in a project outside the repository.</summary>
[Collection("builds")]
public sealed partial class PackageTests : IClassFixture<PackageTests.Packages>
{
    private readonly Packages packages;

    public PackageTests(Packages packages) => this.packages = packages;

    [Fact]
    public void Pack_OfLibrary_HoldsReadmeDocumentationAndSymbols()
    {
        Entries("StableRank.0.1.0.nupkg").Should().Contain(["README.md", "lib/net10.0/StableRank.dll", "lib/net10.0/StableRank.xml"]);
        Entries("StableRank.0.1.0.snupkg").Should().Contain("lib/net10.0/StableRank.pdb");
    }

    [Fact]
    public void Pack_OfTool_IsADotnetTool() =>
        Entries("StableRank.Tool.0.1.0.nupkg").Should().Contain("README.md")
            .And.Contain(entry => entry.EndsWith("DotnetToolSettings.xml", StringComparison.Ordinal))
            .And.Contain(entry => entry.EndsWith("StableRank.Tool.dll", StringComparison.Ordinal));

    [Fact]
    public void Readme_Example_IsTheQuickStartSample() =>
        Normalised(ReadmeExample()).Should()
            .Be(Normalised(File.ReadAllText(Path.Combine(Repository.Root, "samples", "QuickStart", "Program.cs"))));

    [Fact]
    public void Readme_Example_RunsInAScratchProjectOnThePackage()
    {
        var scratch = Directory.CreateDirectory(Path.Combine(packages.Folder, "scratch")).FullName;
        File.WriteAllText(Path.Combine(scratch, "Program.cs"), ReadmeExample());
        File.WriteAllText(Path.Combine(scratch, "scratch.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <NuGetAudit>false</NuGetAudit>
                <RestorePackagesPath>../restored</RestorePackagesPath>
                <RestoreFallbackFolders>$(MachinePackages)</RestoreFallbackFolders>
                <RestoreAdditionalProjectSources>../packages</RestoreAdditionalProjectSources>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="StableRank" Version="0.1.0" />
              </ItemGroup>
            </Project>
            """);

        // a folder of its own for our package, which must be the one just packed; the others come from where they were restored before
        var machine = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

        var run = Shell.Run("dotnet", ["run", "-c", "Release", "--project", scratch, $"-p:MachinePackages={machine}"], scratch);

        run.ExitCode.Should().Be(0, run.Output + run.Error);
        run.Output.Should().NotBeEmpty();
    }

    private static string ReadmeExample()
    {
        var match = ExamplePattern().Match(File.ReadAllText(Path.Combine(Repository.Root, "README.md")));
        match.Success.Should().BeTrue("the README shows an example in C#");
        return match.Groups[1].Value;
    }

    private static string Normalised(string source) => source.ReplaceLineEndings("\n").Trim();

    private List<string> Entries(string package)
    {
        using var archive = ZipFile.OpenRead(Path.Combine(packages.Folder, "packages", package));
        return [.. archive.Entries.Select(entry => entry.FullName)];
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ExamplePattern();

    /// <summary>Packs the library and the tool once into a folder of its own outside the repository.</summary>
    public sealed class Packages : IDisposable
    {
        public Packages()
        {
            foreach (var project in new[] { "src/StableRank", "src/StableRank.Tool" })
            {
                var pack = Shell.Run(
                    "dotnet", ["pack", project, "--no-build", "-c", Configuration, "--nologo", "-o", Path.Combine(Folder, "packages")]);
                pack.ExitCode.Should().Be(0, pack.Output + pack.Error);
            }
        }

        public string Folder { get; } = Directory.CreateTempSubdirectory("stablerank-packages-").FullName;

        private static string Configuration { get; } =
            Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)))!;

        public void Dispose() => Directory.Delete(Folder, recursive: true);
    }
}
