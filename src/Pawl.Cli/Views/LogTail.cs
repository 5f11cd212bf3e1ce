using System.Text;
using Pawl.Supervision.Logs;

namespace Pawl.Cli.Views;

/// <summary>The last line of a growing log, without reading the rest.</summary>
internal static class LogTail
{
    private const int ReadBytes = 4096;

    /// <returns>Empty where there is none yet.</returns>
    public static string Last(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            file.Seek(-Math.Min(ReadBytes, file.Length), SeekOrigin.End);
            var bytes = new byte[ReadBytes];
            var text = Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
            foreach (var line in text.Split('\n').Reverse())
            {
                if (LogLine.TryParse(line, out var parsed) && parsed.Text.Length > 0) { return parsed.Text; }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }      // not there yet, or rotated just now
        return "";
    }
}
