using FsCheck;
using FsCheck.Fluent;
using StableRank.Spectra;

namespace StableRank.Tests.Spectra;

/// <summary>Inequalities between the ranks, and their invariances, over generated spectra of any scale, with ties and zeros.</summary>
public sealed class SpectrumPropertyTests
{
    private const double FewUlps = 16 * 2.3e-16;

    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(20260715UL, 1UL);

    /// <summary>1 to 40 values 10^x c, x in [-12, 0], an eighth zeros, an eighth repeats of the first, c of any magnitude.</summary>
    private static readonly Gen<double[]> s_values =
        from scale in Gen.Choose(-250, 250)
        from head in Value
        from tail in Gen.ListOf(Gen.Frequency((6, Value), (1, Gen.Constant(0.0)), (1, Gen.Constant(head))))
        select (double[])[.. tail.Prepend(head).Take(40).Select(value => value * Math.Pow(10, scale))];

    private static Gen<double> Value => Gen.Choose(0, 1_200_000).Select(x => Math.Pow(10, -x / 1e5));

    [Fact]
    public void Ranks_AnySpectrum_AreOrdered() => Check(values =>
    {
        Spectrum spectrum = Spectrum.FromSingularValues(values);
        double r = spectrum.StableRank, p = spectrum.ParticipationRank, q = spectrum.EffectiveRank;
        return 1 <= r && r <= p && p <= spectrum.Count && 1 <= q && q <= spectrum.Count
            && spectrum.SumOfSquaredNormalisedSquares <= r * (1 + FewUlps)
            && p <= spectrum.NumericalRank(0) * (1 + FewUlps) && q <= spectrum.NumericalRank(0) * (1 + FewUlps);
    });

    [Fact]
    public void SchattenStableRank_AnySpectrum_DecreasesInTheExponent() => Check(values =>
    {
        Spectrum spectrum = Spectrum.FromSingularValues(values);
        double[] ranks = Array.ConvertAll<double, double>([0.5, 1, 1.5, 2, 2.5, 4, 100], spectrum.SchattenStableRank);
        return ranks.Zip(ranks.Skip(1)).All(pair => pair.Second <= pair.First * (1 + FewUlps)) && ranks[^1] >= 1;
    });

    [Fact]
    public void Ranks_ScaledSpectrum_AreTheSame() => Check(values =>
    {
        Spectrum one = Spectrum.FromSingularValues(values), other = one.Scaled(1e-3);
        return Near(one.StableRank, other.StableRank) && Near(one.ParticipationRank, other.ParticipationRank)
            && Near(one.EffectiveRank, other.EffectiveRank) && Near(one.SchattenStableRank(3), other.SchattenStableRank(3))
            && Near(one.FrobeniusNorm * 1e-3, other.FrobeniusNorm) && Near(one.NuclearNorm * 1e-3, other.NuclearNorm);
    });

    [Fact]
    public void StableRank_AnySpectrum_IsTheNormsRatio() => Check(values =>
    {
        Spectrum spectrum = Spectrum.FromSingularValues(values);
        double ratio = spectrum.FrobeniusNorm / spectrum.SpectralNorm;
        return Near(spectrum.StableRank, ratio * ratio)
            && Near(spectrum.SchattenStableRank(1), spectrum.NuclearNorm / spectrum.SpectralNorm);
    });

    [Fact]
    public void Values_AnyOrder_GiveTheSameSpectrum() => Check(values =>
    {
        Spectrum spectrum = Spectrum.FromSingularValues(values);
        return spectrum == Spectrum.FromSingularValues(values.Reverse()) && spectrum.SequenceEqual(values.OrderDescending());
    });

    [Fact]
    public void Check_FalseProperty_IsRefuted()
    {
        // the effective rank of values is not below their participation rank: the checker has to find it out
        Action check = () => Check(values =>
            Spectrum.FromSingularValues(values) is var spectrum && spectrum.EffectiveRank <= spectrum.ParticipationRank);
        check.Should().Throw<Exception>().WithMessage("*Falsifiable*");
    }

    private static void Check(Func<double[], bool> property) => Prop.ForAll(s_values.ToArbitrary(), property).Check(s_config);

    private static bool Near(double one, double other) => Math.Abs(one - other) <= FewUlps * Math.Abs(one);
}
