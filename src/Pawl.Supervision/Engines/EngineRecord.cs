using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pawl.Storage.Json;

namespace Pawl.Supervision.Engines;

/// <summary>By what the containers of an attempt are known to the engine that has them; written before there are any.</summary>
internal sealed record EngineRecord(ContainerEngine Engine, string Token)
{
    private const string Name = "engine.json";
    private const string Label = "pawl.attempt";

    public string LabelText => $"{Label}={Token}";

    /// <param name="folder">Of the container.</param>
    public static EngineRecord Write(ContainerEngine engine, string folder)
    {
        var record = new EngineRecord(engine, $"pawl-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(folder))))[..32]}");
        var path = Path.Combine(folder, Name);
        File.WriteAllBytes(path + ".new", JsonWriting.Object(indented: true, json =>
        {
            json.WriteString("engine", engine.Program);
            json.WriteString("token", record.Token);
        }));
        File.Move(path + ".new", path, overwrite: true);
        return record;
    }

    /// <summary>Ends every container of an attempt, whoever started it.</summary>
    /// <remarks>Goes on until the engine says that there is none: nothing may start beside it.</remarks>
    /// <exception cref="IOException">The engine does not answer.</exception>
    public static void Empty(string folder)
    {
        if (Read(folder) is { } record) { record.Empty(); }
    }

    public void Empty()
    {
        for (var pause = 10; ; pause = Math.Min(2 * pause, 1000))
        {
            var (code, said) = Engine.Run(["ps", "--all", "--quiet", "--filter", $"label={LabelText}"], "/");
            if (code != 0) { throw new IOException($"{Engine.Program} does not say which containers it has: {said.Trim()}"); }
            var ids = said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (ids.Length == 0) { return; }
            Engine.Run(["rm", "--force", "--volumes", .. ids], "/");
            Thread.Sleep(pause);
        }
    }

    private static EngineRecord? Read(string folder)
    {
        var path = Path.Combine(folder, Name);
        if (!File.Exists(path)) { return null; }
        try
        {
            var json = JsonFields.Parse(File.ReadAllBytes(path));
            return new EngineRecord(new ContainerEngine(json.Text("engine")), json.Text("token"));
        }
        catch (JsonException)
        {
            // Torn by a power cut; then no container outlived it either.
            return null;
        }
    }
}
