using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Pawl.Core.Attempts;
using Pawl.Core.Expressions;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>Lays a <c>podSpecPatch</c> over a spec as Kubernetes lays it over a pod: containers, variables and aliases are found by name, all else replaced.</summary>
internal static class PodPatches
{
    /// <param name="text">Fills tags in.</param>
    /// <param name="withLimits">Also what decides no output: limits and times.</param>
    /// <exception cref="ExpressionException">It is no JSON object, or a field is not what it must be.</exception>
    public static AttemptSpec Apply(AttemptSpec spec, PodPatch patch, Func<string, string> text, bool withLimits)
    {
        using var document = Read(patch, ref text);
        var pod = document.RootElement;
        if (withLimits && Field(pod, "terminationGracePeriodSeconds") is { } grace)
        {
            spec = spec with { GracePeriod = TimeSpan.FromSeconds(Whole(grace, "terminationGracePeriodSeconds", text)) };
        }
        foreach (var alias in List(pod, "hostAliases"))
        {
            var one = new HostAlias(Text(alias, "ip", text) ?? "", Texts(alias, "hostnames", text) ?? []);
            spec = spec with { HostAliases = spec.HostAliases.RemoveAll(a => a.Ip == one.Ip).Add(one) };
        }
        foreach (var container in List(pod, "initContainers")) { spec = spec with { Init = Among(spec.Init, container, text, withLimits) }; }
        foreach (var container in List(pod, "containers"))
        {
            spec = spec with { Set = Among(spec.Set, container, text, withLimits), Sidecars = Among(spec.Sidecars, container, text, withLimits) };
            if (Text(container, "name", text) == AttemptSpec.Main && spec.Set.IsEmpty) { spec = Main(spec, container, text, withLimits); }
        }
        return spec;
    }

    // Of a text that is made by tags as a whole, the tags are filled in once, before it is read.
    private static JsonDocument Read(PodPatch patch, ref Func<string, string> text)
    {
        try
        {
            if (patch.Text.StartsWith('{') && !patch.Text.StartsWith("{{", StringComparison.Ordinal)) { return Object(JsonDocument.Parse(patch.Text)); }
            var whole = text(patch.Text);
            text = static t => t;
            return Object(JsonDocument.Parse(whole));
        }
        catch (JsonException e)
        {
            throw new ExpressionException($"podSpecPatch is no JSON once its tags are filled in: {e.Message}", 1);
        }
    }

    private static JsonDocument Object(JsonDocument document) => document.RootElement.ValueKind is JsonValueKind.Object
        ? document
        : throw new ExpressionException($"podSpecPatch is {document.RootElement.ValueKind} once its tags are filled in, not an object", 1);

    private static AttemptSpec Main(AttemptSpec spec, JsonElement patch, Func<string, string> text, bool withLimits)
    {
        var main = Patched(
            new ContainerSpec
            {
                Name = AttemptSpec.Main,
                Image = spec.Image,
                Command = spec.Command,
                Args = spec.Args,
                Env = spec.Env,
                WorkingDir = spec.WorkingDir,
                MemoryLimit = spec.MemoryLimit,
                CpuLimit = spec.CpuLimit,
            },
            patch, text, withLimits);
        return spec with
        {
            Image = main.Image,
            Command = main.Command,
            Args = main.Args,
            Env = main.Env,
            WorkingDir = main.WorkingDir,
            MemoryLimit = main.MemoryLimit,
            CpuLimit = main.CpuLimit,
        };
    }

    private static ImmutableArray<ContainerSpec> Among(ImmutableArray<ContainerSpec> containers, JsonElement patch, Func<string, string> text, bool withLimits) =>
        Text(patch, "name", text) is { } name ? [.. containers.Select(c => c.Name == name ? Patched(c, patch, text, withLimits) : c)] : containers;

    private static ContainerSpec Patched(ContainerSpec spec, JsonElement patch, Func<string, string> text, bool withLimits)
    {
        foreach (var variable in List(patch, "env"))
        {
            var name = Text(variable, "name", text) ?? "";
            spec = spec with { Env = spec.Env.RemoveAll(v => v.Name == name).Add(new EnvVar(name, Text(variable, "value", text) ?? "")) };
        }
        var limits = withLimits && Field(patch, "resources") is { } resources ? Field(resources, "limits") : null;
        return spec with
        {
            Image = Text(patch, "image", text) ?? spec.Image,
            Command = Texts(patch, "command", text) ?? spec.Command,
            Args = Texts(patch, "args", text) ?? spec.Args,
            WorkingDir = Text(patch, "workingDir", text) ?? spec.WorkingDir,
            MemoryLimit = Amount(limits, "memory", unit: 1, text) ?? spec.MemoryLimit,
            CpuLimit = Amount(limits, "cpu", unit: 1000, text) ?? spec.CpuLimit,
        };
    }

    private static long? Amount(JsonElement? limits, string name, decimal unit, Func<string, string> text)
    {
        if (limits is not { } all || Field(all, name) is not { } value) { return null; }
        var written = Scalar(value, $"limits.{name}", text);
        return Quantities.Parse(written, unit) ?? throw new ExpressionException($"podSpecPatch: limits.{name} '{written}' is not a quantity such as 512Mi or 500m", 1);
    }

    private static JsonElement? Field(JsonElement inside, string name) =>
        inside.ValueKind is JsonValueKind.Object && inside.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null ? value : null;

    private static ImmutableArray<JsonElement> List(JsonElement inside, string name) => Field(inside, name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray()],
        _ => throw new ExpressionException($"podSpecPatch: {name} is not a list", 1),
    };

    private static string? Text(JsonElement inside, string name, Func<string, string> text) => Field(inside, name) is { } value ? Scalar(value, name, text) : null;

    private static ImmutableArray<string>? Texts(JsonElement inside, string name, Func<string, string> text) =>
        Field(inside, name) is null ? null : [.. List(inside, name).Select(t => Scalar(t, name, text))];

    private static string Scalar(JsonElement value, string name, Func<string, string> text) => value.ValueKind switch
    {
        JsonValueKind.String => text(value.GetString()!),
        JsonValueKind.Number => value.GetRawText(),
        _ => throw new ExpressionException($"podSpecPatch: {name} is {value.ValueKind}, not a text", 1),
    };

    private static int Whole(JsonElement value, string name, Func<string, string> text) =>
        int.TryParse(Scalar(value, name, text), NumberStyles.None, CultureInfo.InvariantCulture, out var whole)
            ? whole
            : throw new ExpressionException($"podSpecPatch: {name} '{Scalar(value, name, text)}' is not a whole number of seconds", 1);
}
