using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Pawl.Core.Workflows;

namespace Pawl.Supervision.Remote;

/// <summary>Other machines by HTTP, and repositories by the git program of this one.</summary>
public sealed class HttpRemote : IRemote
{
    private const int Block = 128 << 10;

    public async ValueTask GetAsync(RemoteFile from, string path, CancellationToken stop)
    {
        using var client = Client(anyCertificate: false, timeout: null);
        using var request = Request(HttpMethod.Get, from.Url, from.Headers, from.Credentials);
        using var answer = await AnswerAsync(client, request, stop);
        if (!answer.IsSuccessStatusCode) { throw Refused(request, answer); }
        try
        {
            await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, Block);
            await answer.Content.CopyToAsync(file, stop);
        }
        catch (HttpRequestException e) { throw new IOException($"{request.RequestUri}: broke off: {e.Message}", e); }
    }

    public async ValueTask PutAsync(RemoteFile to, string path, CancellationToken stop)
    {
        using var client = Client(anyCertificate: false, timeout: null);
        using var request = Request(HttpMethod.Put, to.Url, to.Headers, to.Credentials);
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, Block);
        request.Content = new StreamContent(file);
        Complete(request.Content.Headers, to.Headers);
        using var answer = await AnswerAsync(client, request, stop);
        if (!answer.IsSuccessStatusCode) { throw Refused(request, answer); }
    }

    public ValueTask CloneAsync(ArtifactLocation.Git from, Credentials credentials, string path, CancellationToken stop) =>
        GitClone.RunAsync(from, credentials, path, stop);

    public async ValueTask<HttpAnswer> CallAsync(HttpCall call, ImmutableArray<EnvVar> headers, CancellationToken stop)
    {
        using var client = Client(call.AnyCertificate, call.Timeout);
        using var request = Request(new HttpMethod(call.Method), call.Url, headers, Credentials.None);
        if (call.Body is { } body)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            Complete(request.Content.Headers, headers);
        }
        using var answer = await AnswerAsync(client, request, stop);
        return new HttpAnswer(
            (int)answer.StatusCode,
            [.. answer.Headers.Concat(answer.Content.Headers).Select(h => (h.Key, h.Value.ToImmutableArray()))],
            await BodyAsync(answer, request, stop));
    }

    private static async ValueTask<byte[]> BodyAsync(HttpResponseMessage answer, HttpRequestMessage request, CancellationToken stop)
    {
        try
        {
            await using var content = await answer.Content.ReadAsStreamAsync(stop);
            var bytes = new byte[HttpAnswer.MostBytes];
            return bytes[..await content.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, stop)];
        }
        catch (HttpRequestException e) { throw new IOException($"{request.RequestUri}: broke off: {e.Message}", e); }
    }

    private static HttpClient Client(bool anyCertificate, TimeSpan? timeout)
    {
        var handler = new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None, UseCookies = false };
#pragma warning disable CA5359 // The manifest asks for it: insecureSkipVerify.
        if (anyCertificate) { handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true; }
#pragma warning restore CA5359
        return new HttpClient(handler) { Timeout = timeout ?? Timeout.InfiniteTimeSpan };
    }

    private static HttpRequestMessage Request(HttpMethod method, string url, ImmutableArray<EnvVar> headers, Credentials credentials)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new IOException($"'{url}' is no address of HTTP; write http:// or https:// before it");
        }
        var request = new HttpRequestMessage(method, uri);
        foreach (var header in headers) { _ = request.Headers.TryAddWithoutValidation(header.Name, header.Value); }
        if (credentials.User is not null || credentials.Password is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Basic(credentials));
        }
        return request;
    }

    internal static string Basic(Credentials credentials) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credentials.User}:{credentials.Password}"));

    // Headers that belong to the body, such as Content-Type, are not taken among those of the request.
    private static void Complete(HttpContentHeaders content, ImmutableArray<EnvVar> headers)
    {
        foreach (var header in headers.Where(h => h.Name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase))) { _ = content.TryAddWithoutValidation(header.Name, header.Value); }
    }

    private static async ValueTask<HttpResponseMessage> AnswerAsync(HttpClient client, HttpRequestMessage request, CancellationToken stop)
    {
        try
        {
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        }
        catch (HttpRequestException e) { throw new IOException($"{request.Method} {request.RequestUri}: {e.Message}", e); }
        catch (TaskCanceledException e) when (!stop.IsCancellationRequested) { throw new IOException($"{request.Method} {request.RequestUri}: no answer within {client.Timeout.TotalSeconds} s", e); }
    }

    private static IOException Refused(HttpRequestMessage request, HttpResponseMessage answer) =>
        new($"{request.Method} {request.RequestUri}: answered {(int)answer.StatusCode} {answer.ReasonPhrase}");
}
