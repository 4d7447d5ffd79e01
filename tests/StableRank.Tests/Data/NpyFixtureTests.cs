using StableRank.Data;

namespace StableRank.Tests.Data;

/// <summary>Files that NumPy wrote (Fixtures/make_fixtures.py), against values computed here.</summary>
public sealed class NpyFixtureTests
{
    [Theory]
    [InlineData("matrix_f8", 3, 4)]
    [InlineData("matrix_f4", 3, 4)]
    [InlineData("matrix_f8_fortran", 3, 4)]
    [InlineData("matrix_f4_fortran", 3, 4)]
    [InlineData("matrix_f8_big_endian", 3, 4)]
    [InlineData("matrix_f4_big_endian_fortran", 3, 4)]
    [InlineData("matrix_version2", 3, 4)]
    [InlineData("matrix_version3", 3, 4)]
    [InlineData("scalar")]
    [InlineData("vector", 7)]
    [InlineData("empty", 0, 3)]
    [InlineData("cube_fortran", 2, 3, 4)]
    [InlineData("kernel", 4, 3, 2, 2)]
    [InlineData("kernel_fortran", 4, 3, 2, 2)]
    public void Read_OfNumPyFile_HasShapeAndValues(string name, params int[] shape)
    {
        var path = SampleArrays.Fixture(name + ".npy");
        var expected = SampleArrays.Array<double>(shape);

        var array = NpyArray.Read(path);
        array.Shape.Should().Equal(shape);
        array.AsSpan().ToArray().Should().Equal(expected.AsSpan().ToArray());
        NpyArray.Read<float>(path).AsSpan().ToArray().Should().Equal(SampleArrays.Array<float>(shape).AsSpan().ToArray());
        NpyArray.ReadMatrix<double>(path).Should().Be(expected.ToMatrix());
        NpyArray.ReadMatrix<float>(path).Should().Be(SampleArrays.Array<float>(shape).ToMatrix());
    }

    [Fact]
    public void ReadMatrix_OfNumPyFile_KeepsRowsAndColumns()
    {
        foreach (var name in new[] { "matrix_f8", "matrix_f8_fortran", "matrix_f8_big_endian" })
        {
            var matrix = NpyArray.ReadMatrix<double>(SampleArrays.Fixture(name + ".npy"));
            for (var i = 0; i < 3; i++)
            {
                for (var j = 0; j < 4; j++)
                {
                    matrix[i, j].Should().Be(SampleArrays.Value((i * 4) + j), "{0}[{1}, {2}]", name, i, j);
                }
            }
        }
    }

    [Fact]
    public void Read_OfEveryIntegerType_IsTheNearestDouble()
    {
        using var archive = Npz.Open(SampleArrays.Fixture("integers.npz"));
        archive.Names.Should().Equal("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8");
        Values("i1").Should().Equal(sbyte.MinValue, sbyte.MaxValue, 7);
        Values("i2").Should().Equal(short.MinValue, short.MaxValue, 7);
        Values("i4").Should().Equal(int.MinValue, int.MaxValue, 7);
        Values("i8").Should().Equal(-Math.ScaleB(1, 63), Math.ScaleB(1, 63), 7);
        Values("u1").Should().Equal(0, byte.MaxValue, 7);
        Values("u2").Should().Equal(0, ushort.MaxValue, 7);
        Values("u4").Should().Equal(0, uint.MaxValue, 7);
        Values("u8").Should().Equal(0, Math.ScaleB(1, 64), 7);
        archive.Read<float>("u4").AsSpan().ToArray().Should().Equal(0f, 4294967296f, 7f);

        double[] Values(string name) => archive.Read<double>(name).AsSpan().ToArray();
    }

    [Fact]
    public void Read_OfOtherTypes_IsExact()
    {
        using var archive = Npz.Open(SampleArrays.Fixture("others.npz"));
        Values("b1").Should().Equal(1, 0, 1);
        Values("f2").Should().Equal(0.5, -65504, Math.ScaleB(1, -24));
        Values("big_i2").Should().Equal(-2, 258);
        Values("big_u8").Should().Equal(1, Math.ScaleB(1, 40));
        Values("big_f2").Should().Equal(0.5, -3);
        Values("special").Select(BitConverter.DoubleToInt64Bits).Skip(1).Should().Equal(
            new[] { double.PositiveInfinity, double.NegativeInfinity, -0.0, double.Epsilon }.Select(BitConverter.DoubleToInt64Bits));
        double.IsNaN(Values("special")[0]).Should().BeTrue();
        float.IsNaN(archive.Read<float>("special").AsSpan()[0]).Should().BeTrue();

        double[] Values(string name) => archive.Read<double>(name).AsSpan().ToArray();
    }

    [Theory]
    [InlineData("complex", "complex numbers")]
    [InlineData("text", "text")]
    [InlineData("structured", "structured type")]
    [InlineData("object", "Python objects")]
    public void Read_OfOtherElements_SaysWhatTheyAre(string name, string kind)
    {
        var path = SampleArrays.Fixture(name + ".npy");

        var error = FluentActions.Invoking(() => NpyArray.Read(path)).Should().Throw<DataFormatException>().Which;

        error.Message.Should().Contain(kind).And.Contain(path);
        error.File.Should().Be(path);
    }

    [Theory]
    [InlineData("stored.npz")]
    [InlineData("deflated.npz")]
    [InlineData("zip64.npz")]
    public void Npz_OfNumPy_IsReadByName(string name)
    {
        using var archive = Npz.Open(SampleArrays.Fixture(name));

        archive.Names.Should().Equal("weights", "bias");
        archive.ReadMatrix<double>("weights").Should().Be(SampleArrays.Matrix<double>(3, 4));
        archive.ReadMatrix<float>("weights").Should().Be(SampleArrays.Matrix<float>(3, 4));
        archive.Read<float>("bias").AsSpan().ToArray().Should().Equal(SampleArrays.Values<float>(3));
    }
}
