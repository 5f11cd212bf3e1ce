using System.Collections.Immutable;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>Workflows as short as a sentence.</summary>
internal static class Flow
{
    public static Workflow Of(Template entry, params Template[] others) => new()
    {
        Name = "wf",
        Entrypoint = entry.Name,
        Templates = others.Prepend(entry).ToImmutableSortedDictionary(t => t.Name, t => t, StringComparer.Ordinal),
    };

    public static Template Leaf(string name = "leaf", params string[] args) => new()
    {
        Name = name,
        Body = new TemplateBody.Leaf(new Container { Command = ["run"], Args = [.. args] }, null),
    };

    public static Template Gate(string name = "gate", string? duration = null) => new() { Name = name, Body = new TemplateBody.Suspend(duration) };

    public static Template Steps(string name, params Call[][] groups) => new()
    {
        Name = name,
        Body = new TemplateBody.Steps([.. groups.Select(g => g.ToImmutableArray())]),
    };

    public static Template Dag(string name, params Call[] tasks) => new() { Name = name, Body = new TemplateBody.Dag([.. tasks], null, true) };

    /// <summary>A mutex each; <c>2:name</c> is a semaphore in a database.</summary>
    public static Template Locked(this Template template, params string[] locks) => template with { Locks = [.. locks.Select(Lock)] };

    public static Template Memoized(this Template template, string key, string? maxAge = null) => template with { Memoize = new Memoize(key, maxAge, "cache") };

    public static Template Cached(this Template template, params (string Name, string Value)[] more) => template with
    {
        Annotations = template.Annotations.Add(CacheAnnotations.Cache, "auto").AddRange(more.Select(m => KeyValuePair.Create(m.Name, m.Value))),
    };

    public static Workflow Locked(this Workflow workflow, params string[] locks) => workflow with { Locks = [.. locks.Select(Lock)] };

    private static LockRef Lock(string name) => name.StartsWith("2:", StringComparison.Ordinal)
        ? new LockRef.DatabaseSemaphore(name[2..], null)
        : new LockRef.Mutex(name, false, null);

    public static Template FailsFast(this Template template) => template with { FailFast = true };

    public static Template Target(this Template dag, string target) => dag with { Body = (TemplateBody.Dag)dag.Body with { Target = target } };

    public static Call Call(string name, string template = "leaf", params string[] after) =>
        new() { Name = name, Template = template, Dependencies = [.. after] };

    public static Call Exits(this Call call, string template = "bye", string? expression = null, params (string Name, string Value)[] given) =>
        call.Hooked(Pawl.Core.Workflows.Hook.Exit, expression, template, given);

    public static Call Hooked(this Call call, string name, string? expression, string template = "bye", params (string Name, string Value)[] given) =>
        call with { Hooks = Pawl.Core.Workflows.Hook.Ordered(call.Hooks.Add(Hook(name, expression, template, given))) };

    public static Hook Hook(string name, string? expression, string template = "bye", params (string Name, string Value)[] given) => new()
    {
        Name = name,
        Template = template,
        Expression = expression,
        Arguments = given.Length == 0 ? null : new Arguments([.. given.Select(g => new Parameter(g.Name) { Value = g.Value })], []),
    };

    public static Call When(this Call call, string when) => call with { When = when };

    public static Call Continues(this Call call, bool failed = false, bool error = false) =>
        call with { ContinueOnFailed = failed, ContinueOnError = error };

    public static Call Items(this Call call, params string[] items) =>
        call with { Loop = items.Length == 0 ? null : new Loop.Items([.. items.Select(Item.Plain)]) };

    public static Call Each(this Call call, string param) => call with { Loop = new Loop.Param(param) };

    public static Call Counts(this Call call, string? count = null, string? start = null, string? end = null, string? format = null) =>
        call with { Loop = new Loop.Sequence(start, end, count, format) };

    public static Call Depends(this Call call, string on) => call with { Depends = DependsExpr.Parse(on) };

    public static Call Given(this Call call, string name, string value) => call with
    {
        Arguments = call.Arguments with { Parameters = call.Arguments.Parameters.Add(new Parameter(name) { Value = value }) },
    };

    public static Call GivenFile(this Call call, string name, string from) => call with
    {
        Arguments = call.Arguments with { Artifacts = call.Arguments.Artifacts.Add(new Artifact(name) { From = from }) },
    };

    public static Template Needs(this Template template, string parameter, string? byDefault = null) => template with
    {
        Inputs = template.Inputs with { Parameters = template.Inputs.Parameters.Add(new Parameter(parameter) { Default = byDefault }) },
    };

    public static Template NeedsFile(this Template template, string artifact, bool optional = false) => template with
    {
        Inputs = template.Inputs with
        {
            Artifacts = template.Inputs.Artifacts.Add(new Artifact(artifact) { Path = $"/in/{artifact}", Optional = optional }),
        },
    };

    public static Template Gives(this Template template, string parameter, ValueFrom? from = null, string? globally = null) => template with
    {
        Outputs = template.Outputs with
        {
            Parameters = template.Outputs.Parameters.Add(new Parameter(parameter)
            {
                ValueFrom = from ?? new ValueFrom { Path = $"/out/{parameter}" },
                GlobalName = globally,
            }),
        },
    };

    public static Template GivesFile(this Template template, string artifact, string? from = null, string? globally = null) => template with
    {
        Outputs = template.Outputs with
        {
            Artifacts = template.Outputs.Artifacts.Add(new Artifact(artifact)
            {
                Path = from is null ? $"/out/{artifact}" : null,
                From = from,
                GlobalName = globally,
            }),
        },
    };

    public static Template Asks(this Template leaf, long cpu = 0, long memory = 0, long gpus = 0)
    {
        var body = (TemplateBody.Leaf)leaf.Body;
        return leaf with { Body = body with { Container = body.Container with { Resources = new Resources(cpu, null, memory, null) { Gpus = gpus } } } };
    }

    public static RetryStrategy Retry(
        string? limit = "2", RetryPolicy policy = RetryPolicy.OnFailure, string? wait = null, string? factor = null, string? longest = null) => new()
        {
            RetryLimit = limit,
            Policy = policy,
            Backoff = (wait ?? longest) is null ? null : new Backoff(wait, factor, null, longest),
        };

    public static Template Retried(this Template template, RetryStrategy? strategy = null) => template with { RetryStrategy = strategy ?? Retry() };

    public static RunLimits Limits(int slots = 100, long cpu = 8_000, long memory = 1 << 30, int? gpus = null) =>
        new(slots, cpu, memory, TimeSpan.FromSeconds(30), null) { Gpus = gpus };
}
