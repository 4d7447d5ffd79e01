using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Randomness;
using StableRank.Spectra;
using StableRank.Tests.Data;
using StableRank.Tests.Support;

namespace StableRank.Tests.Tool;

public sealed class MeasureCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Matrices whose singular values are known: diag(3, 2, 1, 0) padded, and a kernel whose rows out x rest are orthogonal.
    [Fact]
    public void Measure_KnownMatrices_HaveTheirRanks()
    {
        var diagonal = Matrix<double>.Build.Dense(4, 6);
        (diagonal[0, 5], diagonal[1, 0], diagonal[2, 3]) = (3, -2, 1);
        var kernel = new double[2 * 3 * 2 * 2];
        (kernel[0], kernel[12 + 7]) = (2, 2);
        Npz.Write(_folder.File("m.npz"), npz =>
        {
            npz.Add("diagonal", diagonal);
            npz.Add("bias", new NumericArray<double>([5], [1, 2, 3, 4, 5]));
            npz.Add("kernel", new NumericArray<double>([2, 3, 2, 2], kernel));
            npz.Add("step", new NumericArray<double>([], [7]));
        });

        var json = ToolRun.Done("measure --json", _folder.File("m.npz")).Json;

        var tensors = json.GetProperty("tensors");
        tensors.EnumerateArray().Select(t => t.GetProperty("name").GetString()).Should().Equal("diagonal", "kernel");
        var first = tensors[0];
        first.GetProperty("rows").GetInt32().Should().Be(4);
        first.GetProperty("cols").GetInt32().Should().Be(6);
        Number(first, "stableRank").Should().BeApproximately(14.0 / 9, 1e-14);
        Number(first, "participationRank").Should().BeApproximately(14.0 * 14 / (81 + 16 + 1), 1e-14);
        Number(first, "effectiveRank").Should().BeApproximately(
            Math.Exp(-((0.5 * Math.Log(0.5)) + (Math.Log(1.0 / 3) / 3) + (Math.Log(1.0 / 6) / 6))), 1e-13);
        first.GetProperty("numericalRank").GetInt32().Should().Be(3);
        Number(first, "spectralNorm").Should().BeApproximately(3, 1e-14);
        Number(first, "frobeniusNorm").Should().BeApproximately(Math.Sqrt(14), 1e-14);
        Number(first, "ratioToGaussian").Should().BeApproximately(14.0 / 9 / GaussianStableRank.Typical(4, 6), 1e-14);
        first.TryGetProperty("error", out _).Should().BeFalse();

        var second = tensors[1];
        (second.GetProperty("rows").GetInt32(), second.GetProperty("cols").GetInt32()).Should().Be((2, 12));
        second.GetProperty("shape").EnumerateArray().Select(s => s.GetInt32()).Should().Equal(2, 3, 2, 2);
        Number(second, "stableRank").Should().BeApproximately(2, 1e-14);

        json.GetProperty("skipped").EnumerateArray().Select(s => s.GetProperty("name").GetString()).Should().Equal("bias", "step");
        json.GetProperty("failed").GetArrayLength().Should().Be(0);
    }

    [Fact]
    public void Measure_TensorGlob_ChoosesByName()
    {
        WriteNamed("b.weight", "a.weight", "a.bias");

        Names("a.*").Should().Equal("a.weight", "a.bias");
        Names("*.weight").Should().Equal("b.weight", "a.weight");
        Names("?.weight").Should().Equal("b.weight", "a.weight");
        Names("*").Should().Equal("b.weight", "a.weight", "a.bias");

        var none = ToolRun.Of("measure", _folder.File("m.npz"), "--tensor", "A.*", "--json");
        none.ExitCode.Should().Be(1);
        none.Output.Should().BeEmpty();
        none.Error.Should().Contain("A.*").And.Contain("b.weight, a.weight, a.bias");

        IEnumerable<string?> Names(string glob) => ToolRun.Done("measure --json", _folder.File("m.npz"), "--tensor", glob).Json
            .GetProperty("tensors").EnumerateArray().Select(t => t.GetProperty("name").GetString());
    }

    [Fact]
    public void Measure_BadTensor_IsNamedAndTheOthersAreMeasured()
    {
        var good = Matrix<double>.Build.DenseIdentity(3);
        var infinite = Matrix<double>.Build.DenseIdentity(3);
        infinite[2, 1] = double.PositiveInfinity;
        Npz.Write(_folder.File("m.npz"), npz =>
        {
            npz.Add("infinite", infinite);
            npz.Add("zero", Matrix<double>.Build.Dense(3, 2));
            npz.Add("good", good);
        });

        var run = ToolRun.Of("measure", "--json", _folder.File("m.npz"));

        run.ExitCode.Should().Be(1);
        var tensors = run.Json.GetProperty("tensors");
        tensors[0].GetProperty("error").GetString().Should().Contain("row 2, column 1");
        tensors[0].GetProperty("stableRank").ValueKind.Should().Be(JsonValueKind.Null);
        tensors[1].GetProperty("error").GetString().Should().Contain("zero");
        tensors[1].GetProperty("participationRank").ValueKind.Should().Be(JsonValueKind.Null);
        Number(tensors[2], "stableRank").Should().BeApproximately(3, 1e-14);
        run.Error.Should().Contain("infinite").And.Contain("zero").And.NotContain("good");

        var table = ToolRun.Of("measure", _folder.File("m.npz"));
        table.ExitCode.Should().Be(1);
        table.Output.Should().Contain("good").And.Contain("3.0000");
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

    [Fact]
    public void Measure_Table_NamesTensorsWholeAtEveryWidth()
    {
        const string Long = "model.decoder.layers.11.self_attention.query_key_value.weight";
        WriteNamed(Long, "short");
        foreach (var width in (int?[])[null, 160, 100, 80, 50])
        {
            var output = new StringWriter();
            var console = StableRank.Tool.CommandLine.CliConsole.Over(output, TextWriter.Null, width);
            StableRank.Tool.StableRankCli.Invoke(["measure", _folder.File("m.npz")], console).Should().Be(0);

            var lines = output.ToString().Split('\n');
            lines.Should().Contain(l => l.Contains(Long, StringComparison.Ordinal));
            output.ToString().Should().Contain("1.0000").And.NotContain("\u001b").And.NotContain("…");
            lines.Where(l => !l.Contains(Long, StringComparison.Ordinal))
                .Should().OnlyContain(l => width == null || l.TrimEnd().Length <= width);
        }
    }

    [Fact]
    public void Measure_Skipped_IsSaidOnTheErrorStream()
    {
        NpyArray.Write(_folder.File("v.npy"), new NumericArray<double>([3], [1, 2, 3]));

        var run = ToolRun.Done("measure", _folder.File("v.npy"));

        run.Output.Should().BeEmpty();
        run.Error.Should().Contain("v (a vector of 3)");
    }

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
    public void Measure_SortedAndFiltered_IsAsAskedFor()
    {
        Npz.Write(_folder.File("m.npz"), npz =>
        {
            npz.Add("b", Matrix<double>.Build.DenseIdentity(3));
            npz.Add("zero", Matrix<double>.Build.Dense(4, 4));
            npz.Add("c", Matrix<double>.Build.DenseIdentity(7, 2));
            npz.Add("a", Matrix<double>.Build.DenseIdentity(4, 60));
            npz.Add("bias", new NumericArray<double>([2], [1, 2]));
        });

        Names().Should().Equal("b", "zero", "c", "a");
        Names("--sort", "file").Should().Equal("b", "zero", "c", "a");
        Names("--sort", "name").Should().Equal("a", "b", "c", "zero");
        Names("--sort", "stable-rank").Should().Equal("a", "b", "c", "zero");
        Names("--sort", "size").Should().Equal("a", "zero", "c", "b");

        // Of identities, k over max(1, m n/(sqrt m + sqrt n)^2): 3 of b, 2 of c and 1.58 of a.
        Names("--sort", "ratio").Should().Equal("b", "c", "a", "zero");
        Names("--min-size", "14").Should().Equal("zero", "c", "a");
        Names("--min-size", "15", "--tensor", "[ab]", "--tensor", "?", "--sort", "name").Should().Equal("a");
        Names("--tensor", "a", "--tensor", "c").Should().Equal("c", "a");

        var none = ToolRun.Of("measure", _folder.File("m.npz"), "--min-size", "1000", "--tensor", "?");
        none.ExitCode.Should().Be(1);
        none.Error.Should().Contain("named ? with at least 1000 entries").And.Contain("b, zero, c, a");

        IEnumerable<string?> Names(params string[] more) => ToolRun.Of(["measure", "--json", _folder.File("m.npz"), .. more]).Json
            .GetProperty("tensors").EnumerateArray().Select(t => t.GetProperty("name").GetString());
    }

    [Fact]
    public void Measure_BesideEachStableRank_SaysWhereItLiesAmongGaussians()
    {
        var gaussian = Matrix<double>.Build.Dense(50, 30, new double[1500]);
        new RandomStream(8).FillGaussian<double>(gaussian.AsColumnMajorArray());
        var low = gaussian + (Matrix<double>.Build.Dense(50, 30, 1) * 10);
        Npz.Write(_folder.File("m.npz"), npz =>
        {
            npz.Add("gaussian", gaussian.Transpose());
            npz.Add("low", low);
            npz.Add("square high", Matrix<double>.Build.Diagonal(24, 24, i => i < 20 ? 1 : 0.5));
            npz.Add("square middle", Matrix<double>.Build.Diagonal(24, 24, i => i < 12 ? 1 : 0.1));
            npz.Add("row", Matrix<double>.Build.Dense(1, 9, 1));
            npz.Add("flat", Matrix<double>.Build.DenseIdentity(6, 6));
            npz.Add("zero", Matrix<double>.Build.Dense(3, 3));
        });

        var tensors = ToolRun.Of("measure", "--json", _folder.File("m.npz")).Json.GetProperty("tensors");

        tensors.EnumerateArray().Select(t => t.GetProperty("phase").GetString())
            .Should().Equal(Number(tensors[0], "stableRank") < GaussianStableRank.Typical(50, 30) ? "pulled" : "gapped",
                "pulled", "gapped", "squeezed", null, null, null);
        var law = GaussianStableRankLaw.Of(50, 30);
        Number(tensors[0], "zScore").Should().Be(law.ZScore(Number(tensors[0], "stableRank"))).And.BeInRange(-5, 5);
        Number(tensors[1], "zScore").Should().BeLessThan(-5);
        Number(tensors[1], "gaussianMean").Should().Be(law.Mean);
        Number(tensors[1], "gaussianStandardDeviation").Should().Be(law.StandardDeviation);
        Number(tensors[2], "zScore").Should().BeGreaterThan(5);
        tensors[4].GetProperty("zScore").ValueKind.Should().Be(JsonValueKind.Null, "all rows have the stable rank 1");
        tensors[6].GetProperty("gaussianMean").ValueKind.Should().Be(JsonValueKind.Null);

        var table = ToolRun.Of("measure", _folder.File("m.npz"), "--sort", "z").Output;
        table.Should().MatchRegex(@"low +50 x 30 .* -\d+\.\d\d +pulled");
        table.IndexOf("square high", StringComparison.Ordinal).Should().BeLessThan(table.IndexOf("low", StringComparison.Ordinal));
    }

    [Fact]
    public void Measure_Csv_HoldsTheRowsInFullPrecision()
    {
        var matrix = Matrix<double>.Build.Dense(5, 3, (i, j) => Math.Sin((3 * i) + (j * j)));
        Npz.Write(_folder.File("m.npz"), npz =>
        {
            npz.Add("layer, first", matrix);
            npz.Add("zero", Matrix<double>.Build.Dense(2, 2));
        });

        var run = ToolRun.Of("measure", "--json", _folder.File("m.npz"), "--csv", _folder.File("t.csv"));

        run.ExitCode.Should().Be(1, "of the zero matrix");
        var lines = File.ReadAllLines(_folder.File("t.csv"));
        lines.Should().HaveCount(3);
        lines[0].Should().StartWith("tensor,file,dtype,shape,rows,cols,stable_rank,");
        var cells = lines[1].Split(',');
        lines[1].Should().StartWith("\"layer, first\",");
        cells[7].Should().Be(Number(run.Json.GetProperty("tensors")[0], "stableRank").ToString("R"));
        lines[2].Should().StartWith("zero,").And.Contain(",,,").And.Contain("all entries are zero");
        Directory.GetFiles(_folder.Path).Should().HaveCount(2, "nothing temporary is left");

        (string Path, string Fault)[] wrong = [(_folder.File("no/t.csv"), "there is no folder"), (_folder.Path, "is a folder")];
        foreach (var (path, fault) in wrong)
        {
            ToolRun.Of("measure", _folder.File("m.npz"), "--csv", path).Error.Should().Contain("--csv").And.Contain(fault);
        }
    }

    [Fact]
    public void Measure_NameWithAnEscape_ReachesNoTerminal()
    {
        Safetensors.Write(_folder.File("m.safetensors"), writer =>
        {
            writer.Add("evil\u001b[2J", Matrix<float>.Build.DenseIdentity(2));
            writer.Add("zero\u001b]0;", Matrix<float>.Build.Dense(2, 2));
        });

        var run = ToolRun.Of("measure", _folder.File("m.safetensors"));

        run.Output.Should().Contain("evil").And.NotContain("\u001b");
        run.Error.Should().Contain("zero").And.NotContain("\u001b");
    }

    private void WriteNamed(params string[] names) => Npz.Write(_folder.File("m.npz"), npz =>
    {
        foreach (var name in names)
        {
            npz.Add(name, Matrix<double>.Build.DenseIdentity(2, 1));
        }
    });

    private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();
}
