return StableRank.Tool.StableRankCli.Invoke(args);
