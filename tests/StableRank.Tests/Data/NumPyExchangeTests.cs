using System.IO.Compression;
using StableRank.Data;
using StableRank.Tests.Support;

namespace StableRank.Tests.Data;

/// <summary>NumPy reads what the library writes, and the reverse, with the NumPy that is installed.</summary>
public sealed class NumPyExchangeTests : IDisposable
{
    /// <summary>The values of <see cref="SampleArrays"/>, once more in Python.</summary>
    private const string Preamble = """
        import numpy as np
        def values(shape, dtype):
            k = np.arange(int(np.prod(shape, dtype=int)))
            return (((k * k) % 17 - 5) / 4).astype(dtype).reshape(shape)
        def check(name, array, shape, dtype, fortran=False):
            want = values(shape, dtype)
            assert array.dtype == np.dtype(dtype) and array.shape == shape, (name, array.dtype, array.shape)
            assert np.array_equal(array, want), (name, array, want)
            assert array.flags.f_contiguous if fortran else array.flags.c_contiguous, (name, array.flags)

        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [NumPyFact]
    public void NumPy_Loads_WhatWeWrite()
    {
        var script = Preamble;
        foreach (var (shape, i) in SampleArrays.Shapes.Select((shape, i) => (shape, i)))
        {
            NpyArray.Write(folder.File($"d{i}.npy"), SampleArrays.Array<double>(shape));
            NpyArray.Write(folder.File($"s{i}.npy"), SampleArrays.Array<float>(shape));
            script += $"check('{i}', np.load('d{i}.npy'), {Tuple(shape)}, '<f8')\n";
            script += $"check('{i}', np.load('s{i}.npy'), {Tuple(shape)}, '<f4')\n";
            if (shape.Length == 2)
            {
                NpyArray.Write(folder.File($"c{i}.npy"), SampleArrays.Matrix<double>(shape[0], shape[1]));
                NpyArray.Write(folder.File($"f{i}.npy"), SampleArrays.Matrix<float>(shape[0], shape[1]), MemoryOrder.ColumnMajor);
                script += $"check('{i}', np.load('c{i}.npy'), {Tuple(shape)}, '<f8')\n";
                script += $"check('{i}', np.load('f{i}.npy'), {Tuple(shape)}, '<f4', True)\n";
            }
        }

        NumPy.Run(script + "print('equal')", folder.Path).Should().Be("equal");
    }

    [NumPyFact]
    public void NumPy_LoadsArchives_ThatWeWrite()
    {
        foreach (var (name, compression) in new[] { ("stored", CompressionLevel.NoCompression), ("packed", CompressionLevel.Optimal) })
        {
            Npz.Write(
                folder.File(name + ".npz"),
                writer =>
                {
                    writer.Add("layer/0", SampleArrays.Matrix<double>(70, 90));
                    writer.Add("b", SampleArrays.Array<float>(2, 3, 4));
                    writer.Add("größe", SampleArrays.Array<double>());
                },
                compression);
        }

        NumPy.Run(
            Preamble + """
            import zipfile
            for name in ('stored', 'packed'):
                assert zipfile.ZipFile(name + '.npz').testzip() is None
                with np.load(name + '.npz') as z:
                    assert set(z.files) == {'b', 'größe', 'layer/0'}, z.files
                    check(name, z['layer/0'], (70, 90), '<f8')
                    check(name, z['b'], (2, 3, 4), '<f4')
                    check(name, z['größe'], (), '<f8')
            print('equal')
            """,
            folder.Path).Should().Be("equal");
    }

    [NumPyFact]
    public void WeRead_WhatNumPyWrites()
    {
        var script = Preamble;
        foreach (var (shape, i) in SampleArrays.Shapes.Select((shape, i) => (shape, i)))
        {
            foreach (var type in new[] { "f2", "f4", "f8" })
            {
                script += $"""
                    for order, name in (('C', 'c'), ('F', 'f')):
                        for endian, suffix in (('<', 'l'), ('>', 'b')):
                            np.save(f'{type}{i}{"{name}{suffix}"}.npy', np.array(values({Tuple(shape)}, endian + '{type}'), order=order))

                    """;
            }
        }

        script += "np.savez('a.npz', **{f'x{i}': values((i, 5), '<f8') for i in range(20)})\n";
        script += "np.savez_compressed('b.npz', **{f'x{i}': values((i, 5), '<f4') for i in range(20)}, big=values((300, 200), '<f8'))\n";
        NumPy.Run(script, folder.Path);

        foreach (var (shape, i) in SampleArrays.Shapes.Select((shape, i) => (shape, i)))
        {
            foreach (var type in new[] { "f2", "f4", "f8" })
            {
                foreach (var suffix in new[] { "cl", "cb", "fl", "fb" })
                {
                    var array = NpyArray.Read(folder.File($"{type}{i}{suffix}.npy"));
                    array.Shape.Should().Equal(shape);
                    array.AsSpan().SequenceEqual(SampleArrays.Array<double>(shape).AsSpan()).Should().BeTrue();
                    NpyArray.ReadMatrix<float>(folder.File($"{type}{i}{suffix}.npy"))
                        .Should().Be(SampleArrays.Array<float>(shape).ToMatrix());
                }
            }
        }

        foreach (var name in new[] { "a.npz", "b.npz" })
        {
            using var archive = Npz.Open(folder.File(name));
            for (var i = 0; i < 20; i++)
            {
                archive.ReadMatrix<double>($"x{i}").Should().Be(SampleArrays.Matrix<double>(i, 5));
            }
        }

        using var packed = Npz.Open(folder.File("b.npz"));
        packed.ReadMatrix<double>("big").Should().Be(SampleArrays.Matrix<double>(300, 200));
    }

    [NumPyFact]
    public void NumPy_OnATransposedMatrix_Objects()
    {
        // The comparison sees the mistake that column-major storage invites.
        NpyArray.Write(folder.File("x.npy"), SampleArrays.Array<double>(4, 3));
        var run = Shell.Run(NumPy.Python!, ["-c", Preamble + "check('x', np.load('x.npy').T.copy(), (3, 4), '<f8')"], folder.Path);

        run.ExitCode.Should().NotBe(0);
        run.Error.Should().Contain("AssertionError");
    }

    private static string Tuple(int[] shape) => $"({string.Concat(shape.Select(d => $"{d}, "))})";
}
