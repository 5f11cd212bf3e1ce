using System.Security.Cryptography;
using System.Text;

namespace Pawl.Core.Workflows;

/// <summary>A node of a run, by Argo's full node name: <c>digits-x7k2q.train(1)</c>.</summary>
public readonly record struct NodeId(string Value) : IComparable<NodeId>
{
    public int CompareTo(NodeId other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;
}

/// <summary>One try of one leaf, from 1.</summary>
public readonly record struct AttemptId(NodeId Node, int Number)
{
    public override string ToString() => $"{Node.Value}#{Number}";
}

/// <summary>Names that outlive a process: folders, store keys and Argo's display ids, all computed from a full name.</summary>
public static class Names
{
    private const int SlugLength = 40;

    /// <summary>A readable, collision-free folder or key: <c>slug ≤ 40</c>, a hyphen, 16 hex digits of the name's SHA-256.</summary>
    /// <param name="name">The full name; hashed as UTF-8.</param>
    public static string Folder(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        return $"{Slug(name)}-{Convert.ToHexStringLower(hash[..8])}";
    }

    /// <summary>The node id that Argo shows: the workflow's name for the root, else that and FNV-1a of the full name.</summary>
    /// <remarks>For display only: 32 bits collide at some 100,000 nodes.</remarks>
    public static string ArgoId(string workflowName, NodeId node)
    {
        if (node.Value == workflowName) { return workflowName; }
        var hash = 2166136261u;
        foreach (var b in Encoding.UTF8.GetBytes(node.Value)) { hash = (hash ^ b) * 16777619u; }
        return $"{workflowName}-{hash}";
    }

    // The end of a name tells steps apart, its start is the workflow's name again.
    private static string Slug(string name)
    {
        var slug = new StringBuilder(name.Length);
        foreach (var c in name.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(c)) { slug.Append(c); }
            else if (slug.Length > 0 && slug[^1] != '-') { slug.Append('-'); }
        }
        var text = slug.ToString().Trim('-');
        return (text.Length <= SlugLength ? text : text[^SlugLength..]).Trim('-') is { Length: > 0 } kept ? kept : "x";
    }
}
