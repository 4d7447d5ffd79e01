using StableRank.Tool.CommandLine;

namespace StableRank.Tests.Tool;

public sealed class MemoryGuardTests
{
    [Fact]
    public void Require_MoreThanThereIs_NamesBoth()
    {
        var require = () => MemoryGuard.Require("a 7 x 9 matrix", 34.5e9, 8e9);

        require.Should().Throw<FailureException>().WithMessage("a 7 x 9 matrix needs at least 34.5 GB of memory; this machine has 8.0 GB");
    }

    [Fact]
    public void Require_WhatFits_Passes() => MemoryGuard.Require("a 7 x 9 matrix", 8 * 63);
}
