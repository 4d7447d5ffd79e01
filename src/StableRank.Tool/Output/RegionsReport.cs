namespace StableRank.Tool.Output;

/// <summary>What <c>regions</c> tells.</summary>
/// <param name="Model">The file of the weights.</param>
/// <param name="Widths">The input's width and then every layer's.</param>
/// <param name="Activation">After every layer but the last, as given.</param>
/// <param name="Domain">segment, triangle or rectangle.</param>
/// <param name="Regions">The number of regions.</param>
/// <param name="FunctionPieces">The number of pieces of the outputs, where regions of the same affine map side by side are one.</param>
/// <param name="RegionsByLayer">The number of regions of the first layer, of the first two, ...</param>
/// <param name="Slivers">Regions thinner than 1e-12 of the segment, or of the square root of the area.</param>
/// <param name="Unresolved">Polygons that rounding left uncut; null for a segment.</param>
/// <param name="Length">The segment's length in the input space; null for a polygon.</param>
/// <param name="Narrowest">The narrowest region in parts of the segment; null for a polygon.</param>
/// <param name="Breakpoints">Where regions meet, from 0 to 1; null for a polygon.</param>
/// <param name="Area">The polygon's area in the input space; null for a segment.</param>
/// <param name="LeastArea">The least region's; null for a segment.</param>
/// <param name="GreatestArea">The greatest region's; null for a segment.</param>
/// <param name="Backend">managed, openblas or mkl.</param>
/// <param name="Seconds">The time that computing took.</param>
/// <param name="Out">The picture; null where none was asked for.</param>
/// <param name="Notes">What a reader of the numbers must know.</param>
internal sealed record RegionsReport(
    string Model, IReadOnlyList<int> Widths, string Activation, string Domain, int Regions, int FunctionPieces,
    IReadOnlyList<int> RegionsByLayer, int Slivers, int? Unresolved, double? Length, double? Narrowest, IReadOnlyList<double>? Breakpoints,
    double? Area, double? LeastArea, double? GreatestArea, string Backend, double Seconds, string? Out, IReadOnlyList<string> Notes);
