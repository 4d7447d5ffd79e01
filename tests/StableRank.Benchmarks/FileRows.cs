using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Randomness;

namespace StableRank.Benchmarks;

/// <summary>
/// Reading a safetensors file of half a gigabyte that lies in the system's cache, in single precision as it is stored: as arrays, and as
/// matrices in column-major order, against NumPy's fromfile and asfortranarray.
/// </summary>
internal static class FileRows
{
    private const int Count = 8, Rows = 4096, Columns = 3840;
    private const string Model = "model.safetensors";

    /// <summary>Read once and written once.</summary>
    private const double Bytes = 2.0 * sizeof(float) * Count * Rows * Columns;

    public static IEnumerable<Comparison> All()
    {
        yield return Row("as arrays", "C", file =>
        {
            NumericArray<float>[] all = [.. file.Names.Select(file.Read<float>)];
            return all.Sum(array => (double)array.AsSpan()[^1]);
        });
        yield return Row("as matrices", "F", file =>
        {
            Matrix<float>[] all = [.. file.Names.Select(file.ReadMatrix<float>)];
            return all.Sum(matrix => (double)matrix[Rows - 1, Columns - 1]);
        });
    }

    private static Comparison Row(string how, string order, Func<Safetensors, double> sumOfLast) =>
        new($"read {sizeof(float) * (long)Count * Rows * Columns / 1_000_000} MB of safetensors, float32, {how}", folder =>
        {
            var path = Path.Combine(folder, Model);
            return () => sumOfLast(Safetensors.Open(path));
        })
        {
            PeerRow = "numpy_read_safetensors",
            PeerArguments = [$"order={order}"],
            WriteInputs = folder => Write(Path.Combine(folder, Model)),
            Bytes = Bytes,
            Single = true,
        };

    private static void Write(string path) => Safetensors.Write(path, file =>
    {
        var values = new float[Rows * Columns];
        new RandomStream(1).FillGaussian<float>(values);
        var matrix = new NumericArray<float>([Rows, Columns], values);
        for (var i = 0; i < Count; i++)
        {
            file.Add($"layers.{i}.weight", matrix);
        }
    });
}
