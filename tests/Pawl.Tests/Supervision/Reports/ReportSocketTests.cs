using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Pawl.Supervision.Reports;
using Xunit;

namespace Pawl.Tests.Supervision.Reports;

public sealed class ReportSocketTests : IDisposable
{
    private readonly ITrainerLine _line = new ReportSockets().Open($"/{Guid.NewGuid():N}");

    public void Dispose() => _line.Dispose();

    [Fact]
    public async Task Lines_arrive_however_they_are_cut()
    {
        using var trainer = Connect();
        foreach (var part in "{\"kind\":\"hello\",\"sdk\":\"x\"}\n{\"kind\":\"che|ckpoint\",\"step\":1}|\n".Split('|')) { trainer.Send(Encoding.UTF8.GetBytes(part)); }
        Assert.Collection(await TakeAsync(2), r => Assert.IsType<Report.Hello>(r), r => Assert.IsType<Report.CheckpointMade>(r));
    }

    [Fact]
    public async Task The_last_line_needs_no_newline()
    {
        using (var trainer = Connect()) { trainer.Send("""{"kind":"checkpoint","step":3}"""u8); }
        Assert.Equal(3, Assert.IsType<Report.CheckpointMade>(Assert.Single(await TakeAsync(1))).Step);
    }

    [Fact]
    public async Task Malformed_and_endless_lines_are_counted_and_dropped()
    {
        using var trainer = Connect();
        trainer.Send("nonsense\n"u8);
        var endless = new byte[200_000];
        Array.Fill(endless, (byte)'x');
        trainer.Send(endless);
        trainer.Send("\n{\"kind\":\"checkpoint\",\"step\":1}\n"u8);
        await TakeAsync(1);
        Assert.Equal(2, _line.Malformed);
    }

    [Fact]
    public async Task Of_steps_that_nobody_took_the_newest_is_kept()
    {
        using var trainer = Connect();
        for (var step = 1; step <= 10_000; step++) { trainer.Send(Encoding.UTF8.GetBytes($"{{\"kind\":\"step\",\"step\":{step}}}\n")); }
        trainer.Send("{\"kind\":\"checkpoint\",\"step\":10000}\n"u8);
        var taken = new List<Report>();
        while (taken is not [.., Report.CheckpointMade]) { taken.AddRange(await TakeAsync(1)); }
        Assert.Equal(10_000, Assert.IsType<Report.StepDone>(taken[^2]).Step);
        Assert.True(taken.Count < 10_000);
    }

    [Fact]
    public async Task Of_steps_in_one_the_newest_figure_of_each_metric_is_kept()
    {
        using var trainer = Connect();
        trainer.Send("{\"kind\":\"step\",\"step\":1,\"total\":9,\"metrics\":{\"loss\":3,\"accuracy\":0.5}}\n"u8);
        for (var step = 2; step <= 50; step++) { trainer.Send(Encoding.UTF8.GetBytes($"{{\"kind\":\"step\",\"step\":{step},\"metrics\":{{\"loss\":{step}}}}}\n")); }
        trainer.Send("{\"kind\":\"checkpoint\",\"step\":50}\n"u8);
        var metrics = new Dictionary<string, double>();
        var taken = new List<Report>();
        while (taken is not [.., Report.CheckpointMade]) { taken.AddRange(await TakeAsync(1)); }
        foreach (var (name, value) in taken.OfType<Report.StepDone>().SelectMany(s => s.Metrics)) { metrics[name] = value; }
        Assert.Equal(50, taken.OfType<Report.StepDone>().Last().Step);
        Assert.Equal((50, 0.5), (metrics["loss"], metrics["accuracy"]));
    }

    [Fact]
    public async Task Steps_by_the_hundred_wake_who_takes_them_a_few_times_a_second()
    {
        using var trainer = Connect();
        var (woken, began) = (0, Stopwatch.GetTimestamp());
        var sending = Task.Run(async () =>
        {
            for (var step = 1; step <= 200; step++)
            {
                trainer.Send(Encoding.UTF8.GetBytes($"{{\"kind\":\"step\",\"step\":{step}}}\n"));
                await Task.Delay(2);
            }
            trainer.Send("{\"kind\":\"checkpoint\"}\n"u8);
        }, TestContext.Current.CancellationToken);
        for (var ended = false; !ended; woken++)
        {
            await _line.Arrived;
            ended = _line.Take().Any(r => r is Report.CheckpointMade);
        }
        await sending;
        Assert.InRange(woken, 1, (int)(Stopwatch.GetElapsedTime(began).TotalSeconds * 5) + 3);
    }

    [Fact]
    public async Task A_trainer_that_comes_later_is_told_the_interval_too()
    {
        _line.Tell(new Word.Interval(TimeSpan.FromSeconds(12.5)));
        using var trainer = Connect();
        Assert.Equal("{\"kind\":\"interval\",\"seconds\":12.5}\n", await ReadAsync(trainer));
        _line.Tell(new Word.Notice(TimeSpan.FromSeconds(30)));
        Assert.Equal("{\"kind\":\"notice\",\"secondsLeft\":30}\n", await ReadAsync(trainer));
    }

    [Fact]
    public async Task A_trainer_that_does_not_listen_blocks_nobody()
    {
        using var trainer = Connect();
        for (var i = 0; i < 100_000; i++) { _line.Tell(new Word.Checkpoint()); }
        trainer.Send("{\"kind\":\"checkpoint\",\"step\":1}\n"u8);
        Assert.Single(await TakeAsync(1));
    }

    [Fact]
    public async Task More_talkers_than_there_is_room_for_are_turned_away_and_the_others_are_heard()
    {
        var many = Enumerable.Range(0, 100).Select(_ => Connect()).ToList();
        many[0].Send("{\"kind\":\"checkpoint\",\"step\":1}\n"u8);
        Assert.Single(await TakeAsync(1));
        many.ForEach(t => t.Dispose());
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_line.Path));
        return socket;
    }

    private async Task<List<Report>> TakeAsync(int least)
    {
        var taken = new List<Report>();
        while (taken.Count < least)
        {
            await _line.Arrived.WaitAsync(TestContext.Current.CancellationToken);
            taken.AddRange(_line.Take());
        }
        return taken;
    }

    private static async Task<string> ReadAsync(Socket socket)
    {
        var bytes = new byte[1000];
        return Encoding.ASCII.GetString(bytes, 0, await socket.ReceiveAsync(bytes, TestContext.Current.CancellationToken));
    }
}
