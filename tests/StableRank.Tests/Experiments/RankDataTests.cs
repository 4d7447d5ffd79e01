using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Experiments.Learning;

namespace StableRank.Tests.Experiments;

public sealed class RankDataTests
{
    [Fact]
    public void Fold_EveryFold_HoldsEachSampleOutOnceAndTrainsOnWholeBatches()
    {
        var data = RankData.Autoencoder("counted", Matrix<double>.Build.Dense(1, 23, (_, sample) => sample));

        var folds = Enumerable.Range(0, 5).Select(fold => data.Fold(fold, 5, 4)).ToList();

        folds.SelectMany(fold => fold.HeldOut.Inputs.Enumerate()).Order().Should().Equal(Enumerable.Range(0, 23).Select(i => (double)i));
        folds.Should().OnlyContain(fold =>
            fold.Training.Count == 16 && !fold.Training.Inputs.Enumerate().Intersect(fold.HeldOut.Inputs.Enumerate()).Any());
    }

    [Fact]
    public void Fold_BatchLargerThanTheTrainingPart_Throws()
    {
        var data = RankData.Autoencoder("few", Matrix<double>.Build.Dense(1, 10));

        data.Invoking(few => few.Fold(0, 5, 9)).Should().Throw<ArgumentException>().WithMessage("*8 samples*9*");
    }

    [Fact]
    public void Embedded_TwentySeeds_HasTheRankOfItsDimensions()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            RankSources.Embedded(5, 24, 60, seed).Rank.Should().Be(5);
            RankSources.Gaussians(24, 60, seed).Rank.Should().Be(24);
        }
    }

    [Fact]
    public void Projected_Digits_HasTheRankAskedForAndStaysNear()
    {
        var digits = RankSources.Digits(300, 1);

        var projected = RankSources.Projected(digits, 16);

        projected.Rank.Should().Be(16);
        projected.Features.Should().Be(64);
        // a projection on principal directions: what is left is the rest of the squared singular values, and 16 of them hold most
        var left = (digits.Inputs - projected.Inputs).FrobeniusNorm() / digits.Inputs.FrobeniusNorm();
        left.Should().BeInRange(0.05, 0.6);
    }

    [Fact]
    public void Squares_SmallerSide_AreTheCentresOfTheSameImages()
    {
        var images = Digits.Load();

        var whole = RankSources.Squares(images, 8, 50, 3);
        var centre = RankSources.Squares(images, 6, 50, 3);

        centre.Labels.Should().Equal(whole.Labels);
        whole.Inputs.Enumerate().Max().Should().BeLessThanOrEqualTo(1);
        for (var row = 0; row < 6; row++)
        {
            centre.Inputs[(row * 6) + 2, 7].Should().Be(whole.Inputs[((row + 1) * 8) + 3, 7]);
        }
    }

    [Fact]
    public void Sinusoids_AnyLength_AreTheSameAndToBePredictedIsTheNextStep()
    {
        var shorter = RankSources.Sinusoids(channels: 4, outputs: 2, steps: 5, samples: 3, seed: 9);
        var longer = RankSources.Sinusoids(channels: 4, outputs: 2, steps: 6, samples: 3, seed: 9);

        shorter.Inputs.Should().Be(longer.Inputs.SubMatrix(0, 20, 0, 3));
        shorter.Targets.Should().Be(longer.Inputs.SubMatrix(20, 2, 0, 3));
        // s(t + 1) + s(t - 1) = 2 cos(w) s(t): one frequency a channel
        double At(int step) => longer.Inputs[(step * 4) + 1, 2];
        ((At(2) + At(0)) * At(3)).Should().BeApproximately((At(4) + At(2)) * At(1), 1e-12);
    }

    [Fact]
    public void Windows_OfAText_AreOneHotAndFollowedByTheirLabels()
    {
        const string Text = "The quick brown\n  FOX jumps over the lazy dog";
        var text = CharacterText.Of("a pangram", Text);

        var windows = text.Windows(steps: 3, longest: 6, samples: 40, seed: 2);

        const string Clean = "the quick brown fox jumps over the lazy dog";
        var alphabet = Clean.Distinct().Order().ToArray();
        text.Length.Should().Be(Clean.Length);
        text.Alphabet.Should().Be(alphabet.Length);
        for (var sample = 0; sample < 40; sample++)
        {
            var column = windows.Inputs.Column(sample);
            column.Sum().Should().Be(3);
            var characters = Enumerable.Range(0, 3)
                .Select(step => alphabet[column.SubVector(step * alphabet.Length, alphabet.Length).MaximumIndex()])
                .Append(alphabet[windows.Labels![sample]]);
            Clean.Should().Contain(string.Concat(characters));
        }
    }

    [Fact]
    public void Load_TextOfThisMachine_IsLongEnoughForWindowsOf50()
    {
        var text = CharacterText.Load();

        text.Length.Should().BeGreaterThan(500);
        text.Name.Should().ContainEquivalentOf("licen");
    }
}
