using System.Globalization;

namespace Pawl.Supervision.Processes;

/// <summary>The control groups below which this process may make its own, as absolute folders; null where there is none.</summary>
/// <param name="Unified">cgroup v2, pure or the hybrid one; gives <c>cgroup.kill</c>.</param>
/// <param name="Memory">cgroup v1 with the memory controller.</param>
/// <param name="Cpu">cgroup v1 with the cpu controller.</param>
internal sealed record Cgroups(string? Unified, string? Memory, string? Cpu)
{
    private const int Writable = 2;

    /// <summary>Looks at what is mounted, and where this process itself is.</summary>
    public static Cgroups Find()
    {
        var own = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in KernelFile.Lines("/proc/self/cgroup"))
        {
            // 4:memory:/path, and 0::/path of v2
            var parts = line.Split(':', 3);
            foreach (var controller in parts[1].Split(',')) { own[controller] = parts[2]; }
        }
        string? unified = null, memory = null, cpu = null;
        foreach (var line in KernelFile.Lines("/proc/self/mountinfo"))
        {
            // 35 31 0:32 /root /mount/point rw,relatime - cgroup cgroup rw,memory
            var halves = line.Split(" - ", 2);
            var (left, right) = (halves[0].Split(' '), halves[1].Split(' '));
            string? Place(string controller) => Below(left[4], left[3], own.GetValueOrDefault(controller, "/"));
            switch (right[0])
            {
                case "cgroup2":
                    unified ??= Place("");
                    break;
                case "cgroup" when right[^1].Split(',').Contains("memory"):
                    memory ??= Place("memory");
                    break;
                case "cgroup" when right[^1].Split(',').Contains("cpu"):
                    cpu ??= Place("cpu");
                    break;
            }
        }
        return new Cgroups(unified, memory, cpu);
    }

    /// <summary>Makes a controller available to the children of a v2 group, where the kernel lets it.</summary>
    public static bool TryEnable(string unified, string controller)
    {
        if (!Has(Path.Combine(unified, "cgroup.controllers"), controller)) { return false; }
        if (!Has(Path.Combine(unified, "cgroup.subtree_control"), controller)) { _ = KernelFile.TryWrite(Path.Combine(unified, "cgroup.subtree_control"), $"+{controller}"); }
        return Has(Path.Combine(unified, "cgroup.subtree_control"), controller);
    }

    /// <summary>The number after a key in a file such as <c>memory.events</c>; 0 where file or key is absent.</summary>
    public static long Count(string file, string key)
    {
        foreach (var line in KernelFile.Lines(file))
        {
            if (line.StartsWith(key + " ", StringComparison.Ordinal)) { return long.Parse(line.AsSpan(key.Length + 1), CultureInfo.InvariantCulture); }
        }
        return 0;
    }

    // In a container only a part of the tree is mounted, and the own path still begins at the machine's root.
    private static string? Below(string mount, string root, string own)
    {
        var inside = root != "/" && (own == root || own.StartsWith(root + "/", StringComparison.Ordinal)) ? own[root.Length..] : own;
        var folder = Path.TrimEndingDirectorySeparator(mount + inside);
        if (!Directory.Exists(folder)) { folder = mount; }
        return Native.Access(folder, Writable) == 0 && Native.Access(Path.Combine(folder, "cgroup.procs"), Writable) == 0 ? folder : null;
    }

    private static bool Has(string file, string word)
    {
        foreach (var line in KernelFile.Lines(file))
        {
            if (line.Split(' ').Contains(word)) { return true; }
        }
        return false;
    }
}
