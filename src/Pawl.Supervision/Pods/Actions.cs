using Pawl.Core.Workflows;

namespace Pawl.Supervision.Pods;

/// <summary>Does what hooks and probes ask for.</summary>
internal static class Actions
{
    /// <returns>Null of a success; else what went wrong, in a few words.</returns>
    /// <exception cref="OperationCanceledException">It was cut short.</exception>
    public static async Task<string?> DoAsync(ContainerAction action, IStepProcess process, IContainment containment, TimeProvider clock, CancellationToken stop)
    {
        switch (action)
        {
            case ContainerAction.Exec exec:
                try
                {
                    var code = await process.RunBesideAsync(exec.Command, stop);
                    stop.ThrowIfCancellationRequested();
                    return code == 0 ? null : $"exit code {code}";
                }
                catch (StepStartException e) { return e.Message; }
            case ContainerAction.Sleep sleep:
                await Task.Delay(TimeSpan.FromSeconds(sleep.Seconds), clock, stop);
                return null;
            default:
                return await containment.CallAsync(action, stop);
        }
    }
}
