using StableRank.LinearAlgebra;
using StableRank.Spectra;
using StableRank.Training;

namespace StableRank.Experiments.Learning;

/// <summary>Writes down the singular values of the gradients of all weights at every so manieth step.</summary>
/// <param name="interval">Steps from one measurement to the next, the first before any step.</param>
internal sealed class GradientRankHook(int interval) : TrainingHook<double>
{
    /// <summary>What was measured, step after step.</summary>
    public List<GradientSpectrum> Gradients { get; } = [];

    /// <inheritdoc/>
    public override void BeforeStep(in StepContext<double> context)
    {
        if (context.Step % interval != 0)
        {
            return;
        }

        foreach (var (weight, parameter) in context.Network.Parameters.Where(parameter => parameter.IsWeight).Index())
        {
            Gradients.Add(new GradientSpectrum(
                context.Step, weight, parameter.Rows, parameter.Columns,
                Spectrum.FromSingularValues(SingularValues.Of(parameter.GradientMatrix))));
        }
    }
}
