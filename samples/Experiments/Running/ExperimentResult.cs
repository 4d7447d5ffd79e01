using StableRank.Experiments.Figures;
using StableRank.Experiments.Reporting;

namespace StableRank.Experiments.Running;

/// <summary>What an experiment found.</summary>
/// <param name="Figures">Figures, in the order of the report.</param>
/// <param name="Tables">Tables, in the order of the report.</param>
/// <param name="Verdicts">Verdicts, computed from the numbers; at least one.</param>
/// <param name="Notes">What a reader must know to read them rightly.</param>
internal sealed record ExperimentResult(
    IReadOnlyList<Figure> Figures, IReadOnlyList<ResultTable> Tables, IReadOnlyList<Verdict> Verdicts, IReadOnlyList<string> Notes);
