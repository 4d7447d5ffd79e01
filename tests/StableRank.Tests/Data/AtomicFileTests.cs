using StableRank.Data;
using StableRank.Tests.Support;

namespace StableRank.Tests.Data;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Write_OverAnOlderFile_ReplacesItAndLeavesNothingElse()
    {
        File.WriteAllText(folder.File("x"), "old and longer");

        AtomicFile.Write(folder.File("x"), stream => stream.Write("new"u8));

        File.ReadAllText(folder.File("x")).Should().Be("new");
        Directory.GetFileSystemEntries(folder.Path).Should().HaveCount(1);
    }

    [Fact]
    public void Write_ThatFails_LeavesTheOlderFileAndNothingElse()
    {
        File.WriteAllText(folder.File("x"), "old");

        FluentActions.Invoking(() => AtomicFile.Write(folder.File("x"), stream =>
        {
            stream.Write("half of it"u8);
            throw new TimeoutException();
        })).Should().Throw<TimeoutException>();

        File.ReadAllText(folder.File("x")).Should().Be("old");
        Directory.GetFileSystemEntries(folder.Path).Should().HaveCount(1);
    }

    [Fact]
    public void Write_WhileWriting_ShowsTheOlderFile()
    {
        File.WriteAllText(folder.File("x"), "old");

        AtomicFile.Write(folder.File("x"), stream =>
        {
            stream.Write("new"u8);
            File.ReadAllText(folder.File("x")).Should().Be("old");
        });

        File.ReadAllText(folder.File("x")).Should().Be("new");
    }

    [Fact]
    public void Write_ToAFolder_FailsAndLeavesNothing()
    {
        Directory.CreateDirectory(folder.File("x"));

        FluentActions.Invoking(() => AtomicFile.Write(folder.File("x"), _ => { })).Should().Throw<IOException>().WithMessage("*folder*");

        Directory.GetFileSystemEntries(folder.Path).Should().HaveCount(1);
    }

    [Fact]
    public void Write_IntoAMissingFolder_SaysSo() =>
        FluentActions.Invoking(() => AtomicFile.Write(folder.File("missing/x"), _ => { })).Should().Throw<DirectoryNotFoundException>();

    [Fact]
    public void Write_ThroughALink_KeepsTheLink()
    {
        File.WriteAllText(folder.File("target"), "old");
        File.CreateSymbolicLink(folder.File("link"), folder.File("target"));
        File.CreateSymbolicLink(folder.File("dangling"), folder.File("later"));

        AtomicFile.Write(folder.File("link"), stream => stream.Write("new"u8));
        AtomicFile.Write(folder.File("dangling"), stream => stream.Write("first"u8));

        File.ReadAllText(folder.File("target")).Should().Be("new");
        File.ReadAllText(folder.File("later")).Should().Be("first");
        new FileInfo(folder.File("link")).LinkTarget.Should().NotBeNull();
        new FileInfo(folder.File("dangling")).LinkTarget.Should().NotBeNull();
    }

    [Fact]
    public void Write_OverAnOlderFile_KeepsItsPermissions()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.WriteAllText(folder.File("x"), "old");
        File.SetUnixFileMode(folder.File("x"), Private);

        AtomicFile.Write(folder.File("x"), stream => stream.Write("new"u8));

        File.GetUnixFileMode(folder.File("x")).Should().Be(Private);
    }

    [Fact]
    public void Write_ToADevice_DoesNotReplaceIt()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        AtomicFile.Write("/dev/null", stream => stream.Write("gone"u8));

        using var device = File.OpenRead("/dev/null");
        device.Length.Should().Be(0, "it is still the device");
    }
}
