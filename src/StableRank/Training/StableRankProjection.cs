using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Training;

/// <summary>A matrix W' of a prescribed stable rank near a matrix W, with what finding it showed.</summary>
/// <typeparam name="T">double or float.</typeparam>
/// <param name="Matrix">W', m x n: a new matrix, also where nothing was changed.</param>
/// <param name="StableRank">
/// r. The computed stable rank of W' is off by rounding alone: relative 8 max(m, n) eps in double; in single, the rounding of the entries.
/// </param>
/// <param name="Tau">The cut tau of theory (8.1), in the units of W's singular values; infinite for r = 1.</param>
/// <param name="Scale">c, by which all values below tau are multiplied; 0 for r = 1.</param>
/// <param name="SpectralNorm">||W'||_2 = c tau.</param>
/// <param name="Distance">||W' - W||_F.</param>
/// <param name="Route">How W' was found.</param>
/// <param name="Iterations">Steps of the Lanczos iteration; also where its result was not used.</param>
/// <param name="Residual">||W'u - s v|| of the singular triple that was used; 0 by decomposition.</param>
/// <param name="IsUnique">
/// False where the stable rank was lowered and s_2 is within sqrt eps of s_1: which vector becomes the top one is then free, and another
/// choice gives another matrix with the same singular values at the same distance.
/// </param>
public sealed record StableRankProjection<T>(
    Matrix<T> Matrix, double StableRank, double Tau, double Scale, double SpectralNorm, double Distance,
    ProjectionRoute Route, int Iterations, double Residual, bool IsUnique)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>;
