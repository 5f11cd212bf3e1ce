using System.Text;

namespace Pawl.Storage.Files;

/// <summary>Which start of the kernel this is.</summary>
public static class Boot
{
    /// <summary>The kernel's random id of this boot: what was seen in another one may have been lost by a power cut.</summary>
    public static async ValueTask<string> IdAsync(IDisk disk)
    {
        const string Source = "/proc/sys/kernel/random/boot_id";
        await using var file = await disk.OpenReadAsync(Source) ?? throw new IOException($"{Source}: is not there; /proc must be mounted");
        var bytes = new byte[64];
        return Encoding.ASCII.GetString(bytes, 0, await file.ReadAsync(bytes, 0)).Trim();
    }
}
