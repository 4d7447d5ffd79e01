namespace StableRank.Experiments.Running;

/// <summary>
/// The folder of an experiment while it is being written: a hidden one beside its place, which <see cref="Commit"/> renames into it.
/// A run that fails or is cancelled leaves what was there before.
/// </summary>
internal sealed class ArtifactFolder : IDisposable
{
    private readonly string _final;
    private readonly string _previous;

    /// <summary>Makes the hidden folder.</summary>
    /// <param name="artifacts">The folder of artifacts; made where it is missing.</param>
    /// <param name="name">The experiment's name.</param>
    public ArtifactFolder(string artifacts, string name)
    {
        _final = System.IO.Path.Combine(artifacts, name);
        _previous = System.IO.Path.Combine(artifacts, $".{name}.old.{Environment.ProcessId}");
        Path = System.IO.Path.Combine(artifacts, $".{name}.new.{Environment.ProcessId}");
        Delete(Path);
        Directory.CreateDirectory(Path);
    }

    /// <summary>Where to write.</summary>
    public string Path { get; }

    /// <summary>Puts the folder in its place; what was there is gone afterwards.</summary>
    public void Commit()
    {
        Delete(_previous);
        if (Directory.Exists(_final))
        {
            Directory.Move(_final, _previous);
        }

        Directory.Move(Path, _final);
        Delete(_previous);
    }

    /// <summary>Removes the hidden folder if it was not committed.</summary>
    public void Dispose() => Delete(Path);

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
