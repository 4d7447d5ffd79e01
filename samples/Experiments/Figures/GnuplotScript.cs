using System.Globalization;
using System.Text;

namespace StableRank.Experiments.Figures;

/// <summary>The gnuplot script of a figure: reads the CSV file beside it and draws SVG and PNG, all in one style.</summary>
internal static class GnuplotScript
{
    private const string Font = "DejaVu Sans";

    /// <summary>The script; run it in its own folder, <c>gnuplot NAME.gp</c>.</summary>
    public static string Of(Figure figure)
    {
        var script = new StringBuilder();
        Preamble(script, figure);
        for (var p = 0; p < figure.Panels.Count; p++)
        {
            script.Append('\n');
            PanelOf(script, figure, p);
        }

        script.Append("\nunset multiplot\nunset output\n");
        return script.ToString();
    }

    private static void Preamble(StringBuilder script, Figure figure)
    {
        script.Append(CultureInfo.InvariantCulture, $$"""
            # {{figure.Title}}
            # Data: {{figure.Name}}.csv. Run in this folder: gnuplot {{figure.Name}}.gp
            if (!exists("form")) {
              form = "svg"; load {{Quote(figure.Name + ".gp")}}
              form = "png"; load {{Quote(figure.Name + ".gp")}}
              exit
            }
            if (form eq "svg") {
              set terminal svg dynamic size {{figure.Width}},{{figure.Height}} enhanced font '{{Font}},12' background '#ffffff'
              set output {{Quote(figure.Name + ".svg")}}
            } else {
              set terminal pngcairo size {{figure.Width * 3 / 2}},{{figure.Height * 3 / 2}} enhanced font '{{Font}},12' \
                  fontscale 1.15 linewidth 1.5 pointscale 1.5
              set output {{Quote(figure.Name + ".png")}}
            }
            set encoding utf8
            set datafile separator comma
            data = {{Quote(figure.Name + ".csv")}}
            # a column of one series of one panel; nothing for the other lines of the file
            mine(panel, series) = column({{FigureCsv.Number("panel")}}) == panel && column({{FigureCsv.Number("series")}}) == series
            of(panel, series, name) = mine(panel, series) ? column(name) : NaN
            set border 3 linecolor rgb '#6b7280' linewidth 1
            set tics nomirror scale 0.5 textcolor rgb '#374151'
            set grid xtics ytics linetype 1 linewidth 0.8 linecolor rgb '#e5e7eb'
            set multiplot layout {{figure.Rows}},{{figure.Columns}}

            """);
    }

    private static void PanelOf(StringBuilder script, Figure figure, int index)
    {
        var panel = figure.Panels[index];
        var letter = figure.Panels.Count > 1 ? $"{{/:Bold {(char)('a' + index)}}}   " : string.Empty;
        script.Append("unset label\nunset logscale\nset autoscale\n");
        script.Append(panel.EqualUnits ? "set size ratio -1\n" : "set size noratio\n");
        script.Append(CultureInfo.InvariantCulture,
            $"set label 1 {Quote(letter + panel.Title)} at graph 0, graph 1 left offset 0, 1 front textcolor rgb '#111827'\n");
        script.Append(CultureInfo.InvariantCulture,
            $"set tmargin 3\nset lmargin 11\nset rmargin {(panel.LabelRoom > 0 ? panel.LabelRoom : 3)}\n");
        AxisOf(script, "x", panel.X);
        AxisOf(script, "y", panel.Y);
        script.Append(LegendOf(panel)).Append('\n');
        for (var i = 0; i < panel.Labels.Count; i++)
        {
            var label = panel.Labels[i];
            var place = $"{Number(label.X)}, {Number(label.Y)} left front";
            script.Append(CultureInfo.InvariantCulture, $"set label {i + 2} {Quote(label.Text)} at {place} ");
            script.Append(CultureInfo.InvariantCulture, $"textcolor rgb '{label.Colour}'\n");
        }

        script.Append("plot ");
        script.AppendJoin(", \\\n     ", panel.Series.Select((series, s) => SeriesOf(series, index + 1, s + 1)));
        script.Append('\n');
    }

    private static void AxisOf(StringBuilder script, string name, Axis axis)
    {
        // a line more than the label's own keeps a legend below away from it
        var (offset, room) = name == "x" ? ("0, 0.5", ".\"\\n\"") : ("0, 0", string.Empty);
        script.Append(CultureInfo.InvariantCulture, $"set {name}label {Quote(axis.Label)}{room} offset {offset} textcolor rgb '#111827'\n");
        script.Append(axis.Scale switch
        {
            AxisScale.Linear => $"set format {name} '%g'\n",
            AxisScale.Log10 => $"set logscale {name} 10\nset format {name} '10^{{%L}}'\n",
            AxisScale.Log2 => $"set logscale {name} 2\nset format {name} '%g'\n",
            _ => throw new ArgumentOutOfRangeException(nameof(axis), axis.Scale, "unknown scale"),
        });
        script.Append(CultureInfo.InvariantCulture, $"set {name}tics {(axis.TickStep is { } step ? Number(step) : "autofreq")}\n");
        script.Append(axis.Scale == AxisScale.Log10 ? $"set m{name}tics default\n" : $"unset m{name}tics\n");
        script.Append(CultureInfo.InvariantCulture,
            $"set {name}range [{(axis.Minimum is { } low ? Number(low) : "*")}:{(axis.Maximum is { } high ? Number(high) : "*")}]\n");
    }

    private static string LegendOf(Panel panel)
    {
        const string Style = "samplen 1.6 spacing 1.2 font ',11' textcolor rgb '#374151'";
        return panel.Legend switch
        {
            LegendPlace.None => "unset key",
            LegendPlace.TopLeft => $"set key inside top left Left reverse vertical nobox maxcols 1 noopaque {Style}",
            LegendPlace.TopRight => $"set key inside top right Left reverse vertical nobox maxcols 1 noopaque {Style}",
            LegendPlace.BottomLeft => $"set key inside bottom left Left reverse vertical nobox maxcols 1 noopaque {Style}",
            LegendPlace.BottomRight => $"set key inside bottom right Left reverse vertical nobox maxcols 1 noopaque {Style}",
            LegendPlace.OutsideRight => $"set key outside right center Left reverse vertical nobox maxcols 1 noopaque {Style}",
            LegendPlace.Below =>
                $"set key outside below center Left reverse horizontal nobox noopaque maxcols {panel.LegendColumns} {Style}",
            _ => throw new ArgumentOutOfRangeException(nameof(panel), panel.Legend, "unknown place of a legend"),
        };
    }

    private static string SeriesOf(Series series, int panel, int number)
    {
        var title = series.InLegend ? $"title {Quote(series.Label)}" : "notitle";
        var style = StyleOf(series);
        if (series.Points.Count == 0)
        {
            return $"keyentry with {style} {title}";
        }

        string Using(params string[] columns) =>
            $"data skip 1 using {string.Join(':', columns.Select(column => $"(of({panel}, {number}, {FigureCsv.Number(column)}))"))}";
        return series.Kind switch
        {
            SeriesKind.Line => $"{Using("x", "y")} with {style} {title}",

            // with yerrorbars gnuplot clears the ground around a point, and short bars with it: arrows with blunt heads are the bars
            SeriesKind.Points =>
                $"{BarsOf(panel, number)} with vectors heads size screen 0.0022,90 linewidth 1.2 linecolor rgb '{series.Colour}' notitle, "
                + $"\\\n     {Using("x", "y")} with {style} {title}",
            SeriesKind.Band => $"{Using("x", "low", "high")} with {style} {title}",
            SeriesKind.Bars => $"{Using("x", "y", "width")} with {style} {title}",
            SeriesKind.Polygons => $"{Using("x", "y", "colour")} with {style} {title}",
            _ => throw new ArgumentOutOfRangeException(nameof(series), series.Kind, "unknown kind"),
        };
    }

    private static string BarsOf(int panel, int number)
    {
        string Of(string column) => $"of({panel}, {number}, {FigureCsv.Number(column)})";
        var length = $"({Of("high")} > {Of("low")} ? {Of("high")} - {Of("low")} : NaN)";
        return $"data skip 1 using ({Of("x")}):({Of("low")}):(0):{length}";
    }

    private static string StyleOf(Series series) => series.Kind switch
    {
        SeriesKind.Line => string.Create(CultureInfo.InvariantCulture,
            $"lines linewidth {series.LineWidth} dashtype {Dash(series.Stroke)} linecolor rgb '{series.Colour}'"),
        SeriesKind.Points => string.Create(CultureInfo.InvariantCulture,
            $"points pointtype {PointType(series)} pointsize {series.PointSize} linewidth 1.2 linecolor rgb '{series.Colour}'"),
        SeriesKind.Band => $"filledcurves fillstyle transparent solid 0.18 noborder fillcolor rgb '{series.Colour}'",
        SeriesKind.Polygons => "filledcurves closed fillstyle solid 1 noborder fillcolor rgb variable",
        SeriesKind.Bars => $"boxes fillstyle solid 0.55 noborder linecolor rgb '{series.Colour}'",
        _ => throw new ArgumentOutOfRangeException(nameof(series), series.Kind, "unknown kind"),
    };

    private static string Dash(Stroke stroke) => stroke switch
    {
        Stroke.Solid => "1",
        Stroke.Dashed => "(8,5)",
        Stroke.Dotted => "(2,4)",
        _ => throw new ArgumentOutOfRangeException(nameof(stroke), stroke, "unknown stroke"),
    };

    // gnuplot numbers the outlines evenly and the filled shapes one above
    private static int PointType(Series series)
    {
        var outline = series.Marker switch
        {
            Marker.Square => 4,
            Marker.Circle => 6,
            Marker.TriangleUp => 8,
            Marker.TriangleDown => 10,
            Marker.Diamond => 12,
            Marker.Pentagon => 14,
            _ => throw new ArgumentOutOfRangeException(nameof(series), series.Marker, "unknown marker"),
        };
        return series.Hollow ? outline : outline + 1;
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Quote(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
}
