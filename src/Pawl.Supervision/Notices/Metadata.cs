using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pawl.Supervision.Notices;

/// <summary>Asks the metadata service of a provider: no proxy, no redirects, short answers, little patience.</summary>
internal sealed class Metadata : IDisposable
{
    private const int MostBytes = 64 << 10;

    private readonly string _url;
    private readonly HttpClient _client;

    public Metadata(string url)
    {
        _url = url;
        // A proxy would ask the metadata service of its own machine.
        _client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = Patience,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            ActivityHeadersPropagator = null,
        })
        { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>What a service on the same machine may take.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(2);

    /// <param name="path">From the first slash on.</param>
    /// <exception cref="MetadataException">No answer came in time, or it is longer than 64 KiB.</exception>
    public async Task<MetadataAnswer> AskAsync(HttpMethod method, string path, TimeSpan patience, CancellationToken stop, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, _url + path);
        foreach (var (name, value) in headers) { request.Headers.TryAddWithoutValidation(name, value); }
        using var late = CancellationTokenSource.CreateLinkedTokenSource(stop);
        late.CancelAfter(patience);
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, late.Token);
            var etag = response.Headers.TryGetValues("ETag", out var tags) ? tags.FirstOrDefault() : null;
            return new MetadataAnswer(response.StatusCode, await TextAsync(response, path, late.Token), etag);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or UriFormatException or InvalidOperationException or NotSupportedException)
        {
            throw new MetadataException($"{_url}{path}: {e.Message}");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new MetadataException($"{_url}{path}: no answer within {patience.TotalSeconds} s");
        }
    }

    /// <exception cref="MetadataException">It did not answer with 200.</exception>
    public async Task<string> ReadAsync(string path, CancellationToken stop, params (string Name, string Value)[] headers) =>
        Good(path, await AskAsync(HttpMethod.Get, path, Patience, stop, headers)).Text;

    /// <exception cref="MetadataException">The answer is not 200.</exception>
    public MetadataAnswer Good(string path, MetadataAnswer answer) =>
        answer.Status == HttpStatusCode.OK ? answer : throw new MetadataException($"{_url}{path}: answered {(int)answer.Status}");

    public void Dispose() => _client.Dispose();

    private async Task<string> TextAsync(HttpResponseMessage response, string path, CancellationToken stop)
    {
        await using var body = await response.Content.ReadAsStreamAsync(stop);
        var bytes = new byte[MostBytes + 1];
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, stop);
        return length <= MostBytes
            ? Encoding.UTF8.GetString(bytes, 0, length)
            : throw new MetadataException($"{_url}{path}: the answer is longer than {MostBytes} bytes");
    }
}

internal sealed record MetadataAnswer(HttpStatusCode Status, string Text, string? ETag);
