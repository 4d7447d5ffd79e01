using System.Runtime.InteropServices;

namespace StableRank.LinearAlgebra.Native;

/// <summary>The few calls of the C library on Linux that .NET does not offer.</summary>
internal static partial class Libc
{
    public const int Now = 2, Global = 0x100;

    /// <summary>Loads into the global symbol scope with <see cref="Global"/>; NativeLibrary.Load is local only. Zero: not found.</summary>
    [LibraryImport("libc", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint DlOpen(string name, int flags);

    /// <summary>The address of a symbol; handle 0 searches the global scope. Zero: not found.</summary>
    [LibraryImport("libc", EntryPoint = "dlsym", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint DlSym(nint handle, string symbol);

    /// <summary>Sets an environment variable where native code sees it: Environment.SetEnvironmentVariable does not reach it.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetEnv(string name, string value, int overwrite);
}
