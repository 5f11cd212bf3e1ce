namespace Pawl.Training;

/// <summary>The trainer was told to go, and its state is safe. Let it pass; nothing of an unfinished training should be saved on its way.</summary>
/// <remarks><see cref="TrainingRun.Main(Action)"/> turns it into the exit code. Who catches it ends with <see cref="ExitCode"/>.</remarks>
public sealed class PreemptedException : Exception
{
    /// <summary>75, EX_TEMPFAIL of sysexits.h: try again later.</summary>
    public const int ExitCode = 75;

    internal PreemptedException(long step, long savedStep)
        : base(savedStep == step
            ? $"told to go after step {step}; the next attempt goes on from there"
            : $"told to go after step {step}, which could not be saved in time; the next attempt goes on from step {savedStep}") =>
        (Step, SavedStep) = (step, savedStep);

    /// <summary>The last step that was done.</summary>
    public long Step { get; }

    /// <summary>The step the next attempt goes on from; less than <see cref="Step"/> only where the disk refused or was too slow.</summary>
    public long SavedStep { get; }
}
