using System.Text.Json.Serialization;

namespace Pawl.Engine.Homes;

/// <summary>The content of <c>home.json</c>.</summary>
internal sealed record HomeLabel(int Schema);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HomeLabel))]
[JsonSerializable(typeof(Owner))]
[JsonSerializable(typeof(RunLabel))]
internal sealed partial class HomeJson : JsonSerializerContext;
