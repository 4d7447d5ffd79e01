using System.Text;

namespace StableRank.GradientRank;

/// <summary>An upper bound on the rank of the gradient of one weight matrix, in exact arithmetic, with its proof.</summary>
/// <param name="Layer">l, from 1.</param>
/// <param name="Parameter">The parameter's name in <see cref="Networks.Network{T}.Parameters"/>, for example "0.weight".</param>
/// <param name="Rows">The fan-out: rows of the weight and of its gradient dL/dW_l = Delta_l A_(l-1)^T.</param>
/// <param name="Columns">The fan-in; in k k of a convolution.</param>
/// <param name="Bound">What the rank is at most; never above min(Rows, Columns).</param>
/// <param name="Cause">The binding inequality, the first one of the chain that gives the value.</param>
/// <param name="CauseLayer">The layer of the cause; 0 for the inputs and the batch.</param>
/// <param name="CauseDescription">The cause in words, for example "the 16-wide layer 3".</param>
/// <param name="Proof">The chain of inequalities, from the cause to the gradient.</param>
/// <param name="Printed">What arXiv 2402.06751 prints for such a layer; empty where it says nothing of it.</param>
/// <param name="InputBound">A bound on the rank of the layer's inputs A_(l-1), n_(l-1) x N.</param>
/// <param name="SignalBound">A bound on the rank of Delta_l, n_l x N, as in <see cref="Networks.BackwardPass{T}.Signals"/>.</param>
public sealed record LayerRankBound(
    int Layer,
    string Parameter,
    int Rows,
    int Columns,
    int Bound,
    RankCause Cause,
    int CauseLayer,
    string CauseDescription,
    IReadOnlyList<RankInequality> Proof,
    IReadOnlyList<PrintedBound> Printed,
    int InputBound,
    int SignalBound)
{
    /// <summary>The bound, its cause, the proof and the printed forms, on a few lines.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(
            $"{Parameter} (layer {Layer}, {Rows} x {Columns}): rank of the gradient <= {Bound}, {CauseDescription}");
        foreach (var step in Proof)
        {
            text.Append("\n  ").Append(step);
        }

        foreach (var printed in Printed)
        {
            text.Append("\n  printed: ").Append(printed);
        }

        return text.ToString();
    }
}
