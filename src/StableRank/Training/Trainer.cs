using System.Numerics;
using StableRank.Networks;

namespace StableRank.Training;

/// <summary>
/// Trains a network by mini-batches. The same network, data, options and backend give the same weights to the last bit, also when a run is
/// killed and resumed from its checkpoint. A NaN or an infinity ends the run at once and takes the network back to a good state.
/// </summary>
/// <remarks>
/// A step: gather the batch, forward, loss, backward, hooks (<see cref="TrainingHook{T}.BeforeStep"/>), clipping, optimiser, hooks
/// (<see cref="TrainingHook{T}.AfterStep"/>). Nothing is allocated in it after the first step of each batch size.
/// Plain gradient descent without clipping, among hooks that leave gradients alone (<see cref="TrainingHook{T}.GradientUse"/>), subtracts a
/// dense layer's gradient from its weights where it is formed: <see cref="Parameter{T}.Gradient"/> is then written for hooks that read it,
/// and otherwise now and then.
/// </remarks>
/// <typeparam name="T">double or float.</typeparam>
public sealed class Trainer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly TrainingHook<T>[] _hooks;

    /// <summary>Brings together what a run needs beside data. An optimiser, which has a memory, serves one run.</summary>
    /// <param name="network">The network; its weights are changed in place.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="optimizer">A fresh optimiser.</param>
    /// <param name="options">Schedule, epochs, batch size and the rest.</param>
    /// <param name="hooks">Constraints, trackers, callbacks, in the order in which they are called.</param>
    public Trainer(
        Network<T> network, Loss loss, Optimizer<T> optimizer, TrainingOptions options, IEnumerable<TrainingHook<T>>? hooks = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(options);
        Network = network;
        Loss = loss;
        Optimizer = optimizer;
        Options = options;
        _hooks = [.. hooks ?? []];
    }

    /// <summary>The network that is trained.</summary>
    public Network<T> Network { get; }

    /// <summary>The loss.</summary>
    public Loss Loss { get; }

    /// <summary>The optimiser.</summary>
    public Optimizer<T> Optimizer { get; }

    /// <summary>The options.</summary>
    public TrainingOptions Options { get; }

    /// <summary>The hooks, in the order in which they are called.</summary>
    public IReadOnlyList<TrainingHook<T>> Hooks => _hooks;

    /// <summary>Trains from the network as it is. A checkpoint that the folder already has is replaced by the first of this run.</summary>
    /// <param name="training">What to train on.</param>
    /// <param name="validation">What to measure on after each epoch; null for nothing.</param>
    /// <param name="progress">Told after every step, on this thread (what <see cref="Progress{T}"/> does with it is its own).</param>
    /// <param name="cancellation">Ends the run before its next step, with a checkpoint where there is a folder for it.</param>
    /// <exception cref="ArgumentException">The data do not fit the network.</exception>
    /// <exception cref="InvalidOperationException">The optimiser has taken steps before.</exception>
    public TrainingResult Run(
        TrainingData<T> training,
        TrainingData<T>? validation = null,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        if (Optimizer.StepCount > 0)
        {
            throw new InvalidOperationException(
                $"The optimiser has taken {Optimizer.StepCount} steps; expected a fresh one for a run of its own.");
        }

        return new TrainingRun<T>(this, training, validation).Execute(progress, cancellation);
    }

    /// <summary>
    /// Continues the run whose checkpoint is in <see cref="TrainingOptions.CheckpointFolder"/>, to the same bits as if it had never been
    /// interrupted (for the same backend, processor kind and number of threads; a warning tells of another). The network's own weights
    /// are replaced. A run that had ended returns at once; one that was complete goes on where <see cref="TrainingOptions.Epochs"/> has
    /// grown, the one setting that may.
    /// </summary>
    /// <inheritdoc cref="Run"/>
    /// <exception cref="InvalidOperationException">No folder is set.</exception>
    /// <exception cref="FileNotFoundException">The folder has no checkpoint.</exception>
    /// <exception cref="CheckpointMismatchException">
    /// The checkpoint was made under another configuration; the message says what differs.
    /// </exception>
    /// <exception cref="Data.DataFormatException">The checkpoint is damaged.</exception>
    public TrainingResult Resume(
        TrainingData<T> training,
        TrainingData<T>? validation = null,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        var run = new TrainingRun<T>(this, training, validation);
        run.Load();
        return run.Execute(progress, cancellation);
    }
}
