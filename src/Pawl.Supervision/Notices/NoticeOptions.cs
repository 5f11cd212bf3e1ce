using System.Globalization;
using System.Text;
using Pawl.Supervision.Processes;

namespace Pawl.Supervision.Notices;

/// <summary>Where notices are looked for. Read from the environment, so that whoever is started hears what its starter hears.</summary>
/// <param name="File">A file whose presence is a notice.</param>
/// <param name="MachineEndsAt">When the machine goes, known beforehand.</param>
/// <param name="Provider">Whose machine this is; null where nobody's.</param>
/// <param name="MetadataUrl">Base of the provider's endpoints, without a slash at its end.</param>
/// <param name="Folder">Of this user on this machine.</param>
public sealed record NoticeOptions(string? File, DateTimeOffset? MachineEndsAt, NoticeProvider? Provider, string MetadataUrl, string Folder)
{
    public const string FileVariable = "PAWL_NOTICE_FILE";
    public const string EndVariable = "PAWL_MACHINE_ENDS_AT";
    public const string ProviderVariable = "PAWL_NOTICES";
    public const string UrlVariable = "PAWL_METADATA_URL";

    /// <summary>How a time is written, for messages.</summary>
    public const string TimeExample = "2026-01-31T18:00:00Z";

    private static readonly string[] TimeFormats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"];

    /// <param name="problems">A sentence for each variable that cannot be used; it is left out.</param>
    public static NoticeOptions Of(IReadOnlyDictionary<string, string> environment, ICollection<string> problems)
    {
        var end = Named(environment, EndVariable);
        var time = DateTimeOffset.MinValue;
        if (end is not null && !TryTime(end, out time)) { problems.Add($"{EndVariable}={end} is no time with a zone, such as {TimeExample}; it is left alone"); }
        NoticeProvider? provider = null;
        switch (Named(environment, ProviderVariable))
        {
            case null: provider = Dmi.Provider(); break;
            case "none": break;
            case "aws": provider = NoticeProvider.Aws; break;
            case "gcp": provider = NoticeProvider.Gcp; break;
            case "azure": provider = NoticeProvider.Azure; break;
            case var other: problems.Add($"{ProviderVariable}={other} is none of aws, gcp, azure, none; no provider is asked"); break;
        }
        return new NoticeOptions(
            Named(environment, FileVariable) is { } file ? Path.GetFullPath(file) : null,
            time == DateTimeOffset.MinValue ? null : time,
            provider,
            Url(environment, provider).TrimEnd('/'),
            Named(environment, RuntimeFolder.Variable) is { } folder ? Path.GetFullPath(folder) : RuntimeFolder.Path);
    }

    /// <summary>A time with its zone, as RFC 3339 writes it; seconds may be left out.</summary>
    public static bool TryTime(string text, out DateTimeOffset time)
    {
        time = default;
        // Without a zone a time would mean another one on another machine.
        return (text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > text.IndexOf('T', StringComparison.Ordinal) && text.Contains('T', StringComparison.Ordinal))
            && DateTimeOffset.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }

    private static string Url(IReadOnlyDictionary<string, string> environment, NoticeProvider? provider) =>
        Named(environment, UrlVariable)
        ?? provider switch
        {
            NoticeProvider.Aws => Named(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT"),
            NoticeProvider.Gcp => Named(environment, "GCE_METADATA_HOST") is { } host ? $"http://{host}" : null,
            _ => null,
        }
        // By number: no name server takes part.
        ?? "http://169.254.169.254";

    private static string? Named(IReadOnlyDictionary<string, string> environment, string name) =>
        environment.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;
}

/// <summary>Who rents out machines that can be taken back.</summary>
public enum NoticeProvider
{
    Aws,
    Gcp,
    Azure,
}

/// <summary>Whose machine this is, by what its firmware says.</summary>
internal static class Dmi
{
    // Hyper-V has the same vendor everywhere; this tag is Azure's own.
    private const string AzureTag = "7783-7084-3265-9085-8269-3286-77";

    public static NoticeProvider? Provider() => Text("sys_vendor") is { Length: > 0 } vendor
        ? Of(vendor, Text("product_name"), Text("bios_version"), Text("chassis_asset_tag"))
        : null;

    public static NoticeProvider? Of(string vendor, string product, string bios, string tag) => vendor switch
    {
        "Amazon EC2" => NoticeProvider.Aws,
        "Xen" when bios.Contains("amazon", StringComparison.OrdinalIgnoreCase) => NoticeProvider.Aws,
        "Google" when product == "Google Compute Engine" => NoticeProvider.Gcp,
        "Microsoft Corporation" when tag == AzureTag => NoticeProvider.Azure,
        _ => null,
    };

    // A machine without firmware tables, or one that hides them, is nobody's.
    private static string Text(string name) =>
        KernelFile.TryRead($"/sys/class/dmi/id/{name}") is { } bytes ? Encoding.UTF8.GetString(bytes).Trim() : "";
}
