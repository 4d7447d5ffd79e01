namespace StableRank.LinearAlgebra;

/// <summary>What carries out the linear algebra of the library.</summary>
public enum BackendKind
{
    /// <summary>The embedded code of this library and of MathNet.Numerics: needs no installation, several times slower.</summary>
    Managed,

    /// <summary>OpenBLAS, with the LAPACK that it contains.</summary>
    OpenBlas,

    /// <summary>Intel MKL through its single dynamic library (mkl_rt).</summary>
    Mkl,
}
