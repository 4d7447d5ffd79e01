using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Tests.Data;
using StableRank.Tests.Support;

namespace StableRank.Tests.Tool;

public sealed class MeasureFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NumPyFact]
    public void Measure_FilesOfNumPys_EqualsNumPy()
    {
        // Matrices of either precision and order, a kernel, and one of low rank; NumPy's own numbers beside them.
        const string Script = """
            import json, numpy as np
            rng = np.random.default_rng(2)
            low = rng.standard_normal((60, 7)) @ rng.standard_normal((7, 40))
            d = dict(wide=rng.standard_normal((30, 80)), tall=rng.standard_normal((70, 20)).astype('f4'),
                     fortran=np.asfortranarray(rng.standard_normal((33, 21))), kernel=rng.standard_normal((16, 3, 5, 5)).astype('f4'),
                     low=low, counts=rng.integers(-9, 9, (12, 10)), half=rng.standard_normal((9, 14)).astype('f2'),
                     row=rng.standard_normal((1, 50)))
            np.savez('plain.npz', **d)
            np.savez_compressed('packed.npz', **d)
            out = {}
            for name, a in d.items():
                a = a.reshape(a.shape[0], -1)
                s = np.linalg.svd(a.astype('f8'), compute_uv=False)
                q = s / s.sum()
                q = q[q > 0]
                e = np.finfo(a.dtype).eps if a.dtype.kind == 'f' else np.finfo('f8').eps
                out[name] = dict(rows=a.shape[0], cols=a.shape[1], stableRank=(s**2).sum() / s[0]**2,
                                 participationRank=(s**2).sum()**2 / (s**4).sum(), effectiveRank=np.exp(-(q * np.log(q)).sum()),
                                 numericalRank=int((s > max(a.shape) * float(e) * s[0]).sum()), spectralNorm=s[0],
                                 frobeniusNorm=float(np.linalg.norm(a.astype('f8'))))
            print(json.dumps(out))
            """;
        var numpy = JsonDocument.Parse(NumPy.Run(Script, _folder.Path)).RootElement;
        foreach (var file in (string[])["plain.npz", "packed.npz"])
        {
            var tensors = ToolRun.Done("measure --json", _folder.File(file)).Json.GetProperty("tensors").EnumerateArray().ToList();
            tensors.Select(t => t.GetProperty("name").GetString()).Should().Equal(numpy.EnumerateObject().Select(p => p.Name));
            foreach (var tensor in tensors)
            {
                foreach (var expected in numpy.GetProperty(tensor.GetProperty("name").GetString()!).EnumerateObject())
                {
                    var value = expected.Value.GetDouble();
                    Number(tensor, expected.Name).Should().BeApproximately(
                        value, 1e-10 * value, $"{file} {tensor.GetProperty("name")} {expected.Name}");
                }
            }
        }
    }

    [NumPyFact]
    public void Measure_SafetensorsOfNumPys_EqualsNumPyInDouble()
    {
        // The same matrices in every precision, against NumPy's double values of what the file holds: wide and tall, of rank 7, with one
        // great singular value, with zero rows.
        const string Script = """
            import json, struct, numpy as np
            rng = np.random.default_rng(3)
            a = rng.standard_normal((60, 60))
            a[::3] = 0
            g = rng.standard_normal
            matrices = dict(wide=g((30, 80)), tall=g((170, 40)), kernel=g((16, 3, 5, 5)), low=g((60, 7)) @ g((7, 40)),
                            pulled=g((90, 90)) * .05 + 1, rows=a)
            header, data, out = {}, b'', {}
            for kind, dtype in (('F64', 'f8'), ('F32', 'f4'), ('F16', 'f2'), ('BF16', 'f4')):
                for name, m in matrices.items():
                    m = m.astype(dtype)
                    if kind == 'BF16':
                        bits = ((m.view('u4') + 0x8000) >> 16).astype('u2')
                        m, raw = (bits.astype('u4') << 16).view('f4'), bits.tobytes()
                    else:
                        raw = m.tobytes()
                    header[f'{kind} {name}'] = dict(dtype=kind, shape=list(m.shape), data_offsets=[len(data), len(data) + len(raw)])
                    data += raw
                    s = np.linalg.svd(m.reshape(len(m), -1).astype('f8'), compute_uv=False)
                    q = s / s.sum()
                    q = q[q > 0]
                    out[f'{kind} {name}'] = dict(stableRank=(s**2).sum() / s[0]**2, participationRank=(s**2).sum()**2 / (s**4).sum(),
                                                 effectiveRank=np.exp(-(q * np.log(q)).sum()), spectralNorm=s[0])
            text = json.dumps(header).encode()
            with open('x.safetensors', 'wb') as file:
                file.write(struct.pack('<Q', len(text)) + text + data)
            print(json.dumps(out))
            """;
        var numpy = JsonDocument.Parse(NumPy.Run(Script, _folder.Path)).RootElement;
        var tensors = ToolRun.Done("measure --json", _folder.File("x.safetensors")).Json.GetProperty("tensors").EnumerateArray().ToList();
        tensors.Select(t => t.GetProperty("name").GetString()).Should().Equal(numpy.EnumerateObject().Select(p => p.Name));
        foreach (var tensor in tensors)
        {
            var name = tensor.GetProperty("name").GetString()!;
            foreach (var expected in numpy.GetProperty(name).EnumerateObject())
            {
                var value = expected.Value.GetDouble();

                // Singular values below eps s1 are noise, and count in the effective rank with their logarithm: 40 eps times 40 of them.
                Number(tensor, expected.Name).Should().BeApproximately(value, 1e-11 * value, $"{name} {expected.Name}");
            }
        }

        tensors[^1].GetProperty("dtype").GetString().Should().Be("bf16");
    }

    [Fact]
    public void Measure_ModelOfShards_IsMeasuredByFolderAndByIndex()
    {
        foreach (var path in new[] { SampleArrays.Fixture("model.safetensors.index.json"), CopyModel() })
        {
            var json = ToolRun.Done("measure --json", path).Json;

            json.GetProperty("tensors").EnumerateArray().Select(t => t.GetProperty("name").GetString()).Should().Equal("a", "c");
            json.GetProperty("skipped").EnumerateArray().Select(t => t.GetProperty("name").GetString()).Should().Equal("b");
            json.GetProperty("tensors")[1].GetProperty("file").GetString().Should().EndWith("model-00002-of-00002.safetensors");
        }

        string CopyModel()
        {
            foreach (var file in Directory.GetFiles(SampleArrays.FixtureFolder, "model*"))
            {
                File.Copy(file, _folder.File(Path.GetFileName(file)));
            }

            return _folder.Path;
        }
    }

    [Fact]
    public void Measure_FilesOfEveryKind_AgreeOnTheMatrix()
    {
        string[] files = ["matrix_f8.npy", "matrix.csv", "header.csv", "packed.csv.gz", "f8.idx", "matrix_f4.npy"];
        var ranks = ToolRun.Done("measure --json", [.. files.Select(SampleArrays.Fixture)]).Json.GetProperty("tensors")
            .EnumerateArray().Select(t => Number(t, "stableRank")).ToList();

        ranks.Should().HaveCount(files.Length).And.AllBeEquivalentTo(ranks[0]);
    }

    [Fact]
    public void Measure_ManyTensors_ComeInTheOrderOfTheFileWhateverTheWorkers()
    {
        Safetensors.Write(_folder.File("m.safetensors"), writer =>
        {
            for (var i = 0; i < 60; i++)
            {
                writer.Add($"{i}", Matrix<float>.Build.DenseIdentity(1 + (i * 7 % 40), 1 + (i * 11 % 50)));
            }
        });

        var tensors = ToolRun.Done("measure --json", _folder.File("m.safetensors")).Json.GetProperty("tensors").EnumerateArray().ToList();

        tensors.Select(t => t.GetProperty("name").GetString()).Should().Equal(Enumerable.Range(0, 60).Select(i => $"{i}"));
        tensors.Should().OnlyContain(t => Math.Abs(Number(t, "stableRank") - Math.Min(Number(t, "rows"), Number(t, "cols"))) < 1e-12 * 50);
    }

    [Fact]
    public void Measure_TruncatedFile_IsNamedAndTheOthersAreMeasured()
    {
        NpyArray.Write(_folder.File("a.npy"), Matrix<double>.Build.DenseIdentity(4));
        NpyArray.Write(_folder.File("b.npy"), Matrix<double>.Build.DenseIdentity(5));
        var bytes = File.ReadAllBytes(_folder.File("a.npy"));
        File.WriteAllBytes(_folder.File("short.npy"), bytes[..^8]);
        File.WriteAllText(_folder.File("junk.npz"), "no archive");

        var run = ToolRun.Of(
            ["measure", "--json", .. ((string[])["a.npy", "junk.npz", "short.npy", "b.npy"]).Select(_folder.File)]);

        run.ExitCode.Should().Be(1);
        run.Json.GetProperty("tensors").EnumerateArray().Where(t => !t.TryGetProperty("error", out _))
            .Select(t => t.GetProperty("name").GetString()).Should().Equal("a", "b");
        run.Error.Should().Contain("short.npy").And.Contain("junk.npz").And.NotContain("a.npy");
    }

    private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();
}
