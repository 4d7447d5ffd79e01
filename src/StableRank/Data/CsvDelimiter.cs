namespace StableRank.Data;

/// <summary>What stands between the numbers of a line of a CSV file.</summary>
public enum CsvDelimiter
{
    /// <summary>A comma.</summary>
    Comma,

    /// <summary>A semicolon.</summary>
    Semicolon,

    /// <summary>A tab.</summary>
    Tab,
}
