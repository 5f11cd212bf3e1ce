using System.Text.Json.Serialization;
using Pawl.Core.Attempts;
using Pawl.Supervision.Processes;

namespace Pawl.Supervision;

/// <summary>How the files of an attempt are written: camelCase, enums by name.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    WriteIndented = true)]
[JsonSerializable(typeof(AttemptSpec))]
[JsonSerializable(typeof(Outcome))]
[JsonSerializable(typeof(StopRequest))]
[JsonSerializable(typeof(BorrowedPaths))]
[JsonSerializable(typeof(ContainerRecord))]
public sealed partial class SupervisionJson : JsonSerializerContext;
