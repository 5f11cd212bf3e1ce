using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Pawl.Manifests.Checks;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

internal enum ArgumentPlace
{
    Workflow,
    Call,
    Inputs,
    Outputs,
}

/// <summary>Reads parameters and artifacts wherever they stand.</summary>
internal sealed class ArgumentReader(Problems problems)
{
    private const int MostMode = 0x1FF;

    private static readonly string[] Locations = ["artifactory", "azure", "gcs", "git", "hdfs", "http", "oss", "plugin", "raw", "s3"];

    private static readonly string[] ValueSources = ["path", "parameter", "supplied", "configMapKeyRef", "event", "expression", "jqFilter", "jsonPath"];

    public ArgumentsSource Read(YamlNode? node, ArgumentPlace place)
    {
        var table = place switch
        {
            ArgumentPlace.Inputs => Tables.Inputs,
            ArgumentPlace.Outputs => Tables.Outputs,
            _ => Tables.Arguments,
        };
        if (Fields.Of(node, table, problems) is not { } fields) { return ArgumentsSource.None; }
        ImmutableArray<ParameterSource> parameters = [.. fields.List("parameters").Select(p => Parameter(p, place)).OfType<ParameterSource>()];
        ImmutableArray<ArtifactSource> artifacts = [.. fields.List("artifacts").Select(a => Artifact(a, place)).OfType<ArtifactSource>()];
        var where = table.Place;
        NameRules.CheckUnique(parameters, p => p.Name, p => p.At, $"{where} parameter", problems);
        NameRules.CheckUnique(artifacts, a => a.Name, a => a.At, $"{where} artifact", problems);
        return new(parameters, artifacts);
    }

    private ParameterSource? Parameter(YamlNode node, ArgumentPlace place)
    {
        if (Fields.Of(node, Tables.Parameter, problems) is not { } fields || Name(fields, "parameter", place) is not { } name) { return null; }
        fields.AnyText("description");
        if (fields.Has("globalName") && place is not ArgumentPlace.Outputs)
        {
            problems.Notice(fields.Key("globalName")!, "globalName has no effect here; write it on an output");
        }
        var parameter = new Parameter(name)
        {
            Value = fields.AnyText("value"),
            Default = fields.AnyText("default"),
            ValueFrom = ValueFrom(fields, name, place),
            GlobalName = fields.Text("globalName"),
            Enum = [.. fields.List("enum").Select(Scalars.AnyText)],
        };
        CheckEnum(parameter, fields, place);
        return new(parameter, node, fields.Has("valueFrom"));
    }

    private ValueFrom? ValueFrom(Fields parameter, string name, ArgumentPlace place)
    {
        if (parameter.Map("valueFrom", Tables.ValueFrom) is not { } fields) { return null; }
        var sources = ValueSources.Where(fields.Has).ToArray();
        if (sources.Length > 1)
        {
            problems.Error(fields.Node, $"multiple valueFrom types in parameter {name.Quoted()}: {string.Join(", ", sources)}; write one of them");
        }
        else if (place is ArgumentPlace.Workflow or ArgumentPlace.Call && sources is not ["supplied" or "configMapKeyRef" or "event"])
        {
            problems.Error(fields.Node, $"valueFrom of argument {name.Quoted()} takes its value from elsewhere than an argument can; write `value:`, which may hold a tag"
                .InArgo($"arguments.parameters.{name}.valueFrom only allows: default, configMapKeyRef and supplied"));
        }
        // What the workflow is to be supplied with may come from the command line; nobody is asked in the middle of a run.
        else if (sources is ["supplied" or "path" or "parameter" or "expression"] && place is ArgumentPlace.Call or ArgumentPlace.Inputs)
        {
            problems.Unsupported(fields.Node, $"this valueFrom of {name.Quoted()} is not supported here; write `value:`");
        }
        ExpressionChecks.CheckBare(fields.Value("expression"), problems);
        return new ValueFrom
        {
            Expression = fields.Text("expression"),
            Path = fields.Text("path"),
            Parameter = fields.Text("parameter"),
            Supplied = fields.Has("supplied"),
            ConfigMapKeyRef = KeyRef(fields.Map("configMapKeyRef", KindTables.KeyRef), "configMapKeyRef", problems),
            Default = fields.AnyText("default"),
        };
    }

    /// <summary>Null where there is none, or where it does not say which key, which is reported.</summary>
    public static KeyRef? KeyRef(Fields? reference, string what, Problems problems)
    {
        if (reference is null) { return null; }
        var (name, key, optional) = (reference.Text("name"), reference.Text("key"), reference.Flag("optional") ?? false);
        if (!string.IsNullOrEmpty(name) && !string.IsNullOrEmpty(key)) { return new KeyRef(name, key, optional); }
        problems.Error(reference.Node, $"{what} without {(string.IsNullOrEmpty(name) ? "name" : "key")}; write `{what}: {{name: NAME, key: KEY}}`");
        return null;
    }

    private void CheckEnum(Parameter parameter, Fields fields, ArgumentPlace place)
    {
        if (fields.Value("enum") is not { Kind: YamlKind.Sequence } at) { return; }
        if (at.Items.IsEmpty) { problems.Error(at, $"enum of {parameter.Name.Quoted()} is empty; write the allowed values or remove it".InArgo($"{Path(place)}.{parameter.Name}.enum should contain at least one value")); }
        else if (place is ArgumentPlace.Workflow && parameter.Value is { } value && !parameter.Enum.Contains(value))
        {
            problems.Error(fields.Value("value")!, $"value {value.Quoted()} of {parameter.Name.Quoted()} should be present in its enum list; write one of {Listed(parameter.Enum)}");
        }
    }

    private static string Path(ArgumentPlace place) => place switch
    {
        ArgumentPlace.Workflow => "spec.arguments",
        ArgumentPlace.Inputs => "inputs.parameters",
        ArgumentPlace.Outputs => "outputs.parameters",
        _ => "arguments.parameters",
    };

    public static string Listed(IEnumerable<string> values)
    {
        var shown = values.Take(6).Select(v => v.Quoted()).ToArray();
        return shown.Length == 6 ? string.Join(", ", shown[..5]) + ", …" : string.Join(", ", shown);
    }

    private ArtifactSource? Artifact(YamlNode node, ArgumentPlace place)
    {
        if (Fields.Of(node, Tables.Artifact, problems) is not { } fields || Name(fields, "artifact", place) is not { } name) { return null; }
        var from = fields.Value("from");
        var hasLocation = Locations.Any(fields.Has);
        if (from is not null && fields.Has("fromExpression"))
        {
            problems.Error(from, $"artifact {name.Quoted()} shouldn't have both from and fromExpression; write one of them");
        }
        if (from is not null && place is ArgumentPlace.Inputs)
        {
            problems.Error(from, $"from is not valid in inputs; write it in the arguments of the step that calls this template");
        }
        var path = fields.Text("path");
        if (path is not null && IsClimbing(path)) { problems.Error(fields.Value("path")!, $"path {path.Quoted()} climbs out with '..'; write a path without '..'"); }
        var mode = fields.Whole("mode");
        if (mode is < 0 or > MostMode)
        {
            problems.Error(fields.Value("mode")!, $"mode {mode} is not a permission; write 0 to 511, in octal 0 to 0777");
            mode = null;
        }
        ExpressionChecks.CheckBare(fields.Value("fromExpression"), problems);
        var archive = Archive(fields);
        var location = new LocationReader(problems).Read(fields, name, isOutput: place is ArgumentPlace.Outputs);
        var artifact = new Artifact(name)
        {
            Path = path,
            From = fields.Text("from"),
            FromExpression = fields.Text("fromExpression"),
            RawData = fields.Map("raw", Tables.Raw)?.Text("data"),
            Optional = fields.Flag("optional") ?? false,
            Mode = (int?)mode,
            RecurseMode = fields.Flag("recurseMode") ?? false,
            Location = location,
            SubPath = fields.Text("subPath"),
            Archive = archive,
            Gc = LocationReader.Gc(fields, problems),
            GlobalName = fields.Text("globalName"),
        };
        if (archive is not null && !hasLocation && place is ArgumentPlace.Inputs or ArgumentPlace.Call)
        {
            problems.Notice(fields.Key("archive")!, "archive has no effect on what another step made: the step that reads the artifact gets the files themselves");
        }
        if (place is ArgumentPlace.Call or ArgumentPlace.Workflow && from is null && !fields.Has("fromExpression") && !hasLocation && !artifact.Optional)
        {
            problems.Error(node, $"artifact {name.Quoted()}: from, artifact location, or key is required; write `from: \"{{{{tasks.NAME.outputs.artifacts.NAME}}}}\"` or `raw: {{data: TEXT}}`");
        }
        return new(artifact, node, hasLocation, from ?? fields.Value("fromExpression"));
    }

    private static bool IsClimbing(string path) => path.Split('/').Contains("..");

    private static Archive? Archive(Fields fields)
    {
        if (fields.Map("archive", Tables.Archive) is not { } archive) { return null; }
        if (archive.Has("none")) { return new Archive(ArchiveKind.None); }
        if (archive.Has("zip")) { return new Archive(ArchiveKind.Zip); }
        var level = archive.Map("tar", Tables.Tar)?.Whole("compressionLevel");
        return archive.Has("tar") ? new Archive(ArchiveKind.Tar, (int?)level) : null;
    }

    private string? Name(Fields fields, string what, ArgumentPlace place)
    {
        if (fields.Text("name") is { Length: > 0 } name)
        {
            NameRules.CheckValueName(name, fields.Value("name")!, what, mayHaveTags: place is ArgumentPlace.Outputs, problems);
            return name;
        }
        if (!fields.Has("name") || fields.Value("name")!.Text.Length == 0) { problems.Error(fields.Node, $"{what} name is required; write `name: NAME`"); }
        return null;
    }
}
