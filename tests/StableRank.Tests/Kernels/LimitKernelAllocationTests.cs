using FluentAssertions;
using StableRank.Ensembles;
using StableRank.Kernels;
using StableRank.Networks;

namespace StableRank.Tests.Kernels;

/// <summary>Alone, because allocated bytes are those of all threads.</summary>
[CollectionDefinition(nameof(AllocationAlone), DisableParallelization = true)]
public sealed class AllocationAlone;

[Collection(nameof(AllocationAlone))]
public sealed class LimitKernelAllocationTests
{
    [Fact]
    public void Compute_LargeKernels_AllocatesTheTwoResultsAndLittleElse()
    {
        const int samples = 1024, features = 16;
        var model = Model.Dense([features, 8, 8, 8, 1], Activation.ReLU, (_, m, n) => Ensemble.He(m, n), linearOutput: true);
        var inputs = new RandomModels(2).Inputs(features, samples);
        var kernel = LimitKernel.Of(model);
        kernel.Compute(inputs);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        kernel.Compute(inputs);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        // besides the results: variances and roots of each sample and layer, a tile for each thread
        const long results = 2L * samples * samples * sizeof(double);
        allocated.Should().BeInRange(results, results + results / 8);
    }
}
