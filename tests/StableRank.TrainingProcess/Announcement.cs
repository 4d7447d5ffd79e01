using StableRank.Training;

namespace StableRank.TrainingProcess;

/// <summary>Says once, with the number of steps done, that training is under way.</summary>
internal sealed class Announcement : IProgress<TrainingProgress>
{
    private bool _made;

    public void Report(TrainingProgress value)
    {
        if (!_made)
        {
            Console.WriteLine($"training {value.Step}");
            Console.Out.Flush();
            _made = true;
        }
    }
}
