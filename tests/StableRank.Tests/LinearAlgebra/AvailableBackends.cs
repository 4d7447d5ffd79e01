using StableRank.LinearAlgebra;

namespace StableRank.Tests.LinearAlgebra;

/// <summary>The backends that can be loaded here: theories run over these, and a test of its own says which they are.</summary>
public static class AvailableBackends
{
    private static readonly Dictionary<BackendKind, LoadedBackend> Loaded = Enum.GetValues<BackendKind>()
        .Select(kind => (Kind: kind, Backend: Backend.Load(kind, null, [])))
        .Where(pair => pair.Backend is not null)
        .ToDictionary(pair => pair.Kind, pair => pair.Backend!);

    public static IReadOnlyCollection<BackendKind> All => Loaded.Keys;

    public static TheoryData<BackendKind> Kinds => new(Loaded.Keys);

    internal static LoadedBackend Of(BackendKind kind) => Loaded[kind];

    /// <summary>Uses a backend until disposed; only in the collection of <see cref="BackendSwitching"/>.</summary>
    internal static IDisposable Use(BackendKind kind)
    {
        var former = Backend.Active;
        Backend.Use(Loaded[kind]);
        return new Restoring(former);
    }

    private sealed class Restoring(LoadedBackend former) : IDisposable
    {
        public void Dispose() => Backend.Use(former);
    }
}
