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

    /// <summary>The processor that the calling thread runs on.</summary>
    [LibraryImport("libc", EntryPoint = "sched_getcpu")]
    public static partial int CurrentProcessor();

    /// <summary>Lets another thread run that waits for the same processor.</summary>
    [LibraryImport("libc", EntryPoint = "sched_yield")]
    public static partial int Yield();

    /// <summary>The processors that a thread may run on, a bit each; thread 0 is the calling one. 0: done.</summary>
    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    public static unsafe partial int GetAffinity(int thread, nint bytes, ulong* processors);

    /// <summary>Sets the processors that a thread may run on, and moves it where it must. 0: done.</summary>
    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    public static unsafe partial int SetAffinity(int thread, nint bytes, ulong* processors);
}
