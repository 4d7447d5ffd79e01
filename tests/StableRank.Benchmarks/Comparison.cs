namespace StableRank.Benchmarks;

/// <summary>A row of the table: what is compared, ours against one function of the peer's script.</summary>
/// <param name="Name">What is done, with its size; no two rows have the same.</param>
/// <param name="Prepare">
/// Makes what is not to be timed, in a folder with the files of <see cref="WriteInputs"/>, and returns one run; a run answers a number that
/// the peer must answer too, or NaN.
/// </param>
internal sealed record Comparison(string Name, Func<string, Func<double>> Prepare)
{
    /// <summary>The function of peers/peer.py; null where ours is held against the floor alone.</summary>
    public string? PeerRow { get; init; }

    /// <summary>Its arguments, NAME=VALUE.</summary>
    public string[] PeerArguments { get; init; } = [];

    /// <summary>The floating-point operations that ours cannot do without; null where they are not counted.</summary>
    public Func<double>? Flops { get; init; }

    /// <summary>The bytes that must be read and written; null where operations are the floor.</summary>
    public double? Bytes { get; init; }

    /// <summary>
    /// How often a timed run does what is compared at least, here and in the peer; times are those of one.
    /// </summary>
    public int Repeats { get; init; } = 1;

    /// <summary>
    /// How long a timed run goes on at least, here and in the peer: long enough for cores and threads to be awake. 0 where the number of
    /// repeats must be the same, as of steps of training.
    /// </summary>
    public double LeastSeconds { get; init; } = 0.25;

    /// <summary>Whether the work is in single precision, whose floor is lower.</summary>
    public bool Single { get; init; }

    /// <summary>The least ratio of the peer's time to ours that is aimed at; null: none.</summary>
    public double? Target { get; init; }

    /// <summary>The greatest ratio of our time to the floor that is aimed at; null: none.</summary>
    public double? FloorTarget { get; init; }

    /// <summary>Writes the files that both sides read, before either starts.</summary>
    public Action<string>? WriteInputs { get; init; }

    /// <summary>Whether the row takes so long that only a full run has it.</summary>
    public bool Full { get; init; }

    /// <summary>A row whose runs answer nothing.</summary>
    public static Comparison Of(string name, Func<Action> prepare) => new(name, _ =>
    {
        var run = prepare();
        return () =>
        {
            run();
            return double.NaN;
        };
    });
}
