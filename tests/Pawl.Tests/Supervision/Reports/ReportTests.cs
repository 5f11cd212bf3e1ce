using System.Text;
using Pawl.Supervision.Reports;
using Xunit;

namespace Pawl.Tests.Supervision.Reports;

public class ReportTests
{
    [Fact]
    public void Each_kind_is_read()
    {
        Assert.Equal(new Report.Hello("python 0.1", 10, 100), Read("""{"kind":"hello","sdk":"python 0.1","pid":1,"step":10,"total":100}"""));
        var done = Assert.IsType<Report.StepDone>(Read("""{"kind":"step","step":12,"total":null,"metrics":{"loss":0.5,"text":"x","huge":1e999}}"""));
        Assert.Equal((12, null, 0.5, 1), (done.Step, done.Total, done.Metrics["loss"], done.Metrics.Count));
        Assert.Equal(
            new Report.CheckpointMade(12, "a/b", TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(2)),
            Read("""{"kind":"checkpoint","step":12,"path":"a/b","bytes":9,"blockedSeconds":0.25,"writeSeconds":2}"""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("12")]
    [InlineData("""{"step":1}""")]
    [InlineData("""{"kind":7}""")]
    [InlineData("""{"kind":"step"}""")]
    [InlineData("""{"kind":"step","step":-1}""")]
    [InlineData("""{"kind":"step","step":1.5}""")]
    [InlineData("""{"kind":"step","step":1} more""")]
    public void What_is_no_report_is_said_to_be_none(string line) => Assert.False(Report.TryRead(Encoding.UTF8.GetBytes(line), out _));

    [Fact]
    public void A_kind_of_a_newer_sdk_is_left_alone()
    {
        Assert.True(Report.TryRead("""{"kind":"profile","x":[1]}"""u8, out var report));
        Assert.Null(report);
    }

    [Fact]
    public void Any_bytes_are_read_without_an_exception()
    {
        var random = new Random(7);
        var sample = Encoding.UTF8.GetBytes("""{"kind":"step","step":12,"total":100,"metrics":{"loss":0.5,"a\u0041":1}}""");
        for (var i = 0; i < 100_000; i++)
        {
            var line = (byte[])sample.Clone();
            for (var n = random.Next(4); n >= 0; n--) { line[random.Next(line.Length)] = (byte)random.Next(256); }
            Report.TryRead(line.AsSpan(0, random.Next(line.Length + 1)), out _);
        }
    }

    private static Report? Read(string line)
    {
        Assert.True(Report.TryRead(Encoding.UTF8.GetBytes(line), out var report));
        return report;
    }
}
