using System.Diagnostics;

namespace Pawl.Tests.Supervision;

/// <summary>Waits for a fact of the outside world, and fails by name when it does not come.</summary>
internal static class Until
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    public static async Task True(Func<bool> fact, string what)
    {
        for (var waited = Stopwatch.StartNew(); !fact();)
        {
            if (waited.Elapsed > Longest) { throw new TimeoutException($"in {Longest.TotalSeconds} s it did not happen that {what}"); }
            await Task.Delay(5);
        }
    }

    public static async Task<string> FileAsync(string path)
    {
        await True(() => File.Exists(path) && new FileInfo(path).Length > 0, $"{path} was written");
        return (await File.ReadAllTextAsync(path)).Trim();
    }
}
