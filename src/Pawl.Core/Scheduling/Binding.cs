using System.Collections.Immutable;
using Pawl.Core.Expressions;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>Looks up an artifact by the reference of a <c>from</c>; null where it is absent.</summary>
internal delegate BoundArtifact? ArtifactScope(string name);

/// <summary>Gives a template its inputs: from the caller's arguments, else its own values and defaults.</summary>
internal static class Binding
{
    /// <param name="literal">The arguments hold no tags: a brace in a value is text.</param>
    /// <exception cref="ExpressionException">Something required was not supplied or cannot be resolved.</exception>
    public static Bound Bind(
        RunState run,
        Template template,
        Arguments arguments,
        Scope scope,
        bool literal,
        ImmutableSortedDictionary<string, string> variables,
        ArtifactScope? artifacts = null)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var argument in arguments.Parameters)
        {
            if (argument.Value is { } value && (literal ? value : Value(value, scope)) is { } plain) { given[argument.Name] = plain; }
            else if (argument is { Value: null, ValueFrom.ConfigMapKeyRef: not null }) { given[argument.Name] = Looked(run, argument, scope); }
        }
        var parameters = Bound.NoText.ToBuilder();
        foreach (var input in template.Inputs.Parameters.Where(input => given.ContainsKey(input.Name))) { parameters[input.Name] = given[input.Name]; }
        foreach (var input in template.Inputs.Parameters)
        {
            parameters[input.Name] = given.TryGetValue(input.Name, out var value) ? value
                : input.Value is { } own ? Own(own)
                : input.Default is { } fallback ? Own(fallback)
                : input.ValueFrom?.ConfigMapKeyRef is not null ? Looked(run, input, Scopes.Globals(run))
                : throw new ExpressionException($"inputs.parameters.{input.Name} was not supplied", 1);
        }
        return new Bound(parameters.ToImmutable(), Files(template, arguments, literal ? Scopes.Globals(run) : scope, literal, artifacts), variables);

        string Own(string text) => text.Contains("{{", StringComparison.Ordinal)
            ? Substitution.Apply(text, Scopes.Defaults(run, template, parameters))
            : text;
    }

    private static string Looked(RunState run, Parameter parameter, Scope scope)
    {
        try { return run.Workflow.ConfigMaps.Value(parameter.ValueFrom!, scope); }
        catch (ExpressionException e) { throw new ExpressionException($"unable to retrieve inputs.parameters.{parameter.Name} from ConfigMap: {e.Message}", 1); }
    }

    private static ImmutableSortedDictionary<string, BoundArtifact> Files(
        Template template, Arguments arguments, Scope scope, bool literal, ArtifactScope? artifacts)
    {
        var files = Bound.NoArtifacts.ToBuilder();
        foreach (var input in template.Inputs.Artifacts)
        {
            var argument = arguments.Artifacts.FirstOrDefault(a => a.Name == input.Name);
            var found = argument switch
            {
                { From: not null } or { FromExpression: not null } => Part(artifacts?.Invoke(Origin(argument)!), argument.SubPath, scope),
                { Location: { } location } => Locations.Bound(argument, location, scope),
                { RawData: { } raw } => new BoundArtifact(null, literal ? raw : Substitution.Apply(raw, scope)),
                _ => input.RawData is { } own ? new BoundArtifact(null, own) : null,
            };
            if (found is not null) { files[input.Name] = found; }
            else if (!input.Optional && argument is not { Optional: true } && input.Location is null)
            {
                throw new ExpressionException($"inputs.artifacts.{input.Name} was not supplied", 1);
            }
        }
        return files.ToImmutable();
    }

    private static BoundArtifact? Part(BoundArtifact? whole, string? subPath, Scope scope) => whole is null || subPath is null
        ? whole
        : whole with { SubPath = Locations.Below(whole.SubPath, Substitution.Apply(subPath, scope)) };

    /// <summary>What an artifact scope is asked for: the reference of a <c>from</c>, or an expression after an equals sign.</summary>
    internal static string? Origin(Artifact artifact) =>
        artifact.From is { } from ? Reference(from) : artifact.FromExpression is { } expression ? "=" + expression : null;

    /// <summary>The name inside <c>{{…}}</c>, braces optional.</summary>
    internal static string Reference(string text)
    {
        var name = text.Trim();
        return name.StartsWith("{{", StringComparison.Ordinal) && name.EndsWith("}}", StringComparison.Ordinal) ? name[2..^2].Trim() : name;
    }

    // An argument that is nothing but a reference to what a skipped step would have given counts as not supplied (Argo 3.7.16, 4.0.7).
    private static string? Value(string text, Scope scope)
    {
        var unresolved = Substitution.Unresolved(text, scope).FirstOrDefault(IsReference);
        if (unresolved is null) { return Substitution.Apply(text, scope); }
        return text.Trim() is var t && t == "{{" + unresolved + "}}" || Reference(text) == unresolved
            ? null
            : throw new ExpressionException($"failed to resolve {{{{{unresolved}}}}}", 1);
    }

    /// <summary>A condition that holds only because what a skipped step would have given stands in it as text does not hold.</summary>
    internal static void CheckResolved(string text, Scope scope)
    {
        if (Substitution.Unresolved(text, scope).FirstOrDefault(IsReference) is { } unresolved) { throw new ExpressionException($"failed to resolve {{{{{unresolved}}}}}", 1); }
    }

    private static bool IsReference(string name) =>
        name.StartsWith("steps.", StringComparison.Ordinal) || name.StartsWith("tasks.", StringComparison.Ordinal)
        || name.StartsWith("inputs.", StringComparison.Ordinal) || name == "item" || name.StartsWith("item.", StringComparison.Ordinal);
}
