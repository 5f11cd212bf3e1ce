using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Pawl.Core.Workflows;

/// <summary>What stands for a container image on this machine where no container engine can be asked for the image itself.</summary>
/// <param name="Entrypoint">Runs where a container has no command of its own.</param>
/// <param name="Command">Its arguments where the container has no arguments either.</param>
/// <param name="Path">Absolute folders, searched for programs before those of PATH.</param>
/// <param name="WorkingDir">Where a step starts that names no folder of its own; null is the attempt's.</param>
/// <param name="Files">By absolute path in the image: the absolute path of what stands for it here.</param>
public sealed record LocalImage(
    ImmutableArray<string> Entrypoint,
    ImmutableArray<string> Command,
    ImmutableArray<string> Path,
    string? WorkingDir,
    ImmutableSortedDictionary<string, string> Files)
{
    /// <summary>It says what runs where a container has no command; else it only says where programs are found.</summary>
    [JsonIgnore]
    public bool HasCommand => Entrypoint.Length + Command.Length > 0;

    /// <summary>Kubernetes' rule for what the container leaves out, and the program's path where it is a file of the image.</summary>
    /// <param name="hasSource">A script, whose file is an argument.</param>
    /// <returns>Without an entrypoint the command is empty, and the first argument is the program.</returns>
    public (ImmutableArray<string> Command, ImmutableArray<string> Args) Complete(ImmutableArray<string> command, ImmutableArray<string> args, bool hasSource)
    {
        if (command.IsEmpty) { (command, args) = (Entrypoint, args.IsEmpty && !hasSource ? Command : args); }
        return command.IsEmpty ? (command, Here(args)) : (Here(command), args);
    }

    private ImmutableArray<string> Here(ImmutableArray<string> words) =>
        words is [var program, ..] && Files.TryGetValue(program, out var file) ? words.SetItem(0, file) : words;
}

/// <summary>Looks images up by the names that manifests give them.</summary>
public static class LocalImages
{
    public static ImmutableSortedDictionary<string, LocalImage> None { get; } =
        ImmutableSortedDictionary.Create<string, LocalImage>(StringComparer.Ordinal);

    /// <summary>The image of that name; else the longest <c>prefix*</c> that fits.</summary>
    /// <param name="images">By <see cref="Key"/>.</param>
    public static LocalImage? Find(ImmutableSortedDictionary<string, LocalImage> images, string image)
    {
        var key = Key(image);
        if (images.TryGetValue(key, out var exact)) { return exact; }
        return images.Where(i => i.Key.EndsWith('*') && key.StartsWith(i.Key[..^1], StringComparison.Ordinal))
            .OrderByDescending(i => i.Key.Length).Select(i => i.Value).FirstOrDefault();
    }

    /// <summary>The name without its registry, with the tag that a missing one means.</summary>
    public static string Key(string image)
    {
        var name = image;
        if (name.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash
            && (name[..slash] == "localhost" || name.AsSpan(0, slash).ContainsAny('.', ':')))
        {
            name = name[(slash + 1)..];
        }
        if (name.StartsWith("library/", StringComparison.Ordinal)) { name = name["library/".Length..]; }
        return name.EndsWith('*') || name.Contains(':', StringComparison.Ordinal) || name.Contains('@', StringComparison.Ordinal) ? name : name + ":latest";
    }
}
