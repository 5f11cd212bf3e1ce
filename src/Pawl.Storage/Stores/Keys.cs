using Pawl.Storage.Files;

namespace Pawl.Storage.Stores;

/// <summary>What may be a key: slash-separated names, so that it means the same in a folder and in a bucket and never leaves either.</summary>
public static class Keys
{
    /// <summary>Passes a usable key through.</summary>
    /// <exception cref="UnsafePathException">It is empty, begins or ends with a slash, or has an empty, <c>.</c> or <c>..</c> name or a NUL.</exception>
    public static string Checked(string key)
    {
        if (key.Contains('\0')) { throw Refused(key, "holds a NUL"); }
        foreach (var name in key.Split('/'))
        {
            if (name is "" or "." or "..") { throw Refused(key, $"has the name \"{name}\" in it"); }
        }
        return key;
    }

    /// <summary>Passes a usable prefix through: a key and a slash.</summary>
    public static string CheckedPrefix(string prefix) =>
        prefix.EndsWith('/') ? Checked(prefix[..^1]) + "/" : throw Refused(prefix, "does not end with a slash, as a prefix must");

    private static UnsafePathException Refused(string key, string why) =>
        new($"\"{key.Replace("\0", "\\0", StringComparison.Ordinal)}\" cannot be a key: it {why}; refused");
}
