using Pawl.Core.Attempts;
using Pawl.Core.Errors;

namespace Pawl.Supervision;

/// <summary>What an attempt's end means, before its outputs are looked at.</summary>
/// <param name="Message">In Argo's words; empty of a success.</param>
public sealed record Verdict(OutcomeKind Kind, ErrorClass? Class, int? ExitCode, string Message)
{
    /// <summary>The platform could not load, save or trust something; the message starts with Argo's stage, <c>init:</c> or <c>wait:</c>.</summary>
    public static Verdict Errored(string message, int? exitCode = null) =>
        new(OutcomeKind.Errored, ErrorClass.Permanent, exitCode, message);
}

/// <summary>Why pawl is stopping an attempt.</summary>
/// <param name="Killed">Everything was killed while the main process still ran.</param>
public sealed record Halt(HaltCause Cause, string Message, bool Killed = false);

public enum HaltCause
{
    Preemption,
    Shutdown,
    Deadline,

    /// <summary>The trainer reported no progress for too long.</summary>
    Hung,

    /// <summary>The step has another owner: nothing of this attempt counts.</summary>
    Overtaken,
}

/// <summary>Turns the end of a process into a verdict; the table is "Exit" of the supervisor's design.</summary>
public static class Classify
{
    /// <summary>EX_TEMPFAIL of sysexits.h: checkpointed, start me again.</summary>
    public const int TemporaryFailure = 75;

    private const int SigKill = 9;

    // Argo's words for activeDeadlineSeconds of a template.
    private const string DeadlineMessage = "Pod was active on the node longer than the specified deadline";

    /// <param name="halt">Null where no stop signal was sent before the process ended.</param>
    /// <param name="container">Whose end it is.</param>
    public static Verdict Ended(ProcessEnd end, Halt? halt, string container = AttemptSpec.Main)
    {
        // Memory ran out before our kill came: saying "preempted" would start it again for ever.
        if (end.OutOfMemory && end.ExitCode != 0 && halt is not { Killed: true })
        {
            return new(OutcomeKind.Failed, ErrorClass.OutOfMemory, end.ExitCode, end.Judged?.Message ?? $"{container}: OOMKilled (exit code {end.ExitCode})");
        }
        if (halt is not null) { return Halted(halt, end.ExitCode); }
        if (end.Judged is { } judged) { return judged; }
        return end switch
        {
            { ExitCode: 0, Signal: null } => new(OutcomeKind.Succeeded, null, 0, ""),
            { Signal: SigKill } => Failed(ErrorClass.Killed, end.ExitCode, container),
            { ExitCode: TemporaryFailure, Signal: null } => Failed(ErrorClass.Transient, end.ExitCode, container),
            _ => Failed(ErrorClass.Permanent, end.ExitCode, container),
        };
    }

    /// <param name="exitCode">Null where the process was never started.</param>
    public static Verdict Halted(Halt halt, int? exitCode) => halt.Cause switch
    {
        HaltCause.Preemption => new(OutcomeKind.Preempted, ErrorClass.Preempted, exitCode, halt.Message),
        HaltCause.Overtaken => new(OutcomeKind.Lost, ErrorClass.Lost, exitCode, halt.Message),
        HaltCause.Hung => new(OutcomeKind.Failed, ErrorClass.Timeout, exitCode, halt.Message),
        HaltCause.Shutdown => new(OutcomeKind.Failed, ErrorClass.Permanent, exitCode, halt.Message),
        _ => new(OutcomeKind.Failed, ErrorClass.Timeout, exitCode, DeadlineMessage),
    };

    /// <summary>The program could not be started: the step's doing, as in Argo.</summary>
    public static Verdict NotStarted(StepStartException e, string container = AttemptSpec.Main) =>
        new(OutcomeKind.Failed, ErrorClass.Permanent, e.ExitCode, $"{container}: Error (exit code {e.ExitCode}): {e.Message}");

    private static Verdict Failed(ErrorClass cause, int exitCode, string container) =>
        new(OutcomeKind.Failed, cause, exitCode, $"{container}: Error (exit code {exitCode})");
}
