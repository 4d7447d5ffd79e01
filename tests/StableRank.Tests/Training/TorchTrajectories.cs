using System.Numerics;
using StableRank.Data;
using StableRank.Networks;
using StableRank.Tests.Support;
using StableRank.Training;

namespace StableRank.Tests.Training;

/// <summary>
/// What PyTorch did (Fixtures/make_torch_trajectories.py, command in its heading), and the same problem here: the gradient a x - c sin(c
/// x) of sum a x^2 / 2 + cos(c x) over two parameters.
/// </summary>
internal static class TorchTrajectories
{
    public const int Steps = 60;
    public const double Rate = 0.05;
    public static readonly int[] Kept = [1, 2, 3, 10, 30, 60];
    private static readonly string[] Names = ["w", "b"];

    public static double[] Read(string name)
    {
        using var archive = Npz.Open(Path.Combine(
            Repository.Root, "tests", "StableRank.Tests", "Training", "Fixtures", "torch_trajectories.npz"));
        return archive.Read<double>(name).AsSpan().ToArray();
    }

    /// <summary>The largest distance from PyTorch's values over the stored steps and all entries.</summary>
    public static double Deviation<T>(Optimizer<T> optimizer, string kind)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var precision = typeof(T) == typeof(double) ? "double" : "single";
        var theirs = Names.Select(name => Read($"{kind}.{precision}.{name}")).ToArray();
        var curvatures = Names.Select(name => Converted<T>($"a.{name}")).ToArray();
        var frequencies = Names.Select(name => Converted<T>($"c.{name}")).ToArray();
        Parameter<T>[] parameters = [.. Names.Select(name => ParameterOf(name, Converted<T>($"start.{name}")))];
        var worst = 0.0;
        for (var step = 1; step <= Steps; step++)
        {
            for (var p = 0; p < parameters.Length; p++)
            {
                var (x, a, c) = (parameters[p].Values, curvatures[p], frequencies[p]);
                for (var i = 0; i < x.Length; i++)
                {
                    parameters[p].Gradient[i] = (a[i] * x[i]) - (c[i] * T.Sin(c[i] * x[i]));
                }
            }

            optimizer.Step(parameters, Rate).Should().BeTrue();
            var row = Array.IndexOf(Kept, step);
            for (var p = 0; row >= 0 && p < parameters.Length; p++)
            {
                var x = parameters[p].Values;
                var expected = theirs[p].AsSpan(row * x.Length, x.Length).ToArray();
                worst = Math.Max(worst, x.Zip(expected, (mine, other) => Math.Abs(double.CreateChecked(mine) - other)).Max());
            }
        }

        return worst;
    }

    public static Parameter<T> ParameterOf<T>(string name, T[] values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => new(name, values.Length, 1, values, [values.Length]);

    private static T[] Converted<T>(string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => [.. Read(name).Select(T.CreateChecked)];
}
