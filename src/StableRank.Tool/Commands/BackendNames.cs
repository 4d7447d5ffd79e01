using StableRank.LinearAlgebra;

namespace StableRank.Tool.Commands;

/// <summary>Backends by the names that STABLERANK_BACKEND takes: the JSON carries these.</summary>
internal static class BackendNames
{
    public static string Current => Of(Backend.Current);

    public static string Of(BackendKind kind) => kind switch
    {
        BackendKind.Managed => "managed",
        BackendKind.OpenBlas => "openblas",
        BackendKind.Mkl => "mkl",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown kind of backend"),
    };
}
