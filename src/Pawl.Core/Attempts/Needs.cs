using System.Globalization;

namespace Pawl.Core.Attempts;

/// <summary>What a step asks of a machine, or what a machine has to give.</summary>
/// <param name="CpuMillis">Thousandths of a core.</param>
public readonly record struct Needs(long CpuMillis, long MemoryBytes, long Gpus)
{
    private const double MiB = 1 << 20;

    public bool IsNothing => this == default;

    public static Needs operator +(Needs a, Needs b) => new(a.CpuMillis + b.CpuMillis, a.MemoryBytes + b.MemoryBytes, a.Gpus + b.Gpus);

    public static Needs operator -(Needs a, Needs b) => new(a.CpuMillis - b.CpuMillis, a.MemoryBytes - b.MemoryBytes, a.Gpus - b.Gpus);

    /// <summary>Of what is not asked for there may be any shortage.</summary>
    public bool FitIn(Needs room) => Lacking(room).IsNothing;

    /// <summary>The part of it of which there is too little.</summary>
    public Needs Lacking(Needs room) => new(
        CpuMillis > 0 && CpuMillis > room.CpuMillis ? CpuMillis : 0,
        MemoryBytes > 0 && MemoryBytes > room.MemoryBytes ? MemoryBytes : 0,
        Gpus > 0 && Gpus > room.Gpus ? Gpus : 0);

    /// <summary>The same, of nothing but what another asks for.</summary>
    public Needs Of(Needs other) => new(
        other.CpuMillis > 0 ? CpuMillis : 0, other.MemoryBytes > 0 ? MemoryBytes : 0, other.Gpus > 0 ? Gpus : 0);

    /// <summary>Each part in words, such as <c>1.5 cores</c>.</summary>
    /// <param name="asked">Whose parts are named; this may have nothing of them.</param>
    public IEnumerable<string> Parts(Needs asked)
    {
        var culture = CultureInfo.InvariantCulture;
        if (asked.CpuMillis > 0) { yield return string.Create(culture, $"{CpuMillis / 1000.0:0.###} {(CpuMillis == 1000 ? "core" : "cores")}"); }
        if (asked.MemoryBytes > 0) { yield return string.Create(culture, $"{MemoryBytes / MiB:N0} MiB of memory"); }
        if (asked.Gpus > 0) { yield return string.Create(culture, $"{Gpus} {(Gpus == 1 ? "GPU" : "GPUs")}"); }
    }

    public override string ToString() => string.Join(", ", Parts(this));
}
