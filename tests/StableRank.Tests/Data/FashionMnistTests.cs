using System.Buffers.Binary;
using StableRank.Data;
using StableRank.Tests.Support;

namespace StableRank.Tests.Data;

public sealed class FashionMnistTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [FashionMnistFact]
    public void TestPart_AsPublished_HasItsSizesAndClasses()
    {
        var data = FashionMnist.Load(DataPart.Test);

        (data.Features.RowCount, data.Count, data.Name).Should().Be((784, 10_000, "fashion-mnist test"));
        Enumerable.Range(0, 10).Select(label => data.Labels.Count(l => l == label)).Should().AllBeEquivalentTo(1000);
        data.Features.Enumerate().Max().Should().Be(255);
        data.Attribution.Should().Contain("MIT");

        // python3 -c "import gzip, numpy as np; a = gzip.open('t10k-images-idx3-ubyte.gz').read()[16:];
        //             a = np.frombuffer(a, 'u1').reshape(-1, 784).astype(int); print(a.sum(), a[7].sum())"
        var sums = data.Features.ColumnSums();
        sums.Sum().Should().Be(573469082);
        sums[7].Should().Be(47766);
    }

    [FashionMnistFact]
    public void TrainPart_TheFirstFew_AreReadWithoutTheRest()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var data = FashionMnist.Load(DataPart.Train, count: 100);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(4_000_000);
        data.Labels.Take(10).Should().Equal(9, 0, 0, 3, 0, 2, 7, 2, 5, 5);
        (data.Features.RowCount, data.Count).Should().Be((784, 100));
    }

    [Fact]
    public void MissingFiles_AreNamedWithWhatFetchesThem()
    {
        FluentActions.Invoking(() => FashionMnist.Load(DataPart.Train, folder: folder.Path)).Should().Throw<FileNotFoundException>()
            .WithMessage($"*{folder.Path}*train-images-idx3-ubyte*./build.sh setup*");
        FashionMnist.TryLoad(DataPart.Test, out var data, folder: folder.Path).Should().BeFalse();
        data.Should().BeNull();
        FashionMnist.Folders[0].Should().EndWith("fashion-mnist");

        Write("t10k-images-idx3-ubyte", [2, 1, 1], [1, 2]);
        FashionMnist.TryLoad(DataPart.Test, out _, folder: folder.Path).Should().BeFalse("the labels are missing");
    }

    [Fact]
    public void Files_OfOtherSizes_AreReadColumnByColumn()
    {
        Write("train-images-idx3-ubyte", [2, 2, 3], [0, 1, 2, 3, 4, 255, 6, 7, 8, 9, 10, 11]);
        Write("train-labels-idx1-ubyte", [2], [9, 0]);

        FashionMnist.TryLoad(DataPart.Train, out var data, folder: folder.Path).Should().BeTrue();
        data!.Features.Column(0).Should().Equal(0, 1, 2, 3, 4, 255);
        data.Features.Column(1).Should().Equal(6, 7, 8, 9, 10, 11);
        data.Labels.Should().Equal(9, 0);
        data.FeaturesAs<double>().Should().BeSameAs(data.Features);
        data.FeaturesAs<float>().Column(0).Should().Equal(0f, 1f, 2f, 3f, 4f, 255f);
        FluentActions.Invoking(() => data.FeaturesAs<Half>()).Should().Throw<NotSupportedException>();

        FashionMnist.Load(DataPart.Train, 1, folder.Path).Labels.Should().Equal(9);
        foreach (var count in new[] { 0, -1, 3 })
        {
            FluentActions.Invoking(() => FashionMnist.Load(DataPart.Train, count, folder.Path))
                .Should().Throw<ArgumentOutOfRangeException>();
        }
    }

    [Fact]
    public void Files_ThatDoNotBelongTogether_AreRefused()
    {
        Write("train-images-idx3-ubyte", [2, 1, 1], [1, 2]);
        Write("train-labels-idx1-ubyte", [1], [0]);
        Refused("*labels*2 labels*");
        Write("train-labels-idx1-ubyte", [2], [0, 10]);
        Refused("*label of sample 1 is 10*");
        Write("train-images-idx3-ubyte", [2], [1, 2]);
        Refused("*images*images x rows x columns*");

        void Refused(string problem) => FluentActions.Invoking(() => FashionMnist.Load(DataPart.Train, folder: folder.Path))
            .Should().Throw<DataFormatException>().WithMessage(problem);
    }

    private void Write(string name, int[] shape, byte[] values)
    {
        var header = new byte[4 + (4 * shape.Length)];
        (header[2], header[3]) = (8, (byte)shape.Length);
        for (var d = 0; d < shape.Length; d++)
        {
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + (4 * d)), shape[d]);
        }

        File.WriteAllBytes(folder.File(name), [.. header, .. values]);
    }
}
