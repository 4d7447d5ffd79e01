namespace StableRank.Data;

/// <summary>
/// Writes a file whole or not at all: the content goes to a temporary name in the same folder, which takes the place of the
/// target in one rename. When writing fails, an older file stays as it was and nothing temporary is left.
/// </summary>
internal static class AtomicFile
{
    private const string TemporaryPrefix = ".stablerank-";

    /// <summary>
    /// Writes <paramref name="path"/> by way of <paramref name="write"/>, which gets a writable, seekable stream at its start.
    /// </summary>
    /// <param name="path">The target; a symbolic link is followed, an older file's permissions are kept.</param>
    /// <param name="write">Writes the whole content; what it throws is passed on after the temporary file has gone.</param>
    public static void Write(string path, Action<FileStream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        var target = Path.GetFullPath(path);
        if (IsDevice(target))
        {
            // A rename would put an ordinary file in the place of /dev/null.
            using var device = new FileStream(target, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            write(device);
            return;
        }

        if (new FileInfo(target).LinkTarget is not null)
        {
            target = File.ResolveLinkTarget(target, returnFinalTarget: true)!.FullName;
        }

        if (Directory.Exists(target))
        {
            throw new IOException($"{target} is a folder, not a file that can be written");
        }

        var temporary = Path.Combine(Path.GetDirectoryName(target)!, $"{TemporaryPrefix}{Guid.NewGuid():N}.tmp");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0))
            {
                write(stream);
            }

            if (!OperatingSystem.IsWindows() && File.Exists(target))
            {
                File.SetUnixFileMode(temporary, File.GetUnixFileMode(target));
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Removes the temporary files that killed processes have left in a folder that nobody else is writing in now.</summary>
    public static void RemoveLeftovers(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, TemporaryPrefix + "*.tmp"))
        {
            File.Delete(file);
        }
    }

    private static bool IsDevice(string target) =>
        !OperatingSystem.IsWindows()
        && target.StartsWith("/dev/", StringComparison.Ordinal)
        && !target.StartsWith("/dev/shm/", StringComparison.Ordinal);
}
