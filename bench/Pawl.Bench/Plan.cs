using System.Diagnostics;
using System.Globalization;

namespace Pawl.Bench;

/// <summary>What is measured, and where.</summary>
/// <param name="Bytes">Of a checkpoint; of a fan-out its steps.</param>
/// <param name="Folder">Exists; on the disk that is measured.</param>
internal sealed record Plan(int Bytes, int Rounds, string Folder)
{
    private readonly Dictionary<string, List<(double Wall, double Cpu)>> _samples = new(StringComparer.Ordinal);

    /// <summary>Takes one sample: wall seconds, and CPU seconds of this process.</summary>
    internal async Task TimeAsync(string name, Func<Task> work)
    {
        var cpu = Environment.CpuUsage.TotalTime;
        var wall = Stopwatch.StartNew();
        await work();
        Add(name, wall.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
    }

    internal void Time(string name, Action work)
    {
        var cpu = Environment.CpuUsage.TotalTime;
        var wall = Stopwatch.StartNew();
        work();
        Add(name, wall.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
    }

    internal void Print()
    {
        foreach (var (name, samples) in _samples)
        {
            Console.WriteLine($$"""{"name": "{{name}}", "wall": [{{List(samples.Select(s => s.Wall))}}], "cpu": [{{List(samples.Select(s => s.Cpu))}}]}""");
        }
    }

    private void Add(string name, double wall, double cpu)
    {
        if (!_samples.TryGetValue(name, out var samples)) { _samples[name] = samples = []; }
        samples.Add((wall, cpu));
    }

    private static string List(IEnumerable<double> numbers) => string.Join(", ", numbers.Select(n => n.ToString("F9", CultureInfo.InvariantCulture)));
}
