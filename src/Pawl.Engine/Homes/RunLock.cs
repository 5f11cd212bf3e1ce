using System.Globalization;
using System.Text.Json;
using Pawl.Storage.Files;

namespace Pawl.Engine.Homes;

/// <summary>Who holds a run, as he says himself: for people, never for decisions.</summary>
public sealed record Owner(int Pid, string Host, DateTimeOffset StartedAt, string Program);

/// <summary>Ownership of a run. The kernel's lock is the fact, and frees itself with its holder; the text in the file is a label.</summary>
public sealed class RunLock : IAsyncDisposable
{
    private const int Tries = 3;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(20);

    private readonly IHeldLock _held;

    private RunLock(IHeldLock held) => _held = held;

    /// <summary>Takes the run, unless another process has it.</summary>
    /// <remarks>Tries again for a moment, since <see cref="OwnerAsync"/> of another process holds the lock while it looks.</remarks>
    public static async ValueTask<LockResult> TryTakeAsync(IDisk disk, RunFolder run, Owner owner, TimeProvider clock)
    {
        for (var tries = 1; ; tries++)
        {
            if (await disk.TryLockAsync(run.Lock) is { } held)
            {
                await LabelAsync(disk, run.Lock, owner, held);
                return new LockResult.Owned(new RunLock(held));
            }
            if (tries == Tries) { return new LockResult.OwnedBy(await DescribeAsync(disk, run.Lock)); }
            await Task.Delay(BetweenTries, clock);
        }
    }

    /// <returns>Who owns the run, in words for people; null where nobody does.</returns>
    public static async ValueTask<string?> OwnerAsync(IDisk disk, RunFolder run)
    {
        if (await disk.StatAsync(run.Lock) is null) { return null; }
        if (await disk.TryLockAsync(run.Lock) is not { } held) { return await DescribeAsync(disk, run.Lock); }
        await held.DisposeAsync();
        return null;
    }

    public ValueTask DisposeAsync() => _held.DisposeAsync();

    private static async ValueTask LabelAsync(IDisk disk, string path, Owner owner, IHeldLock held)
    {
        try
        {
            await using var file = await disk.OpenAppendAsync(path);
            await file.TruncateAsync(0);
            await file.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(owner, HomeJson.Default.Owner));
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }
    }

    private static async ValueTask<string> DescribeAsync(IDisk disk, string path)
    {
        try
        {
            if (await SmallFile.ReadAsync(disk, path, 4096) is { Length: > 0 } json
                && JsonSerializer.Deserialize(json, HomeJson.Default.Owner) is { } owner)
            {
                var since = owner.StartedAt.UtcDateTime.ToString("u", CultureInfo.InvariantCulture);
                return $"process {owner.Pid} on {Printable(owner.Host)} since {since} (pawl {Printable(owner.Program)})";
            }
        }
        catch (Exception e) when (e is JsonException or IOException) { }    // half-written: its owner is only now writing it
        return "another process";
    }

    // It goes to a terminal, and anybody may have written it.
    private static string Printable(string? text) => new([.. (text ?? "?").Where(c => !char.IsControl(c)).Take(100)]);
}

public abstract record LockResult
{
    private LockResult() { }

    /// <summary>The run is this process's until the lock is disposed.</summary>
    public sealed record Owned(RunLock Lock) : LockResult;

    /// <param name="Description">For people.</param>
    public sealed record OwnedBy(string Description) : LockResult;
}
