namespace StableRank.Tests.Support;

/// <summary>Where the checkout lies whose tests are running.</summary>
internal static class Repository
{
    /// <summary>The folder that holds StableRank.sln.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "StableRank.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no folder above {AppContext.BaseDirectory} holds StableRank.sln");
    }
}
