namespace StableRank.Tests.LinearAlgebra;

/// <summary>Tests that change the backend of the whole process: alone, one after another.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class BackendSwitching
{
    public const string Name = "Backend switching";
}
