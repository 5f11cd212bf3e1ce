using System.Text;

namespace Pawl.Supervision.Checkpoints.Units;

/// <summary>TensorFlow's file <c>checkpoint</c>: a protocol buffer as text that names the newest prefix and the others.</summary>
internal static class CheckpointState
{
    public const int MostBytes = 1 << 20;

    /// <returns>Prefixes below the checkpoint folder, the newest first; empty where the file names none.</returns>
    /// <param name="folder">Where the file is, below the root: relative names start there.</param>
    public static List<string> Names(byte[] text, string folder, string root)
    {
        var names = new List<string>();
        var hasNewest = false;
        foreach (var line in Encoding.UTF8.GetString(text).Split('\n'))
        {
            var isNewest = line.StartsWith("model_checkpoint_path:", StringComparison.Ordinal);
            if (!isNewest && !line.StartsWith("all_model_checkpoint_paths:", StringComparison.Ordinal)) { continue; }
            var from = line.IndexOf('"', StringComparison.Ordinal);
            var to = line.LastIndexOf('"');
            if (from < 0 || to <= from) { continue; }
            var name = line[(from + 1)..to];
            if (name.StartsWith($"{root}/", StringComparison.Ordinal)) { name = name[(root.Length + 1)..]; }
            else if (folder.Length > 0) { name = $"{folder}/{name}"; }
            hasNewest |= isNewest;
            if (isNewest) { names.Insert(0, name); }
            else { names.Add(name); }
        }
        return hasNewest ? names : [];
    }
}
