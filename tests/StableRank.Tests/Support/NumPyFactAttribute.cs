namespace StableRank.Tests.Support;

/// <summary>A test that needs Python with NumPy; where there is none it is reported as skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NumPyFactAttribute : FactAttribute
{
    public NumPyFactAttribute()
    {
        if (NumPy.Python is null)
        {
            Skip = $"none of {string.Join(", ", NumPy.Candidates)} runs and imports numpy";
        }
    }
}
