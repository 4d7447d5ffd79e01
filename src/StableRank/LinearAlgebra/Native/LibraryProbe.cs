using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace StableRank.LinearAlgebra.Native;

/// <summary>Where a native library may be: full paths that exist first, then bare names for the system's loader.</summary>
internal static class LibraryProbe
{
    /// <summary>
    /// The candidates in the order in which they are tried. A path that the caller or an environment variable names is the
    /// only place looked at: a typing error must not end in another library.
    /// </summary>
    public static IEnumerable<string> Candidates(string? path, string variable, IEnumerable<string> folders, IReadOnlyList<string> names)
    {
        var named = path ?? NonEmpty(Environment.GetEnvironmentVariable(variable));
        if (named is not null)
        {
            return Directory.Exists(named)
                ? names.Select(name => Path.Combine(Path.GetFullPath(named), name))
                : [named.Contains(Path.DirectorySeparatorChar) ? Path.GetFullPath(named) : named];
        }

        return folders.SelectMany(folder => names.Select(name => Path.Combine(folder, name))).Where(File.Exists).Concat(names);
    }

    /// <summary>
    /// The file behind a candidate, links followed, without leaving it loaded; null where the system knows the name but does not tell
    /// the file.
    /// </summary>
    public static bool TryLocate(string candidate, out string? file, [NotNullWhen(false)] out string? fault)
    {
        file = null;
        if (!Path.IsPathRooted(candidate))
        {
            if (!TryLoad(candidate, out var library, out fault))
            {
                return false;
            }

            file = LoadedFile(candidate);
            NativeLibrary.Free(library);
            return true;
        }

        if (!File.Exists(candidate))
        {
            fault = $"{candidate}: no such file";
            return false;
        }

        file = File.ResolveLinkTarget(candidate, returnFinalTarget: true)?.FullName ?? candidate;
        fault = null;
        return true;
    }

    /// <summary>
    /// Loads a candidate. Full paths are checked to exist first, so that "not there" and "there, but cannot be loaded" are told apart.
    /// </summary>
    public static bool TryLoad(string candidate, out nint library, [NotNullWhen(false)] out string? fault)
    {
        library = 0;
        if (Path.IsPathRooted(candidate) && !File.Exists(candidate))
        {
            fault = $"{candidate}: no such file";
            return false;
        }

        try
        {
            library = NativeLibrary.Load(candidate);
            fault = null;
            return true;
        }
        catch (DllNotFoundException)
        {
            fault = Path.IsPathRooted(candidate)
                ? $"{candidate}: there, but the system's loader refuses it"
                : $"{candidate}: unknown to the system's loader";
            return false;
        }
        catch (BadImageFormatException)
        {
            fault = $"{candidate}: not a library for this processor and system";
            return false;
        }
    }

    /// <summary>
    /// The file behind a loaded library, from the memory map of this process (Linux); else the candidate if it was a path.
    /// </summary>
    public static string? LoadedFile(string candidate)
    {
        if (Path.IsPathRooted(candidate))
        {
            return candidate;
        }

        const string map = "/proc/self/maps";
        if (!File.Exists(map))
        {
            return null;
        }

        var stem = Path.GetFileName(candidate).Split('.')[0];
        return File.ReadLines(map)
            .Select(line => line.IndexOf('/') is var at and >= 0 ? line[at..] : "")
            .FirstOrDefault(file => Path.GetFileName(file).StartsWith(stem, StringComparison.Ordinal));
    }

    public static string? NonEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
