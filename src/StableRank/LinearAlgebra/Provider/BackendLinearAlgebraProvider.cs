using MathNet.Numerics.Providers.LinearAlgebra;
using StableRank.LinearAlgebra.Provider;
using MathNetTranspose = MathNet.Numerics.Providers.LinearAlgebra.Transpose;

namespace StableRank.LinearAlgebra;

/// <summary>
/// MathNet's provider over a backend of this library: what MathNet's own double and single matrices do (products, LU, Cholesky, QR,
/// SVD, symmetric eigenvalues) runs on MKL or OpenBLAS. Complex matrices and unsymmetric eigenvalues stay with MathNet's managed code.
/// <para>
/// Where it differs from MathNet's managed provider: the inverse of an exactly singular matrix throws SingularUMatrixException, as
/// MathNet's own native providers do, instead of returning NaN; singular values and eigenvalues of a matrix with NaN or an infinity throw
/// NonConvergenceException at once.
/// </para>
/// </summary>
public sealed partial class BackendLinearAlgebraProvider : ILinearAlgebraProvider
{
    private readonly ProviderOperations<double> inDouble;
    private readonly ProviderOperations<float> inSingle;
    private readonly ManagedLinearAlgebraProvider managed = new();
    private readonly string name;

    internal BackendLinearAlgebraProvider(Kernels<double> inDouble, Kernels<float> inSingle, string name)
    {
        this.inDouble = new(inDouble);
        this.inSingle = new(inSingle);
        this.name = name;
    }

    /// <summary>True: the backend was loaded before this object was made.</summary>
    public bool IsAvailable() => true;

    /// <summary>Does nothing, any number of times: MathNet calls it again whenever its thread count changes.</summary>
    public void InitializeVerify()
    {
    }

    /// <summary>Does nothing: workspaces are rented for each call.</summary>
    public void FreeResources()
    {
    }

    /// <summary>The name of the backend.</summary>
    public override string ToString() => $"StableRank on {name}";

    private static bool IsTransposed(MathNetTranspose transpose) => transpose != MathNetTranspose.DontTranspose;
}
