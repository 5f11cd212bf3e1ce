using System.CommandLine;
using Pawl.Cli.Views;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Supervision.Engines;

namespace Pawl.Cli.Verbs;

/// <summary><c>--executor</c> of <c>run</c> and <c>submit</c>: what starts the steps, for the whole of the run.</summary>
internal sealed class ExecutorOption
{
    private const string Auto = "auto";

    private readonly Option<string> _option = new("--executor")
    {
        Description = "process starts the steps on this machine; container starts their images, by podman or docker; auto takes containers where the images are here",
        HelpName = "process|container|auto",
        DefaultValueFactory = _ => Executors.Process,
    };

    public ExecutorOption() => _option.AcceptOnlyFromAmong(Executors.Process, Executors.Container, Auto);

    public void AddTo(Verb verb) => verb.Add(_option);

    /// <param name="workflows">Read as for containers.</param>
    /// <returns>As it is journaled.</returns>
    /// <exception cref="VerbException">Containers are asked for, and there is no engine that works.</exception>
    public string Choose(ParseResult parsed, Func<IEnumerable<Workflow>> workflows)
    {
        var asked = parsed.GetValue(_option)!;
        if (asked == Executors.Process) { return asked; }
        var engine = ContainerEngine.Find();
        var why = engine is null ? $"there is neither podman nor docker in PATH, or {ContainerEngine.Variable} names no program" : engine.WhyNot();
        if (asked == Executors.Container) { return why is null ? asked : throw new VerbException($"--executor container: {why}; no run was created"); }
        List<string> images = [.. why is null ? Images(workflows()) : []];
        why ??= images.Count == 0 ? "no step has an image" : images.Find(i => !engine!.HasImage(i)) is { } missing ? $"the image {missing} is not here" : null;
        var chosen = why is null ? Executors.Container : Executors.Process;
        Screen.Error.WriteLine(Text.Clean($"executor: {chosen}{(why is null ? "" : $", since {why}")}"));
        return chosen;
    }

    private static IEnumerable<string> Images(IEnumerable<Workflow> workflows) => workflows
        .SelectMany(w => w.Templates.Values).Select(t => t.Body).OfType<TemplateBody.Leaf>()
        .SelectMany(l => l.Together.Concat(l.Init.Select(i => i.Container))).Select(c => c.Image).OfType<string>().Distinct(StringComparer.Ordinal);
}
