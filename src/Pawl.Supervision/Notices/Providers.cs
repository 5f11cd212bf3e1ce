using System.Collections.Immutable;
using Pawl.Core.Preemption;

namespace Pawl.Supervision.Notices;

/// <summary>What a provider said.</summary>
/// <param name="Problem">Of a part that could not be asked; null where all went well.</param>
internal sealed record ProviderAnswer(ImmutableArray<Notice> Notices, string? Problem = null);

/// <summary>One provider's protocol.</summary>
internal interface IProvider : IDisposable
{
    /// <summary>Between two questions.</summary>
    TimeSpan Pause { get; }

    /// <summary>Asks once; may wait for a change.</summary>
    /// <exception cref="MetadataException">There was no answer that can be used; what was said before stands.</exception>
    Task<ProviderAnswer> AskAsync(CancellationToken stop);
}

internal static class Providers
{
    public static TimeSpan LongestBackoff { get; } = TimeSpan.FromSeconds(30);

    // Made late: nothing before this call needs the network's libraries.
    public static IProvider Of(NoticeProvider provider, string url, TimeProvider clock) => provider switch
    {
        NoticeProvider.Aws => new AwsNotices(new Metadata(url), clock),
        NoticeProvider.Gcp => new GcpNotices(new Metadata(url), clock),
        NoticeProvider.Azure => new AzureNotices(new Metadata(url), clock),
        _ => throw new System.Diagnostics.UnreachableException($"{provider} is not handled"),
    };
}

/// <summary>A provider's endpoint gave no answer, or none that can be used.</summary>
internal sealed class MetadataException(string message) : Exception(message);
