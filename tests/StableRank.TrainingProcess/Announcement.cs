using StableRank.Training;

namespace StableRank.TrainingProcess;

/// <summary>Says once how many steps were done when this process began, as soon as it has written its first checkpoint.</summary>
internal sealed class Announcement : IProgress<TrainingProgress>
{
    private int _reports;

    public void Report(TrainingProgress value)
    {
        // the report of a step comes before its checkpoint
        if (++_reports == 2)
        {
            Console.WriteLine($"training {value.Step - 2}");
            Console.Out.Flush();
        }
    }
}
