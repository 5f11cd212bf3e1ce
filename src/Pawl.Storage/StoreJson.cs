using System.Text.Json.Serialization;
using Pawl.Core.Chains;
using Pawl.Storage.Artifacts;

namespace Pawl.Storage;

/// <summary>All JSON that is kept in a store.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Entry))]
[JsonSerializable(typeof(Listing))]
internal sealed partial class StoreJson : JsonSerializerContext;
