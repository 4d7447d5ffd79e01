using System.Globalization;
using System.Text;
using StableRank.Expressivity;

namespace StableRank.Tool.Output;

/// <summary>A picture of a partition: every region a polygon of a colour of its own, and the three points of the slice.</summary>
internal static class RegionsSvg
{
    /// <summary>The longer side of the picture, in pixels.</summary>
    private const double Size = 900;

    private const double Border = 12;

    /// <summary>Turns that spread successive hues most evenly: the golden section.</summary>
    private const double Turn = 0.6180339887498949;

    /// <summary>Writes the file whole or not at all.</summary>
    public static void Write(string path, PlanePartition partition)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var writer = new StreamWriter(temporary, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)))
            {
                Write(writer, partition);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static void Write(TextWriter writer, PlanePartition partition)
    {
        var slice = partition.Slice;
        double left = slice.Corners.Min(p => p.U), bottom = slice.Corners.Min(p => p.V);
        double width = slice.Corners.Max(p => p.U) - left, height = slice.Corners.Max(p => p.V) - bottom;
        var scale = (Size - (2 * Border)) / Math.Max(width, height);
        string X(PlanePoint p) => Number(Border + (scale * (p.U - left)));
        string Y(PlanePoint p) => Number(Border + (scale * (height - (p.V - bottom))));

        string w = Number((scale * width) + (2 * Border)), h = Number((scale * height) + (2 * Border));
        writer.WriteLine($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\">");
        writer.WriteLine($"<title>{partition.Count} linear regions</title>");
        writer.WriteLine("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>");

        // without smoothing there are no seams between polygons, and Chromium leaves no holes in thin ones
        writer.WriteLine("<g shape-rendering=\"crispEdges\">");
        foreach (var region in partition.Regions)
        {
            var corners = string.Join(' ', region.Corners.Select(p => $"{X(p)},{Y(p)}"));
            writer.WriteLine($"<polygon points=\"{corners}\" fill=\"{Colour(region.Index)}\"/>");
        }

        writer.WriteLine("</g>");
        foreach (var (point, name) in slice.Points.Zip((string[])["A", "B", "C"]))
        {
            writer.WriteLine($"<circle cx=\"{X(point)}\" cy=\"{Y(point)}\" r=\"5\" fill=\"black\" stroke=\"white\" stroke-width=\"2\"/>");
            writer.WriteLine($"<text x=\"{X(point)}\" y=\"{Y(point)}\" dx=\"9\" dy=\"-9\" font-family=\"sans-serif\" font-size=\"20\" "
                + $"font-weight=\"bold\" stroke=\"white\" stroke-width=\"4\" paint-order=\"stroke\">{name}</text>");
        }

        writer.WriteLine("</svg>");
    }

    /// <summary>Hues a golden turn apart, in three shades: regions made one after the other lie side by side and differ most.</summary>
    private static string Colour(int index)
    {
        var hue = 360 * (index * Turn % 1);
        var light = 58 + (12 * (index % 3));
        return $"hsl({Number(hue, "F0")},55%,{Number(light, "F0")}%)";
    }

    private static string Number(double value, string format = "0.###") => value.ToString(format, CultureInfo.InvariantCulture);
}
