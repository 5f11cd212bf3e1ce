namespace Pawl.Core.Locks;

/// <summary>One lock of one holder: held, or asked for and queued.</summary>
/// <param name="Key">Argo's name of the lock.</param>
/// <param name="Run">Uid of the holder's run.</param>
/// <param name="Node">Empty where the run itself is the holder.</param>
/// <param name="CreatedAt">When the run was submitted: of equal priority the older run goes first.</param>
/// <param name="Owner">The engine that wrote it last, so that nobody removes what another has written meanwhile.</param>
public sealed record LockRow(string Key, string Run, string Node, int Priority, DateTimeOffset CreatedAt, bool IsHeld, string Owner);
