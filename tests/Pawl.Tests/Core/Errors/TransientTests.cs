using Pawl.Core.Attempts;
using Pawl.Core.Errors;
using Xunit;

namespace Pawl.Tests.Core.Errors;

public sealed class TransientTests
{
    [Theory]
    [InlineData("dial tcp 10.0.0.1:443: i/o timeout")]
    [InlineData("dial tcp: connect: connection refused")]
    [InlineData("read: connection reset by peer")]
    [InlineData("ConnectionResetError: [Errno 104] Connection reset by peer")]
    [InlineData("socket.gaierror: [Errno -3] Temporary failure in name resolution")]
    [InlineData("dial tcp: lookup registry: no such host")]
    [InlineData("net/http: TLS handshake timeout")]
    [InlineData("http2: server sent GOAWAY and closed the connection; LastStreamID=1")]
    [InlineData("etcdserver: leader changed")]
    [InlineData("Get \"https://host\": unexpected EOF")]
    [InlineData("upper: no more rows in this result set")]
    public void Errors_of_the_network_are_transient(string message) => Assert.True(Transient.Matches(message, null));

    [Theory]
    [InlineData("")]
    [InlineData("main: Error (exit code 1)")]
    [InlineData("main: OOMKilled (exit code 137)")]
    [InlineData("SyntaxError: unexpected EOF while parsing")]
    [InlineData("ValueError: timeout must be positive")]
    [InlineData("tee: standard output: Broken pipe")]
    [InlineData("cp: error writing: Disk quota exceeded")]
    public void Others_are_not(string message) => Assert.False(Transient.Matches(message, null));

    [Fact]
    public void The_pattern_adds_to_the_list()
    {
        Assert.True(Transient.Matches("main: Error (exit code 42)", @"exit code (42|43)\)"));
        Assert.False(Transient.Matches("main: Error (exit code 1)", @"exit code (42|43)\)"));
        Assert.False(Transient.Matches("main: Error (exit code 1)", ""));
    }

    [Fact]
    public void A_bad_pattern_matches_nothing_and_its_problem_can_be_told()
    {
        Assert.False(Transient.Matches("anything(", "("));
        Assert.Contains("TRANSIENT_ERROR_PATTERN '(' is not used", Transient.PatternProblem("("));
        Assert.Contains("repeats", Transient.PatternProblem("((a{99}){99}){99}"));
        Assert.Null(Transient.PatternProblem("a{3}|[^{}]{2,}"));
    }

    [Theory]
    [InlineData(OutcomeKind.Failed, ErrorClass.Transient, "main: Error (exit code 75)", "", true)]
    [InlineData(OutcomeKind.Failed, ErrorClass.Permanent, "main: Error (exit code 1)", "", false)]
    [InlineData(OutcomeKind.Failed, ErrorClass.Permanent, "main: Error (exit code 1): i/o timeout", "", true)]
    [InlineData(OutcomeKind.Failed, ErrorClass.Permanent, "main: Error (exit code 1)", "Connection refused", true)]
    [InlineData(OutcomeKind.Errored, null, "init: i/o timeout", "", true)]
    [InlineData(OutcomeKind.Failed, ErrorClass.OutOfMemory, "main: OOMKilled (exit code 137)", "i/o timeout", false)]
    [InlineData(OutcomeKind.Failed, ErrorClass.Timeout, "Step exceeded its deadline", "i/o timeout", false)]
    [InlineData(OutcomeKind.Failed, ErrorClass.Killed, "main: Error (exit code 137)", "i/o timeout", false)]
    [InlineData(OutcomeKind.Preempted, ErrorClass.Preempted, "i/o timeout", "i/o timeout", false)]
    [InlineData(OutcomeKind.Lost, ErrorClass.Lost, "i/o timeout", "i/o timeout", false)]
    [InlineData(OutcomeKind.Succeeded, null, "i/o timeout", "i/o timeout", false)]
    public void What_the_platform_knows_the_cause_of_is_not_explained_by_the_log(
        OutcomeKind kind, ErrorClass? cause, string message, string tail, bool expected) =>
        Assert.Equal(expected, Transient.IsTransient(new Outcome { Kind = kind, Class = cause, Message = message, LogTail = tail }, null));

    [Fact]
    public void A_pattern_may_name_a_known_cause() => Assert.True(Transient.IsTransient(
        new Outcome { Kind = OutcomeKind.Failed, Class = ErrorClass.OutOfMemory, Message = "main: OOMKilled (exit code 137)" }, "OOMKilled"));

    [Fact]
    public void Only_the_end_of_a_long_log_is_read()
    {
        var line = "i/o timeout";
        Assert.False(Transient.Matches(line + new string('x', 100_000), null));
        Assert.True(Transient.Matches(new string('x', 100_000) + line, null));
    }
}
