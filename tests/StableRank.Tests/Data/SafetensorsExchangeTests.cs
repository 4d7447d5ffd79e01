using StableRank.Data;
using StableRank.Tests.Support;

namespace StableRank.Tests.Data;

/// <summary>Safetensors and CSV between the library and the NumPy that is installed; the format is taken apart by hand in Python.</summary>
public sealed class SafetensorsExchangeTests : IDisposable
{
    private const string Preamble = """
        import json, struct
        import numpy as np
        TYPES = {'F64': '<f8', 'F32': '<f4', 'F16': '<f2', 'BF16': '<u2'}
        def values(shape, dtype='<f8'):
            k = np.arange(int(np.prod(shape, dtype=int)))
            return (((k * k) % 17 - 5) / 4).astype(dtype).reshape(shape)
        def load(path):
            raw = open(path, 'rb').read()
            n, = struct.unpack('<Q', raw[:8])
            assert n % 8 == 0 and raw[8:9] == b'{'
            header, data, out, ranges = json.loads(raw[8:8 + n]), raw[8 + n:], {}, []
            header.pop('__metadata__', None)
            for name, t in header.items():
                begin, end = t['data_offsets']
                ranges.append((begin, end))
                a = np.frombuffer(data[begin:end], TYPES[t['dtype']])
                if t['dtype'] == 'BF16':
                    a = (a.astype('<u4') << 16).view('<f4')
                out[name] = a.reshape(t['shape'])
            at = 0
            for begin, end in sorted(ranges):
                assert begin == at
                at = end
            assert at == len(data)
            return out
        def bfloat16(a):
            bits = np.ascontiguousarray(a, '<f4').view('<u4').astype('u8')
            return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype('<u2')
        def save(path, tensors):
            header, data = {}, b''
            for name, (dtype, a) in tensors.items():
                raw = np.ascontiguousarray(a).tobytes()
                header[name] = {'dtype': dtype, 'shape': list(a.shape), 'data_offsets': [len(data), len(data) + len(raw)]}
                data += raw
            text = json.dumps(header).encode()
            text += b' ' * (-len(text) % 8)
            open(path, 'wb').write(struct.pack('<Q', len(text)) + text + data)

        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [NumPyFact]
    public void NumPy_Finds_WhatWeWrite()
    {
        ElementType[] types = [ElementType.Float64, ElementType.Float32, ElementType.Float16, ElementType.BFloat16];
        Safetensors.Write(folder.File("x.safetensors"), writer =>
        {
            foreach (var (shape, i) in SampleArrays.Shapes.Select((shape, i) => (shape, i)))
            {
                foreach (var type in types)
                {
                    writer.Add($"{i} {type}", SampleArrays.Array<double>(shape), type);
                    if (shape.Length == 2)
                    {
                        writer.Add($"m {i} {type}", SampleArrays.Matrix<float>(shape[0], shape[1]), type);
                    }
                }
            }
        });

        var shapes = string.Join(", ", SampleArrays.Shapes.Select(shape => $"({string.Concat(shape.Select(d => $"{d}, "))})"));
        NumPy.Run(
            Preamble + $$"""
            found = load('x.safetensors')
            for i, shape in enumerate([{{shapes}}]):
                for kind in ('Float64', 'Float32', 'Float16', 'BFloat16'):
                    for name in [f'{i} {kind}'] + ([f'm {i} {kind}'] if len(shape) == 2 else []):
                        assert found[name].shape == shape and np.array_equal(found[name], values(shape)), name
            print('equal')
            """,
            folder.Path).Should().Be("equal");
    }

    [NumPyFact]
    public void Rounding_ToEveryType_IsNumPys()
    {
        var random = new Random(3);
        double[] values = [.. Enumerable.Range(0, 20_000).Select(_ => Math.ScaleB(random.NextDouble() - 0.5, random.Next(-30, 17)))];
        var array = new NumericArray<double>([values.Length], values);
        var singles = new NumericArray<float>([values.Length], [.. values.Select(v => (float)v)]);
        NpyArray.Write(folder.File("x.npy"), array);
        Safetensors.Write(folder.File("x.safetensors"), writer =>
        {
            writer.Add("f32", array, ElementType.Float32);
            writer.Add("f16", array, ElementType.Float16);
            writer.Add("bf16", singles, ElementType.BFloat16);
        });

        NumPy.Run(
            Preamble + """
            x, found = np.load('x.npy'), load('x.safetensors')
            assert np.array_equal(found['f32'], x.astype('<f4'))
            assert np.array_equal(found['f16'], x.astype('<f2'))
            assert np.array_equal(found['bf16'], (bfloat16(x.astype('<f4')).astype('<u4') << 16).view('<f4'))
            assert not np.array_equal(found['bf16'], x.astype('<f4'))
            print('equal')
            """,
            folder.Path).Should().Be("equal");
    }

    [NumPyFact]
    public void WeFind_WhatNumPyWrites()
    {
        NumPy.Run(
            Preamble + """
            rng = np.random.default_rng(4)
            x = rng.standard_normal((37, 53))
            bits = bfloat16(x)
            save('x.safetensors', {'f8': ('F64', x), 'f4': ('F32', x.astype('<f4')), 'f2': ('F16', x.astype('<f2')), 'bf': ('BF16', bits)})
            np.savez('x.npz', f8=x, f4=x.astype('<f4'), f2=x.astype('<f2'), bf=(bits.astype('<u4') << 16).view('<f4'))
            np.savetxt('x.csv', x, delimiter=',', fmt='%.17g')
            """,
            folder.Path);

        using var expected = Npz.Open(folder.File("x.npz"));
        foreach (var entry in TensorFile.List(folder.File("x.safetensors")))
        {
            TensorFile.ReadMatrix(entry).Should().Be(expected.ReadMatrix<double>(entry.Name));
            TensorFile.ReadMatrix<float>(entry).Should().Be(expected.ReadMatrix<float>(entry.Name));
        }

        CsvMatrix.Read<double>(folder.File("x.csv")).Should().Be(expected.ReadMatrix<double>("f8"));
    }

    [NumPyFact]
    public void NumPy_Loads_TheCsvThatWeWrite()
    {
        CsvMatrix.Write(folder.File("x.csv"), SampleArrays.Matrix<double>(31, 33) * Math.PI);
        CsvMatrix.Write(folder.File("y.csv.gz"), SampleArrays.Matrix<float>(7, 5), ["a", "b", "c", "d", "e"], CsvDelimiter.Semicolon);

        NumPy.Run(
            Preamble + """
            assert np.array_equal(np.loadtxt('x.csv', delimiter=','), values((31, 33)) * np.pi)
            assert np.array_equal(np.loadtxt('y.csv.gz', delimiter=';', skiprows=1), values((7, 5)))
            print('equal')
            """,
            folder.Path).Should().Be("equal");
    }
}
