using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text;

namespace StableRank.Experiments.Reporting;

/// <summary>The report over all results that a folder of artifacts holds: one HTML page that needs no other file.</summary>
internal static class Report
{
    /// <summary>The file's name.</summary>
    public const string FileName = "report.html";

    /// <summary>Collects the results in the subfolders of <paramref name="artifacts"/> and writes report.html there.</summary>
    /// <param name="artifacts">The folder of artifacts.</param>
    /// <param name="order">Names of experiments in the order wanted; results of others follow by name.</param>
    /// <returns>The report's path.</returns>
    public static string Write(string artifacts, IReadOnlyList<string> order)
    {
        var results = Directory.EnumerateDirectories(artifacts)
            .Where(folder => !Path.GetFileName(folder).StartsWith('.') && File.Exists(Path.Combine(folder, StoredResult.FileName)))
            .Select(StoredResult.Read)
            .OrderBy(result => order.IndexOf(result.Name) is var place && place < 0 ? int.MaxValue : place)
            .ThenBy(result => result.Name, StringComparer.Ordinal)
            .ToList();
        var path = Path.Combine(artifacts, FileName);
        var temporary = Path.Combine(artifacts, $".{FileName}.{Environment.ProcessId}");
        File.WriteAllText(temporary, Html(results, artifacts));
        File.Move(temporary, path, overwrite: true);
        return path;
    }

    /// <summary>The page.</summary>
    /// <param name="results">What it shows, in order.</param>
    /// <param name="artifacts">The folder that holds a folder NAME for each result.</param>
    public static string Html(IReadOnlyList<StoredResult> results, string artifacts)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>StableRank: experiments</title>
            <style>
            {StyleSheet()}
            </style>
            </head>
            <body>
            <header>
            <h1>Random deep networks of prescribed stable rank</h1>
            <p>What the stable rank r = ‖W‖<sub>F</sub><sup>2</sup> / ‖W‖<sub>2</sub><sup>2</sup> of the weight matrices does to a deep
            network, measured and set beside the exact formulas. Every verdict below is computed from the numbers it quotes.</p>
            </header>
            <main>

            """);
        Contents(page, results);
        foreach (var result in results)
        {
            Section(page, result, artifacts);
        }

        return page.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private static void Contents(StringBuilder page, IReadOnlyList<StoredResult> results)
    {
        page.Append("<nav>\n<h2>Experiments</h2>\n<table class=\"contents\">\n");
        page.Append("<thead><tr><th>Experiment</th><th>Verdict</th><th>Statement</th></tr></thead>\n<tbody>\n");
        foreach (var result in results)
        {
            for (var i = 0; i < result.Verdicts.Count; i++)
            {
                var verdict = result.Verdicts[i];
                var link = $"<a href=\"#{result.Name}\">{WebUtility.HtmlEncode(result.Title)}</a>";
                var name = i == 0 ? $"<th scope=\"row\" rowspan=\"{result.Verdicts.Count}\">{link}</th>" : string.Empty;
                page.Append(CultureInfo.InvariantCulture,
                    $"<tr>{name}<td>{Badge(verdict.Outcome)}</td><td>{EnhancedText.ToHtml(verdict.Statement)}</td></tr>\n");
            }
        }

        page.Append("</tbody>\n</table>\n</nav>\n");
    }

    private static void Section(StringBuilder page, StoredResult result, string artifacts)
    {
        page.Append(CultureInfo.InvariantCulture, $"""
            <section id="{result.Name}">
            <h2>{WebUtility.HtmlEncode(result.Title)}</h2>
            <dl>
            <dt>Claim</dt><dd>{EnhancedText.ToHtml(result.Claim)}</dd>
            <dt>Source</dt><dd>{EnhancedText.ToHtml(result.Source)}</dd>
            <dt>Protocol</dt><dd>{EnhancedText.ToHtml(result.Protocol)}</dd>
            </dl>
            <h3>Verdicts</h3>
            <table class="verdicts">
            <tbody>

            """);
        foreach (var verdict in result.Verdicts)
        {
            var evidence = EnhancedText.ToHtml(verdict.Evidence).Replace("\n", "<br>", StringComparison.Ordinal);
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Badge(verdict.Outcome)}</td><td>{EnhancedText.ToHtml(verdict.Statement)}");
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"evidence\">{evidence}</p></td></tr>\n");
        }

        page.Append("</tbody>\n</table>\n");
        foreach (var note in result.Notes)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"note\">{EnhancedText.ToHtml(note)}</p>\n");
        }

        foreach (var figure in result.Figures)
        {
            FigureOf(page, result, figure, artifacts);
        }

        foreach (var table in result.Tables)
        {
            TableOf(page, table);
        }

        page.Append(CultureInfo.InvariantCulture, $"<p class=\"run\">{result.Size} size, seed {result.Seed}, {result.Seconds:0.0} s. ");
        page.Append(CultureInfo.InvariantCulture, $"{WebUtility.HtmlEncode(result.Backend)}</p>\n</section>\n");
    }

    private static void FigureOf(StringBuilder page, StoredResult result, StoredFigure figure, string artifacts)
    {
        var path = Path.Combine(artifacts, result.Name, figure.Name + ".svg");
        page.Append("<figure>\n");
        page.Append(figure.Drawn
            ? InlineSvg.Of(File.ReadAllText(path), $"{result.Name}-{figure.Name}-", figure.Title)
            : "<p class=\"missing\">Not drawn: gnuplot was not there. Its numbers and its script are in the files below.</p>");
        var files = (figure.Drawn ? (string[])["csv", "gp", "svg", "png"] : ["csv", "gp"])
            .Select(kind => $"<a href=\"{result.Name}/{figure.Name}.{kind}\">{kind}</a>");
        page.Append(CultureInfo.InvariantCulture,
            $"\n<figcaption><b>{EnhancedText.ToHtml(figure.Title)}.</b> {EnhancedText.ToHtml(figure.Caption)} ");
        page.Append(CultureInfo.InvariantCulture, $"<span class=\"files\">{string.Join(" · ", files)}</span></figcaption>\n</figure>\n");
    }

    private static void TableOf(StringBuilder page, ResultTable table)
    {
        page.Append(CultureInfo.InvariantCulture, $"<details open>\n<summary>{EnhancedText.ToHtml(table.Title)}</summary>\n");
        page.Append("<div class=\"wide\"><table class=\"numbers\">\n<thead><tr>");
        foreach (var column in table.Columns)
        {
            page.Append("<th>").Append(EnhancedText.ToHtml(column)).Append("</th>");
        }

        page.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in table.Rows)
        {
            page.Append("<tr>").AppendJoin(string.Empty, row.Select(cell => $"<td>{EnhancedText.ToHtml(cell)}</td>")).Append("</tr>\n");
        }

        page.Append("</tbody>\n</table></div>\n</details>\n");
    }

    private static string Badge(VerdictOutcome outcome)
    {
        var word = outcome.ToString().ToLowerInvariant();
        return $"<span class=\"badge {word}\">{word}</span>";
    }

    private static string StyleSheet()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("report.css")
            ?? throw new InvalidOperationException("the style sheet report.css is not embedded in the assembly");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().TrimEnd();
    }

    private static int IndexOf(this IReadOnlyList<string> list, string item)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] == item)
            {
                return i;
            }
        }

        return -1;
    }
}
