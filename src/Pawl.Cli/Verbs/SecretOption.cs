using System.Collections.Immutable;
using System.CommandLine;
using Pawl.Cli.Views;
using Pawl.Manifests;

namespace Pawl.Cli.Verbs;

/// <summary>The secrets that are given with a run. They go into a folder of the run, and into no record of it.</summary>
internal sealed class SecretOption
{
    private const int MostBytes = 4 << 20;

    private readonly Option<string[]> _secrets = new("--secret")
    {
        Description = "Manifest of secrets, or a name and a folder whose files are its keys, before those kept in the home; can be given several times",
        HelpName = "FILE|NAME=DIR",
        AllowMultipleArgumentsPerToken = false,
    };

    public void AddTo(Verb verb) => verb.Add(_secrets);

    /// <param name="manifest">Secrets may stand in it as well; those that are named win.</param>
    /// <exception cref="VerbException">A file or folder that is named cannot be used.</exception>
    public async Task<IReadOnlyDictionary<string, ImmutableSortedDictionary<string, ReadOnlyMemory<byte>>>> ReadAsync(
        ParseResult parsed, string file, ReadOnlyMemory<byte> manifest, ManifestOptions options)
    {
        var all = new Dictionary<string, ImmutableSortedDictionary<string, ReadOnlyMemory<byte>>>(Read(InputFiles.Shown(file), manifest, options), StringComparer.Ordinal);
        foreach (var written in parsed.GetValue(_secrets) ?? [])
        {
            foreach (var (name, values) in await ReadAsync(written)) { all[name] = values; }
        }
        return all;
    }

    private static async Task<ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, ReadOnlyMemory<byte>>>> ReadAsync(string written)
    {
        var at = written.IndexOf('=', StringComparison.Ordinal);
        if (at < 1 || File.Exists(written)) { return Read(written, await InputFiles.ReadAsync(written, MostBytes)); }
        var (name, folder) = (written[..at], written[(at + 1)..]);
        if (!Directory.Exists(folder)) { throw new VerbException($"--secret {name}=…: {folder} is no folder; write NAME=DIR, or name a manifest of secrets"); }
        var values = ImmutableSortedDictionary.CreateBuilder<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var key in Directory.EnumerateFiles(folder)) { values[Path.GetFileName(key)] = await File.ReadAllBytesAsync(key); }
        return ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<string, ReadOnlyMemory<byte>>>(StringComparer.Ordinal).Add(name, values.ToImmutable());
    }

    private static ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, ReadOnlyMemory<byte>>> Read(
        string file, ReadOnlyMemory<byte> manifest, ManifestOptions? options = null)
    {
        var (secrets, problems) = SecretFile.Read(file, manifest.Span, options);
        foreach (var problem in problems) { Screen.Error.WriteLine(Text.Clean(problem.ToString())); }
        return problems.Any(p => p.Severity is Severity.Error) ? throw new VerbException($"{file} has no usable secrets; no run was created") : secrets;
    }
}
