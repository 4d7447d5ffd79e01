using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace StableRank.Experiments.Reporting;

/// <summary>A figure of a stored result.</summary>
/// <param name="Name">Its files' name without extension.</param>
/// <param name="Title">Its title.</param>
/// <param name="Caption">Its caption.</param>
/// <param name="Drawn">Whether SVG and PNG were drawn.</param>
internal sealed record StoredFigure(string Name, string Title, string Caption, bool Drawn);

/// <summary>What a run of an experiment leaves in its folder as result.json, and all that the report is made from.</summary>
internal sealed record StoredResult(
    string Name,
    string Title,
    string Source,
    string Claim,
    string Protocol,
    string Size,
    ulong Seed,
    double Seconds,
    string Backend,
    IReadOnlyList<StoredFigure> Figures,
    IReadOnlyList<ResultTable> Tables,
    IReadOnlyList<Verdict> Verdicts,
    IReadOnlyList<string> Notes)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "result.json";

    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Writes result.json into the folder.</summary>
    public void Write(string folder) => File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Options));

    /// <summary>Reads result.json from the folder.</summary>
    /// <exception cref="InvalidDataException">The file is no stored result; the message names it.</exception>
    public static StoredResult Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            return JsonSerializer.Deserialize<StoredResult>(File.ReadAllText(path), Options)
                ?? throw new InvalidDataException($"{path} holds null, expected the result of an experiment");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path} is no result of an experiment: {error.Message}", error);
        }
    }
}
