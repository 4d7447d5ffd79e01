using StableRank.Data;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Tests.Support;

namespace StableRank.Tests.Networks;

public sealed class ModelFileTests
{
    [Fact]
    public void Load_OfEveryKindOfLayer_IsTheModelWritten()
    {
        var image = Load("""
            {"layers": [
              {"bias": true, "kernel": [3, 2], "type": "convolution", "channels": 4, "stride": [2, 1], "padding": [1, 0],
               "dilation": [1, 2]},
              {"type": "convolution", "channels": 5, "kernel": 2, "activation": "tanh"},
              {"type": "pooled", "width": 6, "activation": "leaky-relu:0.1"},
              {"type": "dense", "width": 3}],
             "input": {"width": 7, "channels": 2, "height": 9}}
            """);
        var shape = new ConvolutionShape(2, new ConvolutionAxis(9, 3, 2, 1, 1), new ConvolutionAxis(7, 2, 1, 0, 2));

        var first = image.Layers[0].Should().BeOfType<ConvolutionSpecification>().Subject;
        first.Shape.Should().Be(shape);
        first.BiasVariance.Should().Be(1);
        first.Activation.Should().Be(Activation.Linear);
        var second = image.Layers[1].Should().BeOfType<ConvolutionSpecification>().Subject;
        second.Shape.Should().Be(new ConvolutionShape(4, new ConvolutionAxis(5, 2), new ConvolutionAxis(5, 2)));
        second.HasBias.Should().BeFalse();
        second.Activation.Should().Be(Activation.Tanh);
        var pooled = image.Layers[2].Should().BeOfType<PooledDenseSpecification>().Subject;
        (pooled.Positions, pooled.Weights.Columns, pooled.OutputSize).Should().Be((16, 5, 6));
        pooled.Activation.Name.Should().Be("leaky-relu:0.1");
        (image.Layers[3].InputSize, image.OutputSize).Should().Be((6, 3));
        image.Layers[3].Weights.Should().BeOfType<GaussianEnsemble>().Which.Variance.Should().BeApproximately(1.0 / 6, 1e-15);
    }

    [Fact]
    public void Load_OfRecurrentLayersAndShapesGiven_ReadsStepsTruncationAndEntriesAsToldTo()
    {
        var asked = new List<(int Layer, int Rows, int Columns)>();
        using var folder = new TemporaryFolder(inMemory: true);
        File.WriteAllText(folder.File("net.json"), """
            {"input": {"steps": 6, "features": 4}, "layers": [
              {"type": "elman", "width": 3, "truncation": 2, "bias": true},
              {"type": "elman", "width": 5},
              {"type": "convolution", "input": {"channels": 2, "length": 15}, "channels": 1, "kernel": 3, "stride": 4},
              {"type": "dense", "input": 4, "width": 8},
              {"type": "elman", "input": {"steps": 2, "features": 4}, "width": 1}]}
            """);

        var model = ModelFile.Load(
            folder.File("net.json"),
            (l, rows, columns) =>
            {
                asked.Add((l, rows, columns));
                return Ensemble.Gaussian(rows, columns);
            },
            biasVariance: 0.5);

        asked.Should().Equal((1, 3, 4), (1, 3, 3), (2, 5, 3), (2, 5, 5), (3, 1, 6), (4, 8, 4), (5, 1, 4), (5, 1, 1));
        var first = model.Layers[0].Should().BeOfType<ElmanSpecification>().Subject;
        (first.Steps, first.Truncation, first.BiasVariance).Should().Be((6, 2, 0.5));
        model.Layers[1].Should().BeOfType<ElmanSpecification>().Which.Truncation.Should().BeNull();
        model.Layers[2].Should().BeOfType<ConvolutionSpecification>().Which.Shape.Should()
            .Be(new ConvolutionShape(2, new ConvolutionAxis(15, 3, 4)));
        model.OutputSize.Should().Be(2);
    }

    [Theory]
    [InlineData(
        """{"input": 4, "layers": [{"type": "dense", "width": -3}]}""",
        "offset 51: the width of layer 1 is -3; expected a whole number from 1")]
    [InlineData("""{"input": 4, "layers": [{"type": "dense", "width": 2.5}]}""", "2.5 where a text, a whole number, true")]
    [InlineData("""{"input": 4, "layers": [{"type": "dense", "width": null}]}""", "null where a text")]
    [InlineData(
        """{"input": 4, "layers": [{"type": "dense", "width": 99999999999}]}""",
        "99999999999; expected a whole number from 1 to 2147483647")]
    [InlineData("""{"input": 4, "layers": [{"type": "dense", "width": 9999999999999999999999}]}""", "9999999999999999999999 where")]
    [InlineData(
        """{"input": 4, "layers": [{"type": "dense", "width": 3, "widht": 3}]}""",
        "layer 1 (dense) has the key 'widht'; expected width, type, input")]
    [InlineData("""{"input": 4, "layers": [{"type": "dense", "width": 3, "stride": 3}]}""", "layer 1 (dense) has the key 'stride'")]
    [InlineData("""{"input": 4, "layers": [{"type": "dense", "width": 3, "width": 3}]}""", "the key 'width' stands twice")]
    [InlineData("""{"input": 4, "layers": [{"type": "dense"}]}""", "layer 1 (dense) has no width")]
    [InlineData("""{"input": 4, "layers": [{"width": 3}]}""", "layer 1 has no type; expected one of dense, pooled, elman, convolution")]
    [InlineData("""{"input": 4, "layers": [{"type": "lstm", "width": 3}]}""", "the type of layer 1 is \"lstm\"; expected one of dense")]
    [InlineData("""{"input": 4, "layers": [{"type": 7}]}""", "the type of layer 1 is 7")]
    [InlineData("""{"input": 4, "layers": [7]}""", "layer 1 is 7; expected an object")]
    [InlineData("""{"input": 4, "layers": []}""", "layers is []; expected an array of 1 to 10000 layers")]
    [InlineData("""{"input": 4, "layers": {}}""", "layers is an object; expected an array")]
    [InlineData("""{"input": 4}""", "the architecture has no layers")]
    [InlineData("""{"layers": []}""", "the architecture has no input")]
    [InlineData("""{"input": 4, "layers": [], "name": "x"}""", "the architecture has the key 'name'; expected input, layers")]
    [InlineData("""{"input": 0, "layers": []}""", "the input of the architecture is 0; expected a whole number from 1")]
    [InlineData("""{"input": "4", "layers": []}""", "the input of the architecture is \"4\"; expected a number of features or {features}")]
    [InlineData("""{"input": {"steps": 4}, "layers": []}""", "the input of the architecture has the keys steps; expected")]
    [InlineData("""{"input": {}, "layers": []}""", "has no keys; expected")]
    [InlineData(
        """{"input": {"steps": 65536, "features": 65536}, "layers": []}""",
        "65536 time steps of 65536 features; expected at most 2147483647")]
    [InlineData("""{"input": 4, "layers": [{"type": "elman", "width": 3}]}""", "layer 1 gets 4 features; expected time steps")]
    [InlineData(
        """{"input": 4, "layers": [{"type": "convolution", "channels": 3, "kernel": 1}]}""",
        "layer 1 gets 4 features; expected an image")]
    [InlineData("""{"input": 4, "layers": [{"type": "pooled", "width": 3}]}""", "layer 1 gets 4 features; expected an image")]
    [InlineData(
        """{"input": 4, "layers": [{"type": "dense", "input": 5, "width": 3}]}""",
        "layer 1 takes 5 features, 5 in all, but gets 4 features; expected 4 in all")]
    [InlineData(
        """{"input": 4, "layers": [{"type": "dense", "width": 3, "activation": "rleu"}]}""",
        "the activation of layer 1: Unknown activation 'rleu'; expected one of linear, relu")]
    [InlineData(
        """{"input": 4, "layers": [{"type": "dense", "width": 3, "activation": 1}]}""",
        "the activation of layer 1 is 1; expected a name")]
    [InlineData(
        """{"input": 4, "layers": [{"type": "dense", "width": 3, "bias": 1}]}""",
        "the bias of layer 1 is 1; expected true or false")]
    [InlineData(
        """{"input": {"channels": 1, "length": 4}, "layers": [{"type": "convolution", "channels": 3, "kernel": 5}]}""",
        "layer 1: A kernel of 5 taps at dilation 1 spans 5 pixels")]
    [InlineData(
        """{"input": {"channels": 1, "length": 4}, "layers": [{"type": "convolution", "channels": 3, "kernel": [1, 2]}]}""",
        "the kernel of layer 1 is [1, 2]; expected a whole number")]
    [InlineData(
        """{"input": {"channels": 1, "length": 4}, "layers": [{"type": "convolution", "channels": 3, "kernel": 1, "padding": -1}]}""",
        "the padding of layer 1 is -1; expected a whole number from 0")]
    [InlineData(
        """{"input": {"channels": 1, "length": 4}, "layers": [{"type": "convolution", "channels": 2000000000, "kernel": 1}]}""",
        "layer 1 is too large")]
    [InlineData("""{"input": {"channels": 2, "length": 4}, "layers": [{"type": "convolution", "channels": 2, "kernel": 1}, """
        + """{"type": "convolution", "input": {"channels": 4, "length": 2}, "channels": 2, "kernel": 1}]}""",
        "Layer 2 takes images of 4 x 1 x 2 but layer 1 gives 2 x 1 x 4")]
    [InlineData("""{"input": {"features": [[[[[1]]]]]}, "layers": []}""", "the JSON is damaged")]
    [InlineData("""{"input": 4, "layers": [""", "the JSON is damaged")]
    [InlineData("""{"input": 4, "layers": [{"type": "dense", "width": 3}]} 7""", "the JSON is damaged")]
    [InlineData("""[1]""", "where the object of an architecture was expected")]
    [InlineData("", "offset 0: the JSON")]
    public void Load_OfAFaultyFile_NamesTheValueAndWhatWasExpected(string json, string expected) =>
        FluentActions.Invoking(() => Load(json)).Should().Throw<DataFormatException>().Which.Message.Should()
            .Contain("net.json").And.Contain(expected).And.NotContain("Parameter '");

    [Theory]
    [InlineData(0.0)]
    [InlineData(double.NaN)]
    public void Load_WithABiasVarianceOfNoLaw_Refuses(double variance) =>
        FluentActions.Invoking(() => ModelFile.Load("net.json", biasVariance: variance)).Should().Throw<ArgumentOutOfRangeException>();

    private static Model Load(string json)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        File.WriteAllText(folder.File("net.json"), json);
        return ModelFile.Load(folder.File("net.json"));
    }
}
