using StableRank.Data;

namespace StableRank.Tests.Support;

/// <summary>A test that needs Fashion-MNIST; where it has not been fetched it is reported as skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FashionMnistFactAttribute : FactAttribute
{
    public FashionMnistFactAttribute()
    {
        if (!FashionMnist.TryLoad(DataPart.Test, out _, count: 1) || !FashionMnist.TryLoad(DataPart.Train, out _, count: 1))
        {
            Skip = $"Fashion-MNIST is not in {string.Join(" nor in ", FashionMnist.Folders)}; ./build.sh setup fetches it";
        }
    }
}
