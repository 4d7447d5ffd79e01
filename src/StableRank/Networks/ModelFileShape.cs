namespace StableRank.Networks;

/// <summary>What a layer of an architecture's file takes or gives: features, time steps of features, or an image of channels.</summary>
/// <param name="Kind">Dense for features, Elman for time steps, Convolution for images.</param>
/// <param name="Features">The features, of a time step; the channels of an image.</param>
/// <param name="Vertical">The time steps; the height of an image, 1 in one dimension.</param>
/// <param name="Horizontal">The width, or the length, of an image.</param>
/// <param name="Dimensions">Of the image; 0 where there is none.</param>
internal readonly record struct ModelFileShape(LayerKind Kind, int Features, int Vertical = 1, int Horizontal = 1, int Dimensions = 0)
{
    public int Size => checked(Features * Vertical * Horizontal);

    public override string ToString() => Kind switch
    {
        LayerKind.Elman => $"{Vertical} time steps of {Features} features",
        LayerKind.Convolution when Dimensions == 1 => $"{Features} channels of length {Horizontal}",
        LayerKind.Convolution => $"{Features} channels of {Vertical} x {Horizontal}",
        _ => $"{Features} features",
    };
}
