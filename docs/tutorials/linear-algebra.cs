// Linear algebra: which library computes, singular values without vectors, and those of a product that is never formed.
// Run it with `dotnet run linear-algebra.cs`; the exit code is 0 where every claim below holds on this machine.
#:project ../../src/StableRank/StableRank.csproj
#:property PublishAot=false
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Randomness;

// MKL where it is found, else OpenBLAS, else managed code. Backend.UseMkl(), UseOpenBlas() and UseManaged() choose, TryUse... ask.
Console.WriteLine(Backend.Describe());

// Matrices are MathNet's, column-major. Random numbers come from a stream with a name, (seed, layer, replicate, purpose): a stream of
// the same name gives the same numbers on every machine, in any order and on any thread. There is no hidden generator.
const int m = 300, n = 200;
var a = Gaussian(m, n, layer: 1);
var again = Gaussian(m, n, layer: 1);
var sameBits = a.Equals(again);
Console.WriteLine($"the same name gives the same matrix: {sameBits}");

// Ranks need singular values only. Leaving the vectors out saves most of the work of a decomposition; both must give the same values.
var values = SingularValues.Of(a);
var (withVectors, u, vt) = SingularValues.Thin(a);
var difference = values.Zip(withVectors, (x, y) => Math.Abs(x - y)).Max();

// A backward stable algorithm is off by a small multiple of eps s_1. LAPACK's customary factor is the larger side.
var tolerance = Math.Max(m, n) * (Math.BitIncrement(1.0) - 1) * values[0];
Console.WriteLine($"with and without vectors: {difference:E1} apart, tolerance {tolerance:E1}");

// The decomposition multiplies back to the matrix: scale the columns of U, then one product.
var product = u.MapIndexed((_, j, x) => x * withVectors[j]) * vt;
var residual = (a - product).FrobeniusNorm();
Console.WriteLine($"||A - U S V'||_F = {residual:E1}");

// The gradient of a weight matrix is a product of two thin factors, signals and activations: 300 x 200, but of rank 8 at most. By its
// factors, its singular values cost two thin QRs, come with a bound on their error, and those behind the eighth are exact zeros.
var (signals, activations) = (Gaussian(m, 8, layer: 2), Gaussian(n, 8, layer: 3));
var (byFactors, accuracy) = ProductSingularValues.Of(signals, activations);
var formed = SingularValues.Of(signals * activations.Transpose());
var worst = byFactors.Zip(formed, (x, y) => Math.Abs(x - y)).Max();
Console.WriteLine($"by factors: {byFactors.Count(x => x > 0)} values above 0, formed: {formed.Count(x => x > 0)} (the rest is rounding)");
Console.WriteLine($"largest difference {worst:E1}; the bound returned is {accuracy:E1}");

return sameBits && difference <= tolerance && residual <= Math.Sqrt(n) * tolerance
    && byFactors.Count(x => x > 0) == 8 && worst <= 2 * accuracy ? 0 : 1;

static Matrix<double> Gaussian(int rows, int columns, ulong layer)
{
    var entries = new double[rows * columns];
    new RandomStream(seed: 1, layer).FillGaussian<double>(entries);
    return Matrix<double>.Build.Dense(rows, columns, entries);
}
