using System.Globalization;
using Pawl.Core.Preemption;

namespace Pawl.Supervision.Notices;

/// <summary>A machine whose end is known beforehand: a hint at first, and a notice as long before it as a spot machine gets one.</summary>
internal static class ForeseenEnd
{
    /// <summary>As on AWS.</summary>
    public static TimeSpan Lead { get; } = TimeSpan.FromMinutes(2);

    /// <summary>A machine that is still there so long after its end has evidently stayed.</summary>
    public static TimeSpan Overdue { get; } = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    public static async Task ListenAsync(DateTimeOffset end, TimeProvider clock, NoticeBoard board, Action looked, CancellationToken stop)
    {
        var id = $"{NoticeSource.MachineEndsAt}:{end.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}";
        while (true)
        {
            var now = clock.GetUtcNow();
            var (kind, until) = now < end - Lead ? (NoticeKind.Hint, end - Lead) : (NoticeKind.Leaving, end + Overdue);
            if (now >= end + Overdue)
            {
                board.Put(NoticeSource.MachineEndsAt, []);
                looked();
                return;
            }
            board.Put(NoticeSource.MachineEndsAt, [new Notice($"{id}:{kind}", NoticeSource.MachineEndsAt, kind, end, "its end was known beforehand")]);
            looked();
            var wait = until - now;
            await Task.Delay(wait < LongestWait ? wait : LongestWait, clock, stop);
        }
    }
}
