using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using StableRank.Tool.CommandLine;

namespace StableRank.Tool.Output;

/// <summary>
/// What <c>--json</c> prints: one object, keys in camelCase, numbers that read back as the same double, null where there is no number.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(InfoReport))]
[JsonSerializable(typeof(SampleReport))]
[JsonSerializable(typeof(MeasureReport))]
[JsonSerializable(typeof(PropagateReport))]
[JsonSerializable(typeof(KernelReport))]
[JsonSerializable(typeof(JacobianReport))]
[JsonSerializable(typeof(TrainReport))]
[JsonSerializable(typeof(GradientRankReport))]
[JsonSerializable(typeof(RegionsReport))]
[JsonSerializable(typeof(SetupReport))]
internal sealed partial class JsonOutput : JsonSerializerContext
{
    public static void Write<T>(CliConsole console, T report, JsonTypeInfo<T> type) =>
        console.Output.WriteLine(JsonSerializer.Serialize(report, type));
}
