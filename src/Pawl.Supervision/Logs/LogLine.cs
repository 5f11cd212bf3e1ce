using System.Globalization;
using System.Text;

namespace Pawl.Supervision.Logs;

/// <summary>One line of a log in the form that container runtimes write (CRI): <c>time stream F|P text</c>.</summary>
/// <param name="Stream"><c>stdout</c> or <c>stderr</c>.</param>
/// <param name="Partial">The line goes on in the next one of its stream.</param>
public sealed record LogLine(DateTimeOffset At, string Stream, bool Partial, string Text)
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'";

    /// <summary>The lines of a log, oldest first, its rotated files included.</summary>
    /// <param name="path">Of the newest file; absent is an empty log.</param>
    /// <remarks>What a crash or a full disk tore is left out.</remarks>
    public static IEnumerable<LogLine> Parse(string path)
    {
        foreach (var file in LogFile.Files(path))
        {
            using var stream = TryOpen(file);
            if (stream is null) { continue; }
            using var reader = new StreamReader(stream, Encoding.UTF8);
            while (reader.ReadLine() is { } line)
            {
                if (TryParse(line, out var parsed)) { yield return parsed; }
            }
        }
    }

    /// <param name="line">Without its newline.</param>
    public static bool TryParse(string line, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out LogLine? parsed)
    {
        parsed = null;
        var parts = line.Split(' ', 4);
        if (parts is not [var time, "stdout" or "stderr", "F" or "P", var text]
            || !DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
        {
            return false;
        }
        parsed = new LogLine(at, parts[1], parts[2] == "P", text);
        return true;
    }

    private static FileStream? TryOpen(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Not made yet, or just renamed by a rotation.
            return null;
        }
    }

    internal static byte[] Format(DateTimeOffset at, string stream, bool partial, ReadOnlySpan<byte> text)
    {
        var head = Encoding.ASCII.GetBytes(
            $"{at.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)} {stream} {(partial ? 'P' : 'F')} ");
        var line = new byte[head.Length + text.Length + 1];
        head.CopyTo(line, 0);
        text.CopyTo(line.AsSpan(head.Length));
        line[^1] = (byte)'\n';
        return line;
    }
}
