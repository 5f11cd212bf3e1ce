namespace Pawl.Cli;

/// <summary>What the program ends with.</summary>
public static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The run Failed, the manifest was refused, the run is unknown, or something else went wrong.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>The run is paused or waits at a gate; it can be resumed.</summary>
    public const int Paused = 3;

    /// <summary>Ctrl-C, as a shell says it of a program that died of it.</summary>
    public const int Interrupted = 130;
}

/// <summary>A verb cannot do what was asked; the message says why and what to do.</summary>
/// <param name="code">What the program ends with.</param>
public class VerbException(string message, int code = ExitCodes.Failed) : Exception(message)
{
    public int Code { get; } = code;
}
