using System.Diagnostics;
using System.Text;
using Pawl.Supervision;
using Pawl.Supervision.Logs;
using Pawl.Supervision.Processes;
using Xunit;

namespace Pawl.Tests.Supervision.Logs;

public sealed class LogTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pawl-log-");

    private string LogPath => Path.Combine(_folder.FullName, "main.log");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Each_line_has_its_time_and_stream_and_is_parsed_back()
    {
        await using var rig = new Rig();
        var running = await rig.StartAsync(Rig.Shell("echo one; sleep 0.1; echo two >&2; sleep 0.1; printf three"));
        var outcome = await running.Ended;

        var lines = LogLine.Parse(Path.Combine(running.Folder, AttemptFiles.Log)).ToList();

        Assert.Equal([("stdout", "one", false), ("stderr", "two", false), ("stdout", "three", false)], lines.Select(l => (l.Stream, l.Text, l.Partial)));
        Assert.All(lines, l => Assert.InRange(l.At, outcome!.StartedAt, outcome.FinishedAt));
        Assert.Matches(
            @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z stdout F one$", (await File.ReadAllLinesAsync(Path.Combine(running.Folder, AttemptFiles.Log)))[0]);
    }

    [Fact]
    public async Task A_long_line_is_written_in_parts_of_16_KiB_and_joins_to_the_same()
    {
        await using var rig = new Rig();
        var running = await rig.StartAsync(Rig.Shell("head -c 40000 /dev/zero | tr '\\0' x; echo; head -c 16384 /dev/zero | tr '\\0' y; echo; echo z"));
        await running.Ended;

        var lines = LogLine.Parse(Path.Combine(running.Folder, AttemptFiles.Log)).ToList();

        Assert.Equal(new string('x', 40000), string.Concat(lines.Take(3).Select(l => l.Text)));
        Assert.Equal([true, true, false], lines.Take(3).Select(l => l.Partial));
        Assert.Equal("z", lines[^1].Text);
        Assert.Equal(new string('y', 16384), string.Concat(lines.Skip(3).SkipLast(1).Select(l => l.Text)));
    }

    [Fact]
    public void A_log_rotates_and_keeps_the_newest_files_in_order()
    {
        using (var log = new LogFile(LogPath, rotateAt: 200))
        {
            for (var i = 0; i < 100; i++)
            {
                log.Add(LogLine.Format(DateTimeOffset.UnixEpoch, "stdout", false, Encoding.UTF8.GetBytes($"line {i}")));

                // One line a batch, so that the size of a file is known.
                SpinWait.SpinUntil(() => LogLine.Parse(LogPath).LastOrDefault()?.Text == $"line {i}", TimeSpan.FromSeconds(10));
            }
        }

        var kept = LogLine.Parse(LogPath).Select(l => l.Text).ToList();
        Assert.Equal(5, _folder.GetFiles().Length);
        Assert.Equal(Enumerable.Range(100 - kept.Count, kept.Count).Select(i => $"line {i}"), kept);
        Assert.InRange(kept.Count, 15, 50);
    }

    [Fact]
    public async Task A_torn_last_line_is_left_out()
    {
        await File.WriteAllTextAsync(LogPath, "2026-01-02T03:04:05.000000000Z stdout F whole\n2026-01-02T03:04:05.0000");

        Assert.Equal(["whole"], LogLine.Parse(LogPath).Select(l => l.Text));
        Assert.Empty(LogLine.Parse(LogPath + "-absent"));
    }

    [Fact]
    public void A_disk_that_hangs_blocks_nobody_and_what_it_costs_is_counted()
    {
        // Opening a pipe that nobody reads hangs as a dead network disk would.
        using (var made = Process.Start("mkfifo", LogPath)) { made.WaitForExit(); }
        var line = LogLine.Format(DateTimeOffset.UnixEpoch, "stdout", false, new byte[10_000]);

        var log = new LogFile(LogPath);
        for (var i = 0; i < 2_000; i++) { log.Add(line); }
        log.Dispose();

        Assert.InRange(log.Dropped, 2_000 - 2 * (4 << 20) / line.Length - 1, 2_000);
    }

    [Fact]
    public async Task On_a_full_disk_lines_are_dropped_and_counted_and_the_trainer_finishes()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can mount a small disk");
        using (var mounted = Process.Start("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", _folder.FullName])) { await mounted.WaitForExitAsync(); }
        try
        {
            var containment = new Containment(wholeProcess: false);
            var script = "head -c 2M /dev/zero >fill; i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done; sleep 0.5; rm fill; sleep 0.5; echo after";
            var process = await containment.StartAsync(new StepStart(
                _folder.FullName, _folder.FullName, ["sh", "-c", script], [new("PATH", Environment.GetEnvironmentVariable("PATH")!)], null, null,
                new LogLabels("run", "node", 1)));

            var end = await process.Ended;
            var output = await process.CloseAsync();

            Assert.True((end.ExitCode, output.DroppedLines > 0) == (0, true), $"{end} {output.DroppedLines} {output.LogTail}");
            var lines = LogLine.Parse(LogPath).Select(l => l.Text).ToList();
            Assert.Equal("after", lines[^1]);
            Assert.Contains(lines, l => l.StartsWith("pawl: ", StringComparison.Ordinal) && l.Contains("lines were dropped here", StringComparison.Ordinal));
            // 3,000 lines, "after", and head's complaint.
            Assert.Equal(3002 - output.DroppedLines, lines.Count(l => !l.StartsWith("pawl: ", StringComparison.Ordinal)));
            Assert.EndsWith("line 2999\nafter", output.Result, StringComparison.Ordinal);
        }
        finally
        {
            using var unmounted = Process.Start("umount", _folder.FullName);
            await unmounted.WaitForExitAsync();
        }
    }
}
