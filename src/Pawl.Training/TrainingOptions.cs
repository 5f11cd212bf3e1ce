using System.Globalization;

namespace Pawl.Training;

/// <summary>What a run is told from outside. Inside pawl the environment says all of it (docs/trainer.md); outside, the defaults do.</summary>
public sealed record TrainingOptions
{
    /// <summary>Empty outside pawl.</summary>
    public string RunId { get; init; } = "";

    public string Node { get; init; } = "";

    /// <summary>Over what decides the result: a checkpoint with another one is not restored. Outside pawl, a name for the experiment will do.</summary>
    public string Fingerprint { get; init; } = "";

    public string CheckpointFolder { get; init; } = "checkpoints";

    public CheckpointEvery Every { get; init; } = new CheckpointEvery.Auto();

    /// <summary>For the automatic interval. An hour is what busy spot markets come to; a wrong guess by four costs a factor of two in the interval.</summary>
    public TimeSpan MeanTimeBetweenInterruptions { get; init; } = TimeSpan.FromHours(1);

    /// <summary>From the signal to the kill; so long a checkpoint on leaving is waited for. Kubernetes gives 30 s.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Path of the socket that takes reports; null for none.</summary>
    public string? ReportSocket { get; init; }

    /// <summary>How many of the newest files stay: one more than needed, should the newest turn out to be damaged.</summary>
    public int Keep { get; init; } = 2;

    /// <summary>Goes on from a checkpoint of another run or fingerprint, instead of refusing it.</summary>
    public bool AcceptForeign { get; init; }

    /// <summary>Whether SIGTERM, and the first SIGINT, end the training in order.</summary>
    public bool HandleSignals { get; init; } = true;

    /// <summary>Takes a sentence for people: a damaged checkpoint, a full disk. By default it goes to the error output.</summary>
    public Action<string> Warn { get; init; } = text => Console.Error.WriteLine($"pawl: {text}");

    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>As <c>PAWL_*</c> say, and the defaults where they do not.</summary>
    /// <exception cref="FormatException">A variable cannot be read; the message names it.</exception>
    public static TrainingOptions FromEnvironment()
    {
        var defaults = new TrainingOptions();
        return defaults with
        {
            RunId = Variable("PAWL_RUN_ID") ?? defaults.RunId,
            Node = Variable("PAWL_NODE") ?? defaults.Node,
            Fingerprint = Variable("PAWL_FINGERPRINT") ?? defaults.Fingerprint,
            CheckpointFolder = Variable("PAWL_CHECKPOINT_DIR") ?? defaults.CheckpointFolder,
            Every = Variable("PAWL_CHECKPOINT_EVERY") is { } every ? CheckpointEvery.Parse(every) : defaults.Every,
            MeanTimeBetweenInterruptions = Seconds("PAWL_MTBF_SECONDS") ?? defaults.MeanTimeBetweenInterruptions,
            Grace = Seconds("PAWL_GRACE_SECONDS") ?? defaults.Grace,
            ReportSocket = Variable("PAWL_REPORT"),
        };
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static TimeSpan? Seconds(string name) => Variable(name) is not { } text
        ? null
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 1e9
            ? TimeSpan.FromSeconds(seconds)
            : throw new FormatException($"{name}: '{text}' is no number of seconds");
}
