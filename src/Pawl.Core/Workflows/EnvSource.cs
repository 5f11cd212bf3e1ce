namespace Pawl.Core.Workflows;

/// <summary>Environment variables whose values are kept elsewhere.</summary>
/// <param name="Name">Of the variable; where <paramref name="Key"/> is null, what stands before each key.</param>
/// <param name="Object">Name of the config map or secret.</param>
/// <param name="Key">Null means every key, each a variable.</param>
/// <param name="Optional">Absent is no error: the variable is left out.</param>
public sealed record EnvSource(string Name, EnvOrigin Origin, string Object, string? Key, bool Optional);

public enum EnvOrigin
{
    /// <summary>Frozen when the run is submitted.</summary>
    ConfigMap,

    /// <summary>Looked up by the supervisor when a step starts, so that it stands in no file of the run's own record.</summary>
    Secret,
}
