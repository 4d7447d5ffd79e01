using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Kernels;

/// <summary>A block of two kernels: rows <c>FirstRow</c> on, columns <c>FirstColumn</c> on.</summary>
/// <param name="FirstRow">The 0-based row of the whole kernel that row 0 of the block is: a sample of the first set.</param>
/// <param name="FirstColumn">The 0-based column of the whole kernel that column 0 of the block is: a sample of the second set.</param>
/// <param name="Nngp">The block of the NNGP.</param>
/// <param name="Ntk">The block of the NTK.</param>
public sealed record KernelBlock(int FirstRow, int FirstColumn, Matrix<double> Nngp, Matrix<double> Ntk);
