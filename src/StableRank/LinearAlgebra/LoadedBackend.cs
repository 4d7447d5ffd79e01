using System.Numerics;
using System.Runtime.CompilerServices;
using MathNet.Numerics;
using StableRank.LinearAlgebra.Managed;
using StableRank.LinearAlgebra.Native;

namespace StableRank.LinearAlgebra;

/// <summary>A backend ready for use: immutable, so that the one in use is exchanged by one reference.</summary>
internal sealed class LoadedBackend
{
    private readonly Kernels<double> inDouble;
    private readonly Kernels<float> inSingle;
    private readonly Func<Action> enterSingleThreaded;

    private LoadedBackend(
        BackendDescription description, Kernels<double> inDouble, Kernels<float> inSingle, Func<Action> enterSingleThreaded)
    {
        Description = description;
        this.inDouble = inDouble;
        this.inSingle = inSingle;
        this.enterSingleThreaded = enterSingleThreaded;
        Provider = new BackendLinearAlgebraProvider(inDouble, inSingle, description.Name);
    }

    public BackendDescription Description { get; }

    /// <summary>The MathNet provider over these kernels.</summary>
    public BackendLinearAlgebraProvider Provider { get; }

    /// <param name="threads">Threads of one operation.</param>
    /// <param name="faults">What was looked for before and not found, for the description.</param>
    public static LoadedBackend Managed(int threads, IEnumerable<string>? faults = null)
    {
        var version = typeof(SpecialFunctions).Assembly.GetName().Version?.ToString(3) ?? "unknown version";
        var description = new BackendDescription(
            BackendKind.Managed,
            "managed code",
            $"MathNet.Numerics {version}, {Vector<byte>.Count * 8}-bit vectors",
            threads,
            null,
            ["several times slower than a native library; ./build.sh setup or `stablerank setup` fetches Intel MKL", .. faults ?? []]);
        return new(description, new ManagedKernels<double>(threads), new ManagedKernels<float>(threads), () => () => { });
    }

    public static LoadedBackend Native(NativeBackend native) => new(
        new BackendDescription(native.Kind, native.Name, native.Version, native.Threads, native.Path, native.Notes),
        new NativeKernels<double>(native.Double, native.Team),
        new NativeKernels<float>(native.Single, native.Team),
        native.EnterSingleThreaded);

    /// <summary>The kernels of one precision.</summary>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Kernels<T> Of<T>()
        where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            return Unsafe.As<Kernels<T>>(inDouble);
        }

        return typeof(T) == typeof(float)
            ? Unsafe.As<Kernels<T>>(inSingle)
            : throw new NotSupportedException($"The element type {typeof(T)} is not supported: expected double or float.");
    }

    public IDisposable SingleThreaded() => new SingleThreadedScope(enterSingleThreaded());
}
