using System.Text.Json;
using System.Xml.Linq;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Ensembles;
using StableRank.Expressivity;
using StableRank.Networks;
using StableRank.Tests.Expressivity;
using StableRank.Tests.Support;

namespace StableRank.Tests.Tool;

/// <summary><c>regions</c>: what it tells is the library's, what it draws are the library's polygons, and what it refuses.</summary>
public sealed class RegionsCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);
    private readonly Network<double> _network = Model.Dense(
        [6, 12, 12, 3], Activation.ReLU, (_, m, n) => Ensemble.Gaussian(m, n, 2.0 / n), 0.1, linearOutput: true).Sample<double>(2);

    private readonly Vector<double>[] _points = [.. Enumerable.Range(0, 3).Select(i => RandomNets.Point(2, i, 6))];

    public RegionsCommandTests()
    {
        NetworkWeights.Save(_network, _folder.File("net.npz"));

        // points as one row, as one column and as a matrix, read in C order
        NpyArray.Write(_folder.File("A.npy"), _points[0].ToRowMatrix());
        NpyArray.Write(_folder.File("B.npy"), _points[1].ToColumnMatrix());
        NpyArray.Write(_folder.File("C.npy"), Matrix<double>.Build.DenseOfRowMajor(2, 3, _points[2]));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Regions_AlongASegment_AreTheLibrarys()
    {
        var expected = SegmentPartition.Of(_network, _points[0], _points[1]);

        var json = Done("--from A.npy --to B.npy --json").Json;

        json.GetProperty("regions").GetInt32().Should().Be(expected.Count).And.BeGreaterThan(5);
        json.GetProperty("functionPieces").GetInt32().Should().Be(expected.FunctionPieces);
        json.GetProperty("regionsByLayer").EnumerateArray().Select(n => n.GetInt32()).Should().Equal(expected.CountByLayer);
        json.GetProperty("breakpoints").EnumerateArray().Select(t => t.GetDouble()).Should().Equal(expected.Breakpoints);
        json.GetProperty("widths").EnumerateArray().Select(n => n.GetInt32()).Should().Equal(6, 12, 12, 3);
        json.GetProperty("length").GetDouble().Should().BeApproximately((_points[1] - _points[0]).L2Norm(), 1e-14);
        json.GetProperty("area").ValueKind.Should().Be(JsonValueKind.Null);
        Done("--from A.npy --to B.npy").Output.Should().Contain($"{expected.Count} linear regions").And.Contain("6-12-12-3");
    }

    [Theory]
    [InlineData("rectangle")]
    [InlineData("triangle")]
    public void Regions_OnAPlane_AreTheLibrarysAndDrawn(string domain)
    {
        var slice = domain == "triangle"
            ? PlaneSlice.Triangle(_points[0], _points[1], _points[2])
            : PlaneSlice.Rectangle(_points[0], _points[1], _points[2]);
        var expected = PlanePartition.Of(_network, slice);
        var picture = _folder.File("regions.svg");

        var json = Done($"--plane A.npy,B.npy,C.npy --domain {domain} --json --out regions.svg").Json;

        json.GetProperty("regions").GetInt32().Should().Be(expected.Count).And.BeGreaterThan(10);
        json.GetProperty("area").GetDouble().Should().Be(slice.Area);
        json.GetProperty("leastArea").GetDouble().Should().Be(expected.Areas.Min());
        json.GetProperty("domain").GetString().Should().Be(domain);
        json.GetProperty("breakpoints").ValueKind.Should().Be(JsonValueKind.Null);
        json.GetProperty("unresolved").GetInt32().Should().Be(0);
        var svg = XDocument.Load(picture).Root!;
        var polygons = svg.Descendants().Where(e => e.Name.LocalName == "polygon").ToList();
        polygons.Should().HaveCount(expected.Count);
        svg.Descendants().Count(e => e.Name.LocalName == "circle").Should().Be(3);

        // three decimals a coordinate: the polygons cover the domain in the picture as they do in the plane
        var scale = 876 / (slice.Corners.Max(p => p.U) - slice.Corners.Min(p => p.U));
        scale = Math.Min(scale, 876 / (slice.Corners.Max(p => p.V) - slice.Corners.Min(p => p.V)));
        polygons.Sum(Area).Should().BeApproximately(-slice.Area * scale * scale, 0.0005 * 4 * 900 * Math.Sqrt(expected.Count));
        Done($"--plane A.npy,B.npy,C.npy --domain {domain}").Output.Should().Contain($"{domain} of area");
    }

    [Theory]
    [InlineData("--from A.npy", 2, "missing --from and --to", "--plane")]
    [InlineData("--plane A.npy,B.npy", 2, "2 files", "three")]
    [InlineData("--plane A.npy,B.npy,C.npy --from A.npy", 2, "--plane excludes", "two ends")]
    [InlineData("--from A.npy --to B.npy --out r.svg", 2, "--out belongs to --plane", "segment")]
    [InlineData("--from A.npy --to B.npy --domain triangle", 2, "--domain belongs to --plane", "segment")]
    [InlineData("--plane A.npy,B.npy,C.npy --out r.png", 2, "r.png'", ".svg")]
    [InlineData("--plane A.npy,B.npy,C.npy --domain disc", 2, "'disc'", "triangle or rectangle")]
    [InlineData("--from A.npy --to B.npy --activation tanh", 2, "'tanh'", "leaky-relu:A")]
    [InlineData("--from A.npy --to no.npy", 1, "no.npy", "no such file")]
    [InlineData("--from A.npy --to net.npz", 1, "net.npz holds 6", "expected one")]
    [InlineData("--from A.npy --to net.npz:4.bias", 1, "3 entries", "expected 6")]
    [InlineData("--from A.npy --to A.npy", 1, "the same point", "positive length")]
    [InlineData("--plane A.npy,B.npy,A.npy", 1, "lie on a line", "triangle")]
    [InlineData("--plane A.npy,B.npy,C.npy --max-regions 3", 1, "more than 3 regions", "layer 1 of 3")]
    [InlineData("--plane A.npy,B.npy,C.npy --out nowhere/r.svg", 1, "nowhere", "no folder")]
    public void Regions_WrongCommandLineOrFile_IsToldInALine(string options, int code, string value, string expected)
    {
        var run = ToolRun.Of(Words(options));

        run.ExitCode.Should().Be(code, run.Error);
        run.Output.Should().BeEmpty();
        run.Error.Should().Contain(value).And.Contain(expected).And.NotContain("   at ");
    }

    private static double Area(XElement polygon)
    {
        var corners = polygon.Attribute("points")!.Value.Split(' ').Select(p => p.Split(',')).Select(p =>
            (X: double.Parse(p[0], System.Globalization.CultureInfo.InvariantCulture),
                Y: double.Parse(p[1], System.Globalization.CultureInfo.InvariantCulture))).ToList();
        return corners.Select((p, i) => (p, q: corners[(i + 1) % corners.Count])).Sum(e => (e.p.X * e.q.Y) - (e.q.X * e.p.Y)) / 2;
    }

    private ToolRun Done(string options)
    {
        var run = ToolRun.Of(Words(options));
        run.ExitCode.Should().Be(0, run.Error);
        return run;
    }

    private string[] Words(string options)
    {
        var words = options.Split(' ').Select(w => string.Join(',', w.Split(',').Select(InFolder)));
        string[] activation = options.Contains("--activation", StringComparison.Ordinal) ? [] : ["--activation", "relu"];
        return ["regions", "--model", _folder.File("net.npz"), .. words, .. activation];
    }

    private string InFolder(string word) => word.Contains('.', StringComparison.Ordinal) ? _folder.File(word) : word;
}
