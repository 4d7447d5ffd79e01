namespace StableRank.Tests.Support;

/// <summary>A folder of its own for one test, which goes with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private const string Prefix = "stablerank-tests-";
    private const string MemoryFolder = "/dev/shm";

    /// <param name="inMemory">For many small files: where the system has a folder in memory, there.</param>
    public TemporaryFolder(bool inMemory = false) => Path = inMemory && Directory.Exists(MemoryFolder)
        ? Directory.CreateDirectory(System.IO.Path.Combine(MemoryFolder, Prefix + System.IO.Path.GetRandomFileName())).FullName
        : Directory.CreateTempSubdirectory(Prefix).FullName;

    public string Path { get; }

    public string this[params string[] parts] => System.IO.Path.Combine([Path, .. parts]);

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
