using System.Diagnostics;

namespace Pawl.Tests.Shell;

/// <summary>Whether Debian's Python has PyTorch; the python3 on the PATH may be another one, which lacks it.</summary>
internal static class Torch
{
    private const string Python = "/usr/bin/python3";
    private static readonly Lazy<bool> Imported = new(Import);

    public const string Missing = $"{Python} has no torch: apt-get install python3-torch";

    public static bool IsThere => Imported.Value;

    private static bool Import()
    {
        if (!File.Exists(Python)) { return false; }
        using var python = Process.Start(new ProcessStartInfo(Python, ["-c", "import torch"]) { RedirectStandardError = true })!;
        python.StandardError.ReadToEnd();
        python.WaitForExit();
        return python.ExitCode == 0;
    }
}
