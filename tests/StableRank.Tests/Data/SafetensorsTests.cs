using System.Buffers.Binary;
using System.Text;
using StableRank.Data;
using StableRank.Tests.Support;

namespace StableRank.Tests.Data;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Fixture_OfFloats_HasItsTensorsInOrder()
    {
        var entries = TensorFile.List(SampleArrays.Fixture("floats.safetensors"));

        entries.Select(entry => entry.ToString()).Should().Equal(
            "f64 (3, 4) F64", "f32 (3, 4) F32", "f16 (3, 4) F16", "bf16 (3, 4) BF16", "kernel (4, 3, 2, 2) F32",
            "scalar () F64", "empty (0, 3) F64");
        entries.Select(entry => entry.ElementType).Should().Equal(
            ElementType.Float64, ElementType.Float32, ElementType.Float16, ElementType.BFloat16, ElementType.Float32, ElementType.Float64,
            ElementType.Float64);
        foreach (var entry in entries.Take(4))
        {
            TensorFile.ReadMatrix(entry).Should().Be(SampleArrays.Matrix<double>(3, 4));
            TensorFile.ReadMatrix<float>(entry).Should().Be(SampleArrays.Matrix<float>(3, 4));
        }

        TensorFile.ReadMatrix(entries[4]).Should().Be(SampleArrays.Matrix<double>(4, 12));
        TensorFile.ReadMatrix(entries[5])[0, 0].Should().Be(SampleArrays.Value(0));
        TensorFile.ReadMatrix(entries[6]).ColumnCount.Should().Be(3);
    }

    [Fact]
    public void Fixture_OfFloats_HasItsMetadata()
    {
        var file = Safetensors.Open(SampleArrays.Fixture("floats.safetensors"));

        file.Metadata.Should().Equal(new Dictionary<string, string> { ["format"] = "np", ["größe"] = "ü" });
        file.Read<double>("kernel").Shape.Should().Equal(4, 3, 2, 2);
        file.Invoking(f => f.Read<double>("nothing")).Should().Throw<ArgumentException>().WithMessage("*nothing*f64, f32*");
    }

    [Fact]
    public void Fixture_OfIntegers_HasTheirExtremes()
    {
        var file = Safetensors.Open(SampleArrays.Fixture("integers.safetensors"));
        (string Name, double Least, double Greatest)[] types =
        [
            ("i1", -128, 127), ("i2", -32768, 32767), ("i4", int.MinValue, int.MaxValue), ("i8", long.MinValue, long.MaxValue),
            ("u1", 0, 255), ("u2", 0, 65535), ("u4", 0, uint.MaxValue), ("u8", 0, ulong.MaxValue),
        ];
        foreach (var (name, least, greatest) in types)
        {
            file.Read<double>(name).AsSpan().ToArray().Should().Equal(least, greatest, 7);
        }

        file.Read<double>("b1").AsSpan().ToArray().Should().Equal(1, 0, 1);
    }

    [Fact]
    public void Tensor_OfTypeThatIsNotRead_IsListedAndTheOthersAreRead()
    {
        var entries = TensorFile.List(SampleArrays.Fixture("others.safetensors"));

        entries[0].ElementType.Should().BeNull();
        FluentActions.Invoking(() => TensorFile.ReadMatrix(entries[0])).Should().Throw<DataFormatException>().WithMessage("*F8_E4M3*BF16*");
        TensorFile.ReadMatrix(entries[1]).Should().Be(SampleArrays.Matrix<double>(3, 4));
    }

    [Fact]
    public void WrittenTensors_OfEveryShapeAndType_ComeBack()
    {
        var path = folder.File("x.safetensors");
        ElementType[] types = [ElementType.BFloat16, ElementType.Float64, ElementType.Float16, ElementType.Float32];
        Safetensors.Write(path, writer =>
        {
            foreach (var (shape, i) in SampleArrays.Shapes.Select((shape, i) => (shape, i)))
            {
                foreach (var type in types)
                {
                    writer.Add($"d {i} {type}", SampleArrays.Array<double>(shape), type);
                    writer.Add($"s {i} {type}", SampleArrays.Array<float>(shape), type);
                    if (shape.Length == 2)
                    {
                        writer.Add($"m {i} {type}", SampleArrays.Matrix<double>(shape[0], shape[1]), type);
                        writer.Add($"t {i} {type}", SampleArrays.Matrix<double>(shape[1], shape[0]).Transpose(), type);
                    }
                }
            }
        });

        var file = Safetensors.Open(path);

        file.Metadata.Should().BeEmpty();
        foreach (var (shape, i) in SampleArrays.Shapes.Select((shape, i) => (shape, i)))
        {
            foreach (var type in types)
            {
                file.Describe($"d {i} {type}").ElementType.Should().Be(type);
                file.Describe($"d {i} {type}").Shape.Should().Equal(shape);
                file.Read<double>($"s {i} {type}").AsSpan().SequenceEqual(SampleArrays.Array<double>(shape).AsSpan()).Should().BeTrue();
                file.Read<float>($"d {i} {type}").AsSpan().SequenceEqual(SampleArrays.Array<float>(shape).AsSpan()).Should().BeTrue();
                if (shape.Length == 2)
                {
                    file.ReadMatrix<double>($"m {i} {type}").Should().Be(SampleArrays.Matrix<double>(shape[0], shape[1]));
                    file.ReadMatrix<float>($"t {i} {type}").Should().Be(SampleArrays.Matrix<float>(shape[1], shape[0]).Transpose());
                }
            }
        }
    }

    [Fact]
    public void WrittenFile_IsAlignedAndKeepsTheOrderOfItsNames()
    {
        var path = folder.File("x.safetensors");
        Safetensors.Write(
            path,
            writer =>
            {
                writer.Add("half", SampleArrays.Array<float>(3), ElementType.Float16);
                writer.Add("double", SampleArrays.Array<double>(5));
                writer.Add("a/ü \"quoted\"", SampleArrays.Array<float>(1));
                writer.Add("double too", SampleArrays.Array<double>(2));
            },
            new Dictionary<string, string> { ["format"] = "pt" });

        var bytes = File.ReadAllBytes(path);
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        var entries = TensorFile.List(path);

        (length % 8).Should().Be(0);
        Encoding.UTF8.GetString(bytes, 8, length).Should().StartWith(
            """{"__metadata__":{"format":"pt"},"half":{"dtype":"F16","shape":[3],""");
        entries.Select(entry => entry.Name).Should().Equal("half", "double", "a/ü \"quoted\"", "double too");
        entries.Should().OnlyContain(entry => entry.Location!.Offset % (entry.ByteCount / entry.Shape[0]) == 0);
        Safetensors.Open(path).Metadata.Should().Contain("format", "pt");
    }

    [Fact]
    public void Write_OfAValueBeyondTheType_IsRefusedAndLeavesTheOlderFile()
    {
        var path = folder.File("x.safetensors");
        Safetensors.Write(path, writer => writer.Add("old", SampleArrays.Array<double>(2)));
        (ElementType Type, double Value)[] cases =
            [(ElementType.Float16, 65520), (ElementType.BFloat16, 3.4e38), (ElementType.Float32, -1e39)];
        foreach (var (type, value) in cases)
        {
            FluentActions.Invoking(() => Safetensors.Write(path, w => w.Add("new", new NumericArray<double>([2], [1, value]), type)))
                .Should().Throw<ArgumentException>().WithMessage("*'new'*beyond*");
            Safetensors.Open(path).Names.Should().Equal("old");
        }

        Directory.GetFiles(folder.Path).Should().HaveCount(1);
        var special = new NumericArray<double>([2], [double.NaN, double.NegativeInfinity]);
        Safetensors.Write(path, writer => writer.Add("infinite", special, ElementType.Float16));
        Safetensors.Open(path).Read<float>("infinite").AsSpan().ToArray().Should().Equal(float.NaN, float.NegativeInfinity);
    }

    [Fact]
    public void Writer_OfAWrongNameOrType_Throws() => Safetensors.Write(folder.File("x.safetensors"), writer =>
    {
        var array = SampleArrays.Array<float>(2);
        writer.Add("", array);
        writer.Invoking(w => w.Add("", array)).Should().Throw<ArgumentException>();
        writer.Invoking(w => w.Add("__metadata__", array)).Should().Throw<ArgumentException>();
        writer.Invoking(w => w.Add("x", array, ElementType.Int8)).Should().Throw<ArgumentOutOfRangeException>();
        writer.Invoking(w => w.Add("x", MathNet.Numerics.LinearAlgebra.Matrix<float>.Build.Dense(1, 1), ElementType.Boolean))
            .Should().Throw<ArgumentOutOfRangeException>();
    });

    [Fact]
    public void File_ThatWasReplacedAfterListing_IsNotReadByOldOffsets()
    {
        var path = folder.File("x.safetensors");
        Safetensors.Write(path, writer => writer.Add("x", SampleArrays.Array<double>(3)));
        var file = Safetensors.Open(path);
        Safetensors.Write(path, writer => writer.Add("x", SampleArrays.Array<double>(4)));

        file.Invoking(f => f.Read<double>("x")).Should().Throw<DataFormatException>().WithMessage("*changed*'x'*");
        Safetensors.Open(path).Read<double>("x").Shape.Should().Equal(4);
    }

    [Fact]
    public void Tensors_ReadInParallel_AreRight()
    {
        var path = folder.File("x.safetensors");
        Safetensors.Write(path, writer =>
        {
            for (var i = 0; i < 50; i++)
            {
                writer.Add($"{i}", SampleArrays.Matrix<float>(i + 1, 33));
            }
        });
        var file = Safetensors.Open(path);

        Parallel.For(0, 400, i =>
            file.ReadMatrix<float>($"{i % 50}").Should().Be(SampleArrays.Matrix<float>((i % 50) + 1, 33)));
    }

    [Fact]
    public void Listing_OfALargeFile_ReadsTheHeaderOnly()
    {
        var path = folder.File("x.safetensors");
        var json = """{"x":{"dtype":"F32","shape":[32768,16384],"data_offsets":[0,2147483648]}}""";
        using (var file = File.Create(path))
        {
            file.Write(BitConverter.GetBytes((long)json.Length));
            file.Write(Encoding.UTF8.GetBytes(json));
            file.SetLength(8 + json.Length + (1L << 31));
        }

        TensorFile.List(path);
        var before = GC.GetAllocatedBytesForCurrentThread();
        TensorFile.List(path).Single().ByteCount.Should().Be(1L << 31);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(64 * 1024);
    }

    [Fact]
    public void SingleTensor_ReadAsSingle_TakesItsOwnMemoryAndAStrip()
    {
        const int rows = 2000, columns = 1500;
        var path = folder.File("x.safetensors");
        Safetensors.Write(path, writer => writer.Add("x", SampleArrays.Matrix<float>(rows, columns)));
        var entry = TensorFile.List(path).Single();
        TensorFile.ReadMatrix<float>(entry);

        var before = GC.GetAllocatedBytesForCurrentThread();
        TensorFile.ReadMatrix<float>(entry);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan((4L * rows * columns) + ArrayReader.StripBytes + (64 * 1024));
    }
}
