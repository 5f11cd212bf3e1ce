using System.Text;
using System.Text.Json;
using Pawl.Core.Attempts;
using Pawl.Core.Errors;
using Pawl.Core.Workflows;
using Pawl.Storage.Json;
using Pawl.Supervision;
using Pawl.Supervision.Processes;
using Xunit;

namespace Pawl.Tests.Supervision;

/// <summary>The files of an attempt keep the shape in which the first pawl wrote them.</summary>
public sealed class SupervisionJsonTests
{
    private const string Spec = """
        {
          "schema": 1,
          "runId": "2d4fd95c47f8402fa864602d7351d17a",
          "runName": "wide-4f6lx",
          "node": "wide-4f6lx[0].step(0:1)(2)",
          "step": "wide-4f6lx[0].step(0:1)",
          "attempt": 1,
          "sequence": 6,
          "template": "nothing",
          "fingerprint": "fae621b5",
          "image": "busybox",
          "command": [
            "/bin/true"
          ],
          "args": [],
          "source": null,
          "env": [
            {
              "name": "A",
              "value": "\u00FC\u003C\u0027\n"
            }
          ],
          "workingDir": null,
          "inputs": [
            {
              "name": "in",
              "path": "/tmp/in",
              "stored": {
                "key": "artifacts/x",
                "sha256": "24c9",
                "size": 5000000000,
                "kind": "File",
                "mode": 420
              },
              "rawData": null,
              "mode": null
            },
            {
              "name": "raw",
              "path": "raw",
              "stored": null,
              "rawData": "text",
              "mode": 448
            }
          ],
          "outputParameters": [
            {
              "name": "p",
              "path": "p.txt",
              "default": null
            }
          ],
          "outputArtifacts": [
            {
              "name": "o",
              "path": "o",
              "optional": true,
              "mode": 493
            }
          ],
          "deadline": "1.00:03:00.5000000",
          "gracePeriod": "00:00:30",
          "preStop": [
            "true"
          ],
          "memoryLimit": 5000000000,
          "cpuLimit": null,
          "checkpoints": {
            "everySteps": 100,
            "everyTime": null,
            "keep": 2,
            "keepEvery": 10,
            "ignore": [
              "*.log"
            ],
            "hangAfter": "00:10:00"
          },
          "snapshot": {
            "key": "snapshots/24c9",
            "sha256": "24c9",
            "size": 284,
            "kind": "Folder",
            "mode": 493
          }
        }
        """;

    private const string Ended = """
        {
          "schema": 1,
          "kind": "Failed",
          "class": "Permanent",
          "exitCode": 1,
          "message": "main: Error (exit code 1)",
          "logTail": "a\nb\n",
          "outputs": {
            "parameters": {
              "B": "1",
              "a": "2"
            },
            "artifacts": {
              "model": {
                "key": "artifacts/m",
                "sha256": "ab",
                "size": 1,
                "kind": "File",
                "mode": 420
              }
            },
            "result": null
          },
          "startedAt": "2026-11-22T05:42:31.6487728+00:00",
          "finishedAt": "2026-11-22T05:42:31+00:00",
          "reused": false,
          "progressed": true,
          "containment": "cgroup2",
          "droppedLines": 0,
          "stages": [
            {
              "stage": "claim",
              "seconds": 0.0814871
            }
          ],
          "spent": {
            "productive": "00:00:00",
            "replayed": "00:00:01",
            "checkpointStall": "00:00:02",
            "restore": "00:00:03",
            "startUp": "00:00:04",
            "backoff": "00:00:05",
            "waiting": "00:00:06",
            "hung": "00:00:07",
            "lost": "00:00:08"
          },
          "training": {
            "step": 12,
            "total": 100,
            "restoredEntry": 4,
            "checkpoints": 2,
            "bytesWritten": 1000,
            "stepsSinceCheckpoint": 2,
            "blocked": {
              "count": 3,
              "median": 0.5,
              "p99": 2,
              "longest": 2
            },
            "written": {
              "count": 3,
              "median": 0.5,
              "p99": 2,
              "longest": 2
            },
            "uploaded": {
              "count": 3,
              "median": 0.5,
              "p99": 2,
              "longest": 2
            },
            "interval": 12.5,
            "predictedWaste": null,
            "malformedReports": 0,
            "metrics": {
              "loss": 0.25
            }
          },
          "warnings": [
            "too short"
          ]
        }
        """;

    [Fact]
    public void A_spec_is_read_and_written_back_byte_for_byte() =>
        Assert.Equal(Spec, Text(SupervisionJson.Write(SupervisionJson.ReadSpec(Fields(Spec)))));

    [Fact]
    public void Mounts_are_written_where_there_are_any()
    {
        var spec = SupervisionJson.ReadSpec(Fields(Spec)) with { Mounts = [new Mount("v", MountKind.RunClaim, "", "/v", "part", true)] };
        var text = SupervisionJson.Write(spec);
        Assert.Equal(spec.Mounts, SupervisionJson.ReadSpec(Fields(Text(text))).Mounts);
        Assert.DoesNotContain("mounts", Spec, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_step_requests_is_written_where_it_requests_something()
    {
        var spec = SupervisionJson.ReadSpec(Fields(Spec)) with { Needs = new Needs(1_500, 0, 2), Timeout = TimeSpan.FromSeconds(90) };
        var read = SupervisionJson.ReadSpec(Fields(Text(SupervisionJson.Write(spec))));
        Assert.Equal((spec.Needs, spec.Timeout), (read.Needs, read.Timeout));
        Assert.DoesNotContain("requests", Spec, StringComparison.Ordinal);
    }

    [Fact]
    public void A_spec_of_several_containers_is_read_and_written_back_byte_for_byte()
    {
        var probe = new Probe(new ContainerAction.HttpGet("h", 80, "/p", true, [new("A", "b")]), 1, 2, 3, 4);
        var container = new ContainerSpec
        {
            Name = "one",
            Image = "i",
            Command = ["c"],
            Args = ["a"],
            Path = ["/p"],
            Env = [new("E", "v")],
            Secrets = [new("S", EnvOrigin.Secret, "o", "k", true)],
            WorkingDir = "/w",
            MemoryLimit = 1,
            CpuLimit = 2,
            Mounts = [new Mount("v", MountKind.EmptyDir, "", "/v", null, false)],
            PostStart = new ContainerAction.Sleep(3),
            PreStop = new ContainerAction.TcpSocket(null, 5),
            Ready = probe,
            Dependencies = ["two"],
        };
        var spec = SupervisionJson.ReadSpec(Fields(Spec)) with
        {
            Schema = 2,
            IsDaemon = true,
            PreStop = new ContainerAction.Sleep(1),
            PostStart = new ContainerAction.Exec(["x"]),
            Ready = probe,
            Init = [container],
            Set = [container],
            SetRuns = new SetRuns(2, TimeSpan.FromSeconds(3)),
            Sidecars = [container],
            HostAliases = [new HostAlias("1.2.3.4", ["n"])],
        };
        var text = Text(SupervisionJson.Write(spec));

        Assert.Equal(text, Text(SupervisionJson.Write(SupervisionJson.ReadSpec(Fields(text)))));
        Assert.Contains("\"dependencies\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_spec_says_is_what_was_written()
    {
        var spec = SupervisionJson.ReadSpec(Fields(Spec));
        Assert.Equal("wide-4f6lx[0].step(0:1)(2)", spec.Node);
        Assert.Equal(new EnvVar("A", "\u00FC<'\n"), Assert.Single(spec.Env));
        Assert.Equal(new TimeSpan(1, 0, 3, 0, 500), spec.Deadline);
        Assert.Equal(5_000_000_000, spec.MemoryLimit);
        Assert.Equal(new InputFile("raw", "raw", null, "text", 0b111_000_000), spec.Inputs[1]);
    }

    [Fact]
    public void An_outcome_is_read_and_written_back_byte_for_byte() =>
        Assert.Equal(Ended, Text(SupervisionJson.Write(OutcomeJson.Read(Fields(Ended)))));

    [Fact]
    public void What_an_earlier_pawl_did_not_write_is_absent()
    {
        var outcome = OutcomeJson.Read(Fields(Ended[..Ended.IndexOf(",\n  \"spent\"", StringComparison.Ordinal)] + "}"));
        Assert.Equal((null, null, 0), (outcome.Spent, outcome.Training, outcome.Warnings.Length));
        var at = Spec.IndexOf("  \"checkpoints\"", StringComparison.Ordinal);
        var spec = SupervisionJson.ReadSpec(Fields(Spec[..at] + Spec[Spec.IndexOf("  \"snapshot\"", StringComparison.Ordinal)..]));
        Assert.Equal(Pawl.Core.Checkpoints.CheckpointPolicy.Default, spec.Checkpoints);
    }

    [Fact]
    public void Names_of_outputs_are_ordered_the_same_on_every_machine() =>
        Assert.Same(StringComparer.Ordinal, OutcomeJson.Read(Fields(Ended)).Outputs.Parameters.KeyComparer);

    [Fact]
    public void Every_kind_and_class_of_outcome_has_its_name()
    {
        foreach (var kind in Enum.GetValues<OutcomeKind>())
        {
            foreach (var cause in Enum.GetValues<ErrorClass>())
            {
                var text = Text(SupervisionJson.Write(new Outcome { Kind = kind, Class = cause }));
                Assert.Contains($"\"kind\": \"{kind}\",\n  \"class\": \"{cause}\"", text, StringComparison.Ordinal);
                var read = OutcomeJson.Read(Fields(text));
                Assert.Equal((kind, cause), (read.Kind, read.Class));
            }
        }
    }

    [Fact]
    public void Every_request_to_stop_is_read_as_it_was_written()
    {
        foreach (var kind in Enum.GetValues<StopKind>())
        {
            foreach (var reason in Enum.GetValues<StopReason>())
            {
                var request = new StopRequest(kind, reason, "why");
                var text = Text(SupervisionJson.Write(request));
                Assert.Equal($"{{\n  \"kind\": \"{kind}\",\n  \"reason\": \"{reason}\",\n  \"message\": \"why\",\n  \"deadline\": null\n}}", text);
                Assert.Equal(request, SupervisionJson.ReadStop(Fields(text)));
                var due = request with { Deadline = new DateTimeOffset(2024, 5, 1, 12, 0, 0, TimeSpan.Zero) };
                Assert.Equal(due, SupervisionJson.ReadStop(Fields(Text(SupervisionJson.Write(due)))));
            }
        }
    }

    [Fact]
    public void What_is_borrowed_and_what_holds_processes_is_read_as_it_was_written()
    {
        var borrowed = new BorrowedPaths(1, [new BorrowedPath("/tmp/x", true)]);
        Assert.Equal(borrowed.Paths, SupervisionJson.ReadBorrowed(Fields(Text(SupervisionJson.Write(borrowed)))).Paths);
        var record = SupervisionJson.ReadContainer(Fields(Text(SupervisionJson.Write(new ContainerRecord(1, "pawl-e4", ["/sys/fs/cgroup/a"])))));
        Assert.Equal(("pawl-e4", "/sys/fs/cgroup/a"), (record.Token, Assert.Single(record.Folders)));
    }

    [Theory]
    [InlineData("\"attempt\": 1,", "", "'attempt' is missing")]
    [InlineData("\"image\": \"busybox\",", "", "'image' is missing")]
    [InlineData("\"node\": \"wide-4f6lx[0].step(0:1)(2)\"", "\"node\": null", "'node' cannot be null")]
    [InlineData("\"attempt\": 1", "\"attempt\": 1.5", "'attempt' cannot be 1.5")]
    [InlineData("\"kind\": \"Folder\"", "\"kind\": \"Pipe\"", "'kind' is 'Pipe', which this pawl does not know")]
    [InlineData("\"schema\": 1", "\"schema\": 3", "it has schema 3; this pawl reads 1 to 2")]
    public void What_is_missing_or_strange_is_named(string part, string instead, string said) =>
        Assert.Equal(said, Assert.Throws<JsonException>(() => SupervisionJson.ReadSpec(Fields(Spec.Replace(part, instead, StringComparison.Ordinal)))).Message);

    [Fact]
    public void Fields_that_nobody_knows_are_left_alone() =>
        Assert.Equal("A", SupervisionJson.ReadSpec(Fields(Spec.Replace("\"schema\": 1", "\"later\": {}, \"schema\": 1", StringComparison.Ordinal))).Env[0].Name);

    private static JsonFields Fields(string text) => JsonFields.Parse(Encoding.UTF8.GetBytes(text));

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
