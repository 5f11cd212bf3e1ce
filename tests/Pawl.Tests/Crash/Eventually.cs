using System.Diagnostics;

namespace Pawl.Tests.Crash;

/// <summary>Waits for facts about other processes; the bound only ends tests that hang.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(180);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    /// <param name="seen">What the failure shows.</param>
    public static async Task True(Func<bool> fact, string what, Func<string> seen)
    {
        for (var waited = Stopwatch.StartNew(); !fact();)
        {
            if (waited.Elapsed > Longest) { throw new TimeoutException($"in {Longest.TotalSeconds} s it did not happen that {what}:\n{seen()}"); }
            await Task.Delay(BetweenLooks);
        }
    }
}
