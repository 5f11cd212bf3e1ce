using System.Text;

namespace Pawl.Cli.Views;

/// <summary>A place to write to, and what may be written there.</summary>
/// <param name="IsLive">A terminal that can be drawn on.</param>
/// <param name="HasColours">Also false where NO_COLOR is set.</param>
public sealed record Screen(TextWriter Writer, bool IsTerminal, bool IsLive, bool HasColours)
{
    public static Screen Out { get; } = Of(Console.OpenStandardOutput(), Console.IsOutputRedirected);

    public static Screen Error { get; } = Of(Console.OpenStandardError(), Console.IsErrorRedirected);

    public (int Width, int Height) Size
    {
        get
        {
            try { return (Math.Max(20, Console.WindowWidth), Math.Max(6, Console.WindowHeight)); }
            catch (IOException) { return (80, 24); }    // a terminal that does not tell
        }
    }

    public string Paint(string text, int colour) => HasColours && colour != 0 ? $"\e[{colour}m{text}\e[0m" : text;

    public void WriteLine(string line)
    {
        Writer.Write(line + "\n");
        Writer.Flush();
    }

    private static Screen Of(Stream stream, bool redirected)
    {
        var live = !redirected && Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } and not "dumb";
        var plain = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        var writer = TextWriter.Synchronized(new StreamWriter(stream, new UTF8Encoding(false), 1 << 16));
        return new Screen(writer, !redirected, live, live && !plain);
    }
}
