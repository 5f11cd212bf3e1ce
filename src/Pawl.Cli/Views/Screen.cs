using System.Runtime.InteropServices;
using System.Text;

namespace Pawl.Cli.Views;

/// <summary>A place to write to, and what may be written there.</summary>
/// <param name="IsLive">A terminal that can be drawn on.</param>
/// <param name="HasColours">Also false where NO_COLOR is set.</param>
public sealed partial record Screen(TextWriter Writer, bool IsTerminal, bool IsLive, bool HasColours)
{
    private const int StandardError = 2;
    private const nuint GetWindowSize = 0x5413;     // TIOCGWINSZ

    public static Screen Out { get; } = Of(Console.OpenStandardOutput(), Console.IsOutputRedirected);

    public static Screen Error { get; } = Of(Console.OpenStandardError(), Console.IsErrorRedirected);

    /// <summary>In characters; a usual size where the terminal does not tell.</summary>
    /// <remarks>Not by the runtime's Console: asked for a size it puts the keypad into another mode and leaves it there.</remarks>
    public static (int Width, int Height) Size
    {
        get
        {
            for (var descriptor = 0; descriptor <= StandardError; descriptor++)
            {
                if (Control(descriptor, GetWindowSize, out var size) == 0 && size is { Columns: > 0, Rows: > 0 })
                {
                    return (Math.Max((ushort)20, size.Columns), Math.Max((ushort)6, size.Rows));
                }
            }
            return (80, 24);
        }
    }

    public string Paint(string text, int colour) => HasColours && colour != 0 ? $"\e[{colour}m{text}\e[0m" : text;

    public void WriteLine(string line)
    {
        Writer.Write(line + "\n");
        Writer.Flush();
    }

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Control(int descriptor, nuint request, out WindowSize size);

    private static Screen Of(Stream stream, bool redirected)
    {
        var live = !redirected && Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } and not "dumb";
        var plain = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        var writer = TextWriter.Synchronized(new StreamWriter(stream, new UTF8Encoding(false), 1 << 16));
        return new Screen(writer, !redirected, live, live && !plain);
    }

    // struct winsize
    private readonly record struct WindowSize(ushort Rows, ushort Columns, ushort Width, ushort Height);
}
