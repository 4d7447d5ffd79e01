namespace StableRank.Data;

/// <summary>
/// Where in its file a tensor lies, and how the file looked when that was found out: a file that has been replaced since must not be read
/// by the old offsets.
/// </summary>
/// <param name="Offset">Of the first element, from the start of the file.</param>
/// <param name="FileLength">Bytes of the whole file.</param>
/// <param name="Written">When the file was last written.</param>
internal sealed record TensorLocation(long Offset, long FileLength, DateTime Written);
