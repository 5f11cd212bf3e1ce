using System.Globalization;

namespace Pawl.Cli.Verbs;

/// <summary>Reads what the user names on the command line.</summary>
internal static class InputFiles
{
    public const string Stdin = "-";

    public static string Shown(string file) => file == Stdin ? "stdin" : file;

    /// <exception cref="VerbException">It cannot be read, or has more bytes than <paramref name="most"/>.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(string file, int most)
    {
        if (file != Stdin && Directory.Exists(file)) { throw new VerbException($"{file} is a folder; name a file in it"); }
        try
        {
            await using var stream = file == Stdin ? Console.OpenStandardInput() : File.OpenRead(file);
            using var bytes = new MemoryStream();
            var buffer = new byte[64 << 10];
            while (await stream.ReadAsync(buffer) is > 0 and var read)
            {
                bytes.Write(buffer, 0, read);
                if (bytes.Length > most)
                {
                    throw new VerbException(string.Create(CultureInfo.InvariantCulture, $"{Shown(file)} is longer than {most >> 20} MiB; nothing that long is a manifest"));
                }
            }
            return bytes.ToArray();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException) { throw new VerbException($"{file} does not exist; name a manifest file, or - for stdin"); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new VerbException($"{file} cannot be read: {e.Message}"); }
    }
}
