using System.Diagnostics;

namespace Pawl.Tests.Shell;

/// <summary>
/// A clone with the real <c>./pawl</c>, a handful of sources, and a <c>dotnet</c> that publishes a shell script as
/// program: it prints its source and arguments, and stays until its input ends when told to <c>stay</c>.
/// </summary>
internal sealed class ScriptedClone : IDisposable
{
    private const string Dotnet = """
        #!/bin/sh
        case $1 in
            --version) echo "${SDK_VERSION:-10.0.401}"; exit ;;
            --list-sdks) echo "9.0.100 [/sdk]"; exit ;;
        esac
        while [ $# -gt 0 ]; do
            [ "$1" = -o ] && out=$2
            shift
        done
        mkdir -p "$out" && echo half > "$out/pawl.dll"
        echo "$HOME" >> "$LEDGER"
        if [ -p "$GATE" ]; then
            echo here > "$GATE.reached"
            read -r _ < "$GATE"
        fi
        {
            echo '#!/bin/sh'
            echo "echo $(cat src/Program.cs) \"\$@\""
            echo '[ "${1-}" != stay ] || read -r _ || true'
        } > "$out/pawl" && chmod +x "$out/pawl"
        """;

    private readonly string _root = Directory.CreateTempSubdirectory("pawl-clone-").FullName;
    private readonly List<Process> _started = [];

    public ScriptedClone()
    {
        Directory.CreateDirectory(At("src"));
        Directory.CreateDirectory(At("sdk/python/src"));
        Directory.CreateDirectory(Path.Combine(_root, "bin"));
        File.Copy(Checkout.At("pawl"), Script);
        foreach (var name in (string[])["global.json", "Directory.Build.props", "Directory.Packages.props"]) { File.WriteAllText(At(name), "{}"); }
        Source("one");
        var dotnet = Path.Combine(_root, "bin", "dotnet");
        File.WriteAllText(dotnet, Dotnet);
        Tool("chmod", "+x", dotnet);
    }

    public string Script => At("pawl");

    /// <summary>The HOME of each build so far.</summary>
    public string[] Builds => File.Exists(Ledger) ? File.ReadAllLines(Ledger) : [];

    /// <summary>How many built programs are kept.</summary>
    public int Programs => Directory.GetFiles(At(".build"), "pawl", new EnumerationOptions { RecurseSubdirectories = true }).Length;

    private string Ledger => Path.Combine(_root, "ledger");

    private string Gate => Path.Combine(_root, "gate");

    public string At(string name) => Path.Combine(_root, "a clone", name);

    public void Source(string text) => File.WriteAllText(At("src/Program.cs"), text);

    /// <summary>From now on a build waits until the gate is opened.</summary>
    public void HoldBuilds() => Tool("mkfifo", Gate, $"{Gate}.reached");

    /// <summary>Returns when a build waits at the gate.</summary>
    public void AwaitBuild()
    {
        using var reached = new StreamReader($"{Gate}.reached");
        reached.ReadLine();
    }

    /// <summary>Lets the build go on that waits at the gate; later ones do not wait.</summary>
    public void LetBuildsGo()
    {
        using var gate = new StreamWriter(Gate);
        HoldNoBuilds();
        gate.WriteLine();
    }

    /// <summary>From now on no build waits.</summary>
    public void HoldNoBuilds() => File.Delete(Gate);

    public Process Start(string[] arguments, string? script = null, string? home = "/tmp", string? version = null)
    {
        var start = new ProcessStartInfo(script ?? Script, arguments)
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{Path.Combine(_root, "bin")}:/usr/bin:/bin";
        start.Environment["LEDGER"] = Ledger;
        start.Environment["GATE"] = Gate;
        start.Environment["SDK_VERSION"] = version;
        start.Environment["HOME"] = home;
        var process = Process.Start(start)!;
        _started.Add(process);
        return process;
    }

    /// <summary>Runs the script to its end.</summary>
    public (int Code, string Output, string Errors) Run(string[] arguments, string? script = null, string? home = "/tmp", string? version = null) =>
        Finish(Start(arguments, script, home, version));

    public static (int Code, string Output, string Errors) Finish(Process process)
    {
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.TrimEnd(), errors.Result);
    }

    private static void Tool(string name, params string[] arguments)
    {
        using var tool = Process.Start(name, arguments);
        tool.WaitForExit();
    }

    public void Dispose()
    {
        foreach (var process in _started)
        {
            if (!process.HasExited) { process.Kill(entireProcessTree: true); }
            process.Dispose();
        }
        Directory.Delete(_root, recursive: true);
    }
}
