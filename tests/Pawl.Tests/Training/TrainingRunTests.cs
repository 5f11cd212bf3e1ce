using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pawl.Tests.Storage;
using Pawl.Training;
using Xunit;

namespace Pawl.Tests.Training;

/// <summary>A run within this process: what its checkpoints hold, whom they serve, and what it does where the disk or pawl do not answer.</summary>
public sealed partial class TrainingRunTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<string> _warnings = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_saved_comes_back_bit_for_bit()
    {
        var weights = new[] { double.NaN, -0.0, double.Epsilon, Math.PI };
        using (var run = Start())
        {
            var state = run.Restore(() => new Everything());
            foreach (var _ in run.Steps(1))
            {
                weights.CopyTo(state.Weights, 0);
                (state.Name, state.Count, state.IsOpen) = ("größer 😀", long.MinValue, true);
                run.CheckpointIfDue(state);
            }
        }
        using var next = Start();
        var back = next.Restore(() => new Everything());
        Assert.Equal(1, next.Step);
        Assert.Equal(weights.Select(BitConverter.DoubleToInt64Bits), back.Weights.Select(BitConverter.DoubleToInt64Bits));
        Assert.Equal(("größer 😀", long.MinValue, true), (back.Name, back.Count, back.IsOpen));
        Assert.Empty(_warnings);
    }

    [Fact]
    public void A_value_is_kept_as_json()
    {
        using (var run = Start())
        {
            var state = run.Restore(() => new Counted(0), TrainingJson.Default.Counted);
            foreach (var step in run.Steps(3))
            {
                state = new Counted(state.Sum + step);
                run.CheckpointIfDue(state);
            }
        }
        using var next = Start();
        Assert.Equal(new Counted(6), next.Restore(() => new Counted(0), TrainingJson.Default.Counted));
    }

    [Fact]
    public void What_is_tracked_goes_on_where_it_was()
    {
        List<double> straight = [], interrupted = [];
        Train(straight, _folder["a"], 10);
        Train(interrupted, _folder["b"], 4);
        Train(interrupted, _folder["b"], 10);
        Assert.Equal(straight, interrupted);

        void Train(List<double> seen, string folder, long total)
        {
            using var run = Start(folder);
            var random = run.Track("random", new TrainingRandom(5));
            var batches = run.Track("batches", new Batches(10, 4, seed: 5));
            run.Restore(() => new Everything { Count = random.Next(100) });
            foreach (var _ in run.Steps(total)) { seen.Add(random.NextGaussian() + batches.Next()[0]); }
        }
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("flip")]
    [InlineData("zeros")]
    [InlineData("empty")]
    [InlineData("renamed")]
    public void Of_a_damaged_checkpoint_the_one_before_is_used(string damage)
    {
        Saved(total: 3);
        var newest = Checkpoints().Last();
        var bytes = File.ReadAllBytes(newest);
        switch (damage)
        {
            case "cut": File.WriteAllBytes(newest, bytes[..^5]); break;
            case "zeros": File.WriteAllBytes(newest, [.. bytes[..^40], .. new byte[40]]); break;
            case "empty": File.WriteAllBytes(newest, []); break;
            case "renamed": File.Copy(Checkpoints().First(), newest, overwrite: true); break;
            default:
                bytes[bytes.Length / 2] ^= 4;
                File.WriteAllBytes(newest, bytes);
                break;
        }
        using var run = Start();
        run.Restore(() => new Everything());
        Assert.Equal(2, run.Step);
        Assert.Contains("set aside", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void No_changed_bit_is_missed()
    {
        Saved(total: 2);
        var newest = Checkpoints().Last();
        var sound = File.ReadAllBytes(newest);
        for (var i = 0; i < sound.Length; i++)
        {
            var bytes = sound.ToArray();
            bytes[i] ^= (byte)(1 << (i % 8));
            File.WriteAllBytes(newest, bytes);
            using var run = Start();
            run.Restore(() => new Everything());
            Assert.Equal(1, run.Step);
        }
    }

    [Fact]
    public void A_checkpoint_of_another_run_or_fingerprint_is_refused_unless_asked_for()
    {
        Saved(total: 2);
        foreach (var options in new[] { Options() with { RunId = "other" }, Options() with { Fingerprint = "other" } })
        {
            using (var run = TrainingRun.Start(options))
            {
                Assert.Equal(Checkpoints().Last(), Assert.Throws<ForeignCheckpointException>(() => run.Restore(() => new Everything())).Path);
            }
            using var asked = TrainingRun.Start(options with { AcceptForeign = true });
            asked.Restore(() => new Everything());
            Assert.Equal(2, asked.Step);
        }
    }

    [Fact]
    public void A_state_of_another_shape_is_refused_by_the_name_of_its_part()
    {
        Saved(total: 1);
        using var run = Start();
        var refused = Assert.Throws<InvalidDataException>(() => run.Restore(() => new Everything { Weights = new double[5] }));
        Assert.Contains("state/weights", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_newest_two_are_kept()
    {
        Saved(total: 6);
        Assert.Equal(["step-000000000005.pawl", "step-000000000006.pawl"], Checkpoints().Select(Path.GetFileName));
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    [Fact]
    public void While_one_is_being_written_the_next_is_left_out_and_leaving_waits_for_it()
    {
        var big = new double[4 * 1024 * 1024];
        var taken = 0;
        using (var run = Start())
        {
            var state = run.Restore(() => new Everything { Weights = big });
            foreach (var step in run.Steps(1_000))
            {
                big[0] = step;
                taken += run.CheckpointIfDue(state) ? 1 : 0;
            }
        }
        Assert.InRange(taken, 1, 999);
        using var next = Start();
        Assert.Equal(1_000, next.Restore(() => new Everything { Weights = big }).Weights[0]);
        Assert.Equal(1_000, next.Step);
    }

    [Fact]
    public void A_notice_over_the_socket_saves_and_leaves_with_75()
    {
        using var pawl = new Listener(_folder["s"]);
        var done = 0L;
        var code = TrainingRun.Main(() =>
        {
            using var run = TrainingRun.Start(Options() with { ReportSocket = pawl.Path, Every = new CheckpointEvery.Steps(1_000_000) });
            var state = run.Restore(() => new Everything());
            pawl.Accept();
            foreach (var step in run.Steps(100))
            {
                state.Count = done = step;
                run.Report(step, ("loss", 0.5), ("odd", double.NaN));
                if (step == 3)
                {
                    pawl.Say("nonsense\n{\"kind\":\"later\"}\n{\"kind\":\"notice\",\"secondsLeft\":20}\n");
                    SpinWait.SpinUntil(() => run.IsLeaving, TimeSpan.FromSeconds(20));
                }
                run.CheckpointIfDue(state);
            }
            Assert.Fail("what follows the loop was reached");
        });
        Assert.Equal((PreemptedException.ExitCode, 3), (code, done));
        using var next = Start();
        Assert.Equal(3, next.Restore(() => new Everything()).Count);

        var lines = pawl.Heard();
        Assert.Equal((0, 100), (lines[0].GetProperty("step").GetInt64(), lines[0].GetProperty("total").GetInt64()));
        var metrics = lines.Last(l => l.GetProperty("kind").GetString() == "step" && l.GetProperty("metrics").EnumerateObject().Any()).GetProperty("metrics");
        Assert.Equal("loss", Assert.Single(metrics.EnumerateObject()).Name);
        var saved = lines.Single(l => l.GetProperty("kind").GetString() == "checkpoint");
        Assert.Equal(Checkpoints().Single(), saved.GetProperty("path").GetString());
        Assert.Equal(new FileInfo(Checkpoints().Single()).Length, saved.GetProperty("bytes").GetInt64());
    }

    [Fact]
    public void A_line_may_ask_for_a_checkpoint_now()
    {
        using var pawl = new Listener(_folder["s"]);
        using var run = TrainingRun.Start(Options() with { ReportSocket = pawl.Path, Every = new CheckpointEvery.Steps(1_000_000) });
        var state = run.Restore(() => new Everything());
        pawl.Accept();
        pawl.Say("{\"kind\":\"checkpoint\"}\n");
        var taken = 0L;
        foreach (var step in run.Steps(long.MaxValue))
        {
            if (run.CheckpointIfDue(state)) { taken = step; }
            if (taken > 0) { break; }
        }
        Assert.True(taken > 0);
    }

    [Fact]
    public void A_socket_that_nobody_reads_never_holds_up_the_loop()
    {
        using var pawl = new Listener(_folder["s"]);
        using (var run = TrainingRun.Start(Options() with { ReportSocket = pawl.Path }))
        {
            var state = run.Restore(() => new Everything());
            var longName = new string('x', 30_000);
            foreach (var step in run.Steps(200_000))
            {
                run.Report(step, (longName, step));
                run.CheckpointIfDue(state);
            }
            Assert.Equal(200_000, run.Step);
        }
    }

    [Fact]
    public void A_socket_without_a_listener_is_only_warned_about()
    {
        using var run = TrainingRun.Start(Options() with { ReportSocket = _folder["nobody"] });
        Assert.Contains("nobody takes reports", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_left_by_an_exception_leaves_no_mark()
    {
        using (var run = Start())
        {
            var state = run.Restore(() => new Everything());
            Assert.Throws<TimeoutException>(() =>
            {
                foreach (var step in run.Steps(9))
                {
                    if (step == 4) { throw new TimeoutException(); }
                    run.CheckpointIfDue(state);
                }
            });
            Assert.Equal(3, run.Step);
        }
        using var next = Start();
        next.Restore(() => new Everything());
        Assert.InRange(next.Step, 1, 3);
    }

    private void Saved(long total)
    {
        using var run = Start();
        var state = run.Restore(() => new Everything());
        foreach (var step in run.Steps(total))
        {
            state.Count = step;
            run.CheckpointIfDue(state);
            // Every one is to be there, so the next step waits for it.
            Assert.True(SpinWait.SpinUntil(() => File.Exists(_folder[$"step-{step:D12}.pawl"]), TimeSpan.FromSeconds(20)));
            Assert.True(SpinWait.SpinUntil(() => run.IsWriterIdle, TimeSpan.FromSeconds(20)));
        }
    }

    private string[] Checkpoints() => [.. Directory.GetFiles(_folder.Path, "*.pawl").Order(StringComparer.Ordinal)];

    private TrainingRun Start(string? folder = null) => TrainingRun.Start(Options(folder));

    private TrainingOptions Options(string? folder = null) => new()
    {
        RunId = "run",
        Fingerprint = "print",
        CheckpointFolder = folder ?? _folder.Path,
        Every = new CheckpointEvery.Steps(1),
        HandleSignals = false,
        Warn = text => { lock (_warnings) { _warnings.Add(text); } },
    };

    private sealed class Everything : ITrainingState
    {
        public double[] Weights { get; set; } = new double[4];
        public string Name { get; set; } = "";
        public long Count { get; set; }
        public bool IsOpen { get; set; }

        public void Write(StateWriter to)
        {
            to.Write<double>("weights", Weights);
            to.Write("name", Name);
            to.Write("count", Count);
            to.Write("open", IsOpen);
        }

        public void Read(StateReader from)
        {
            (Name, Count, IsOpen) = (from.ReadString("name"), from.ReadInt64("count"), from.ReadBoolean("open"));
            from.Read<double>("weights", Weights);
        }
    }

    internal sealed record Counted(long Sum);

    [JsonSerializable(typeof(Counted))]
    internal sealed partial class TrainingJson : JsonSerializerContext;

    /// <summary>The other end of the socket.</summary>
    private sealed class Listener : IDisposable
    {
        private readonly Socket _listening = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private Socket? _peer;

        public Listener(string path)
        {
            Path = path;
            _listening.Bind(new UnixDomainSocketEndPoint(path));
            _listening.Listen();
        }

        public string Path { get; }

        public void Accept() => _peer = _listening.Accept();

        public void Say(string text) => _peer!.Send(Encoding.UTF8.GetBytes(text));

        /// <summary>Every line up to the end of the connection.</summary>
        public List<JsonElement> Heard()
        {
            using var reader = new StreamReader(new NetworkStream(_peer!));
            return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        }

        public void Dispose()
        {
            _peer?.Dispose();
            _listening.Dispose();
        }
    }
}
