using BenchmarkDotNet.Attributes;
using StableRank.Ensembles;
using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Benchmarks;

/// <summary>The parts of sampling: random numbers, the spectrum, the matrix.</summary>
[MemoryDiagnoser]
public class SamplingBenchmarks
{
    private readonly RandomStream stream = new(1);
    private double[] target = [];
    private StableRankEnsemble? ensemble;

    /// <summary>Rows and columns.</summary>
    [Params(64, 256, 1024)]
    public int Size { get; set; }

    /// <summary>Prepares the ensemble and its target.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        target = new double[Size * Size];
        ensemble = Ensemble.StableRank(Size, Size, Size / 3.0, SpectralFamily.PowerLaw);
    }

    /// <summary>As many Gaussians as the matrix has entries.</summary>
    [Benchmark]
    public void Gaussians() => stream.FillGaussian<double>(target);

    /// <summary>The power law of that stable rank.</summary>
    [Benchmark]
    public Spectrum Spectrum() => SpectralFamily.PowerLaw.Draw(Size, Size, Size / 3.0);

    /// <summary>A matrix.</summary>
    [Benchmark]
    public void Sample() => ensemble!.Sample(target.AsSpan(), stream);
}
