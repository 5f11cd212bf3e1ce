using System.Collections;
using System.Text;
using Pawl.Supervision.Processes;

namespace Pawl.Supervision.Engines;

/// <summary>A container engine's program: podman, or docker which understands the same words.</summary>
/// <param name="Program">Absolute.</param>
public sealed record ContainerEngine(string Program)
{
    /// <summary>Names the engine's program; where it is not set podman is looked for, then docker.</summary>
    public const string Variable = "PAWL_CONTAINER_ENGINE";

    private const int Executable = 1;

    /// <returns>Null where there is none.</returns>
    public static ContainerEngine? Find()
    {
        var names = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? [given] : (string[])["podman", "docker"];
        foreach (var name in names)
        {
            foreach (var folder in name.Contains('/') ? [""] : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
            {
                var path = Path.GetFullPath(Path.Combine(folder, name));
                if (File.Exists(path) && Native.Access(path, Executable) == 0) { return new ContainerEngine(path); }
            }
        }
        return null;
    }

    /// <summary>Finds out by asking it.</summary>
    /// <returns>Null where it works; else why not.</returns>
    public string? WhyNot()
    {
        var (code, said) = Run(["info", "--format", "{{.Host.OCIRuntime.Name}}"], "/");
        if (code != 0 && Path.GetFileName(Program) != "podman") { (code, said) = Run(["info", "--format", "{{.ServerVersion}}"], "/"); }
        return code == 0 ? null : $"{Program} does not work here: {said.Trim()}";
    }

    public bool HasImage(string image) => Run(["image", "inspect", "--format", "{{.Id}}", image], "/").Code == 0;

    /// <summary>Tells the content of an image from that of another of its name.</summary>
    /// <returns>Null where the image is not on this machine.</returns>
    public string? IdOf(string image) =>
        Run(["image", "inspect", "--format", "{{.Id}}", image], "/") is (0, var said) && said.Trim() is { Length: > 0 } id ? id.Split('\n')[^1] : null;

    /// <summary>Runs it to its end.</summary>
    /// <returns>Its code, and all that it said on both of its outputs.</returns>
    /// <exception cref="IOException">It cannot be started.</exception>
    internal (int Code, string Said) Run(IReadOnlyList<string> words, string folder, IEnumerable<string>? environment = null)
    {
        using var output = Pipe.Open();
        var pid = Start(words, folder, environment ?? [], output.WriteEnd, output.WriteEnd);
        output.CloseWriteEnd();
        var said = new List<byte>();
        while (output.ReadByte() is { } one) { said.Add(one); }
        return (Spawn.Wait(pid).ExitCode, Encoding.UTF8.GetString([.. said]));
    }

    /// <param name="environment">Lines added to this process's own: values that the engine hands on by name.</param>
    internal int Start(IReadOnlyList<string> words, string folder, IEnumerable<string> environment, int stdout, int stderr)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables()) { all[(string)variable.Key] = $"{variable.Key}={variable.Value}"; }
        foreach (var line in environment) { all[line[..line.IndexOf('=')]] = line; }
        return Spawn.Start(new SpawnRequest(Program, [Program, .. words], [.. all.Values], folder, [new(stdout, 1), new(stderr, 2)]));
    }
}
