using Pawl.Core.Attempts;
using Pawl.Core.Expressions;

namespace Pawl.Core.Errors;

/// <summary>Which errors are likely to pass by themselves, as Argo's OnTransientError sees it.</summary>
public static class Transient
{
    // Characters; the cause stands at the end of a log, and the cost of a pattern grows with the text.
    private const int TestedTail = 64 * 1024;

    // Argo's list of texts (util/errors). Case is ignored because libc and Python write the same words with a capital.
    private static readonly string[] ArgoTexts =
    [
        "unexpected error when reading response body",
        "stream error when reading response body",
        "Connection closed by foreign host",
        "net/http: TLS handshake timeout",
        "i/o timeout",
        "connection timed out",
        "connection reset by peer",
        "http2: client connection lost",
        "http2: server sent GOAWAY and closed the connection",
        "request did not complete within requested timeout",
        "connect: connection refused",
        "invalid connection",
        "upper: no more rows in",
        "etcdserver: leader changed",
        "etcdserver: request timed out",
        "etcdserver: too many requests",
    ];

    // What Argo knows by the type of the error object; only the words for it reach us.
    private static readonly string[] TypedErrors =
    [
        "forbidden: exceeded quota",
        "Operation cannot be fulfilled on resourcequota",
        "resource quota evaluation timed out",
        "too many requests",
        "the server is currently unable to handle the request",
        "503 Service Unavailable",
        "client rate limiter Wait returned an error",
        "no such host",
        "server misbehaving",
        "Temporary failure in name resolution",
        "Name or service not known",
        "connection refused",
        "connection aborted",
        "network is unreachable",
        "no route to host",
        "write: broken pipe",
    ];

    /// <summary>Whether the text holds one of the transient errors' texts, or matches the pattern.</summary>
    /// <param name="pattern">Of TRANSIENT_ERROR_PATTERN; an invalid one matches nothing, see <see cref="PatternProblem"/>.</param>
    public static bool Matches(string message, string? pattern)
    {
        if (message.Length > TestedTail) { message = message[^TestedTail..]; }
        return Array.Exists(ArgoTexts, text => message.Contains(text, StringComparison.OrdinalIgnoreCase))
            || Array.Exists(TypedErrors, text => message.Contains(text, StringComparison.OrdinalIgnoreCase))
            || EndsEarly(message)
            || (!string.IsNullOrEmpty(pattern) && Patterns.Compile(pattern, out _) is { } regex && regex.IsMatch(message));
    }

    /// <summary>Whether OnTransientError retries an attempt that ended so.</summary>
    /// <remarks>
    /// Exit 75 (class Transient) is the program's own word. Otherwise the node's message counts, the termination message in it, and
    /// the end of the log. Where the platform knows the cause (out of memory, a deadline, a kill) the log's mention of
    /// a timeout is not it, so only the message counts there, for a pattern that names it. Preempted and lost are outside every policy.
    /// </remarks>
    public static bool IsTransient(Outcome outcome, string? pattern)
    {
        if (outcome.Kind is OutcomeKind.Succeeded or OutcomeKind.Preempted or OutcomeKind.Lost) { return false; }
        return outcome.Class switch
        {
            ErrorClass.Transient => true,
            ErrorClass.Preempted or ErrorClass.Lost => false,
            ErrorClass.OutOfMemory or ErrorClass.Timeout or ErrorClass.Killed => Matches(outcome.Message, pattern),
            _ => Matches(outcome.Message, pattern) || Matches(outcome.LogTail, pattern),
        };
    }

    /// <summary>Why the pattern cannot be used; null where it can.</summary>
    public static string? PatternProblem(string pattern) =>
        Patterns.Compile(pattern, out var problem) is null ? $"TRANSIENT_ERROR_PATTERN '{pattern}' is not used: {problem}" : null;

    // Go's io.ErrUnexpectedEOF ends its message; in "unexpected EOF while parsing" a program is wrong, not a connection.
    private static bool EndsEarly(string message)
    {
        const string text = "unexpected EOF";
        for (var at = message.IndexOf(text, StringComparison.Ordinal); at >= 0; at = message.IndexOf(text, at + 1, StringComparison.Ordinal))
        {
            if (!message.AsSpan(at + text.Length).StartsWith(" while", StringComparison.Ordinal)) { return true; }
        }
        return false;
    }
}
