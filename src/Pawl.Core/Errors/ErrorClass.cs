namespace Pawl.Core.Errors;

/// <summary>Why an attempt did not succeed. Each class has its own budget; a permanent error is never retried by a transient policy.</summary>
public enum ErrorClass
{
    /// <summary>Likely to pass by itself: exit 75, or a message that Argo calls transient.</summary>
    Transient,

    Permanent,

    OutOfMemory,

    Timeout,

    /// <summary>SIGKILL of unknown origin.</summary>
    Killed,

    /// <summary>The platform's doing, or the user's Ctrl-C; spends no retry.</summary>
    Preempted,

    /// <summary>Ended without an outcome; spends no retry, but is counted.</summary>
    Lost,
}
