using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Pawl.Core.Attempts;
using Pawl.Core.Checkpoints;
using Pawl.Core.Errors;
using Pawl.Core.Preemption;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Engine.Loop;
using Pawl.Manifests;
using Pawl.Storage.Json;
using Pawl.Supervision;
using Pawl.Supervision.Logs;
using Pawl.Supervision.Notices;
using Pawl.Tests.Core.Scheduling;
using Pawl.Tests.Supervision;
using Xunit;

namespace Pawl.Tests;

/// <summary>Every other file and text that pawl reads, damaged by chance: it is read, or refused as promised. PAWL_FUZZ_INPUTS says how many.</summary>
public sealed class ReaderFuzzTests
{
    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ":", ",", "\"", "null", "true", "-1", "1e999", "99999999999999999999", "\\u0000", "\\ud800", "\"\"", "{}", "[]", "\0", "\uFEFF", "é", "\n",
        "schema", "kind: Secret\n", "data: {a: b}\n", "stringData: []\n", "- ", "---\n", "&a *a", "<<: *a\n", "\t", "!!binary", "00:00:01", "2026-02-30T00:00:00Z",
    ];

    private static readonly string[] Words =
    [
        "1", "500", "m", "Ki", "Gi", "E", "e3", "E99", ".", "-", "+", "displayName", "=", "!=", ",", "phase", "inputs.parameters.", ".value", "auto", "5m", "h", "0", " ",
        "2026-11-22T05:42:31.6487728Z", "stdout", "stderr", "F", "P", "é", "\ud800", "\0", "%", "*", "9999999999999999999999",
    ];

    /// <summary>Whole documents, their reader, and what it may throw.</summary>
    private static (string Name, byte[][] Documents, Action<byte[]> Read)[] Readers()
    {
        var spec = Rig.Shell("exit 0");
        byte[][] specs =
        [
            SupervisionJson.Write(spec),
            SupervisionJson.Write(spec with
            {
                Schema = AttemptSpec.CurrentSchema,
                HasTerminal = true,
                Env = [new EnvVar("A", "ü\n")],
                Inputs = [new InputFile("in", "in", new ArtifactRef("k", "ab", 1, ArtifactKind.File, 420), null, null), new InputFile("raw", "raw", null, "text", 448)],
                OutputArtifacts = [new OutputFile("o", "o", true, 493)],
                Mounts = [new Mount("v", MountKind.Files, "", "/v", null, true) { Files = [new MountedFile("f", "text", null, null, false, 420)] }],
                Sidecars = [new ContainerSpec { Name = "s", Command = ["true"] }],
                HostAliases = [new HostAlias("10.0.0.1", ["a"])],
            }),
        ];
        var outcome = new Outcome
        {
            Kind = OutcomeKind.Failed,
            Class = ErrorClass.Permanent,
            ExitCode = 1,
            Outputs = new NodeOutputs { Result = "r", Parameters = NodeOutputs.None.Parameters.Add("a", "b") },
        };
        byte[][] events = [.. Enumerable.Range(1, 6).SelectMany(seed => new RandomRun(seed, isChecked: false).Play().Journal.Take(200)).Select(e => EventJson.Write(e).ToArray())];
        byte[][] requests =
        [
            .. new Request[] { new Request.Retry(), new Request.Resume("displayName=a") }.Select(r => EventJson.Write(r).ToArray()),
        ];
        byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
        byte[][] yaml =
        [
            Text("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: aGk=}\nstringData:\n  b: c\n---\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: b}\n"),
            Text("images:\n  \"busybox:*\": {entrypoint: [sh], command: [-c], path: [programs], workingDir: /, files: {/a: b}}\n"),
            Text("limits:\n  workflow: 1\n  template: 2\n"),
            Text("rate: 0.1\nname: text\nlist: [1, 2]\n"),
        ];
        Action<byte[]> Json(Action<byte[]> read) => bytes =>
        {
            try { read(bytes); }
            catch (JsonException e) { Assert.NotEmpty(e.Message); }
        };
        return
        [
            ("spec", specs, Json(b => SupervisionJson.ReadSpec(JsonFields.Parse(b)))),
            ("outcome", [SupervisionJson.Write(outcome)], Json(b => OutcomeJson.Read(JsonFields.Parse(b)))),
            ("stop", [SupervisionJson.Write(new StopRequest(StopKind.Terminate, StopReason.Shutdown, "m"))], Json(b => SupervisionJson.ReadStop(JsonFields.Parse(b)))),
            ("borrowed", [SupervisionJson.Write(new BorrowedPaths(1, [new BorrowedPath("/tmp/a", true)]))], Json(b => SupervisionJson.ReadBorrowed(JsonFields.Parse(b)))),
            ("notices", [NoticeJson.Write("boot", [new Notice("i", "s", NoticeKind.Leaving, DateTimeOffset.UnixEpoch, "m")])], Json(b => NoticeJson.Read(b, "boot"))),
            ("event", events, Json(b => EventJson.ReadEvent(b))),
            ("request", requests, Json(b => EventJson.ReadRequest(b))),
            ("secrets", yaml, b => Refused(SecretFile.Read("f.yaml", b).Problems)),
            ("config maps", yaml, b => Refused(ConfigMapFile.Read("f.yaml", b).Problems)),
            ("images", yaml, b => Refused(ImagesFile.Read("f.yaml", b, "/images").Problems)),
            ("limits", yaml, b => Refused(LimitsFile.Read("f.yaml", b).Problems)),
            ("parameters", yaml, b => Refused(ParameterFile.Read("f.yaml", b).Problems)),
        ];
    }

    [Fact]
    public void No_damaged_file_breaks_its_reader()
    {
        var readers = Readers();
        Each(60_000, (n, dice) =>
        {
            var (name, documents, read) = readers[n % readers.Length];
            var bytes = Damaged.Of(documents[dice.Next(documents.Length)], documents[dice.Next(documents.Length)], Pieces, dice);
            return ($"{name}: {Encoding.UTF8.GetString(bytes)}", () => read(bytes));
        });
    }

    [Fact]
    public void No_short_text_breaks_its_reader() => Each(100_000, (n, dice) =>
    {
        var text = string.Concat(Enumerable.Range(0, dice.Next(1, 10)).Select(_ => Words[dice.Next(Words.Length)]));
        return (text, (n % 4) switch
        {
            0 => () => Assert.True(Quantities.Parse(text, 1000) is null or >= 0),
            1 => () => { if (NodeSelector.Problem(text) is { } problem) { Assert.NotEmpty(problem); } },
            2 => () => { if (LogLine.TryParse(text, out var line)) { Assert.EndsWith(line.Text, text, StringComparison.Ordinal); } },
            _ => () => Assert.NotNull(CheckpointAnnotations.Read(CheckpointAnnotations.Names.ToDictionary(a => a, _ => text), (_, problem) => Assert.NotEmpty(problem))),
        });
    });

    private static void Refused(ImmutableArray<Problem> problems) =>
        Assert.All(problems, p => Assert.True(p.Line > 0 && p.Column > 0 && !p.Message.Contains('\n')));

    private static void Each(int usual, Func<int, Random, (string Text, Action Read)> make)
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("PAWL_FUZZ_INPUTS"), CultureInfo.InvariantCulture, out var asked) ? asked : usual;
        var slowest = TimeSpan.Zero;
        for (var seed = 0; seed < count; seed++)
        {
            var (text, read) = make(seed, new Random(seed));
            var started = Stopwatch.GetTimestamp();
            try
            {
                read();
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}: {e.GetType().Name} on '{text}': {e}");
            }
            var took = Stopwatch.GetElapsedTime(started);
            slowest = took > slowest ? took : slowest;
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{count} inputs, slowest {slowest.TotalMilliseconds:F0} ms");
        Assert.True(slowest < TimeSpan.FromSeconds(5), $"the slowest of {count} took {slowest}");
    }
}
