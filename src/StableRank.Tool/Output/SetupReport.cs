namespace StableRank.Tool.Output;

/// <summary>What <c>setup</c> tells when it is done.</summary>
/// <param name="CacheFolder">Where the optional parts are.</param>
/// <param name="Mkl">Whether Intel MKL is there.</param>
/// <param name="FashionMnist">Whether Fashion-MNIST is there.</param>
internal sealed record SetupReport(string CacheFolder, bool Mkl, bool FashionMnist);
