using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pawl.Tests.Supervision.Notices;

/// <param name="Target">Path and query.</param>
/// <param name="Headers">Names in lower case.</param>
internal sealed record Asked(string Method, string Target, IReadOnlyDictionary<string, string> Headers)
{
    public string? Header(string name) => Headers.GetValueOrDefault(name);
}

internal sealed record Said(int Status, string Body = "", string? ETag = null);

/// <summary>A metadata service on the loopback: answers as it is told, one question per connection, and keeps what was asked.</summary>
internal sealed class MetadataServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<Asked, CancellationToken, Task<Said>> _answer;
    private readonly Task _serving;

    public MetadataServer(Func<Asked, Said> answer) : this((asked, _) => Task.FromResult(answer(asked))) { }

    public MetadataServer(Func<Asked, CancellationToken, Task<Said>> answer)
    {
        _answer = answer;
        _listener.Start();
        _serving = Task.Run(ServeAsync);
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public ConcurrentQueue<Asked> Questions { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _serving;
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        var open = new List<Task>();
        while (!_end.IsCancellationRequested)
        {
            TcpClient client;
            try { client = await _listener.AcceptTcpClientAsync(_end.Token); }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException) { break; }
            open.Add(AnswerAsync(client));
        }
        await Task.WhenAll(open);
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await using var stream = client.GetStream();
                if (await ReadAsync(stream) is not { } asked) { return; }
                Questions.Enqueue(asked);
                var said = await _answer(asked, _end.Token);
                var body = Encoding.UTF8.GetBytes(said.Body);
                var head = string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {said.Status} Told\r\nContent-Length: {body.Length}\r\nConnection: close\r\n");
                if (said.ETag is { } etag) { head += $"ETag: {etag}\r\n"; }
                await stream.WriteAsync(Encoding.ASCII.GetBytes(head + "\r\n"), _end.Token);
                await stream.WriteAsync(body, _end.Token);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException) { }     // who asked has gone
        }
    }

    private async Task<Asked?> ReadAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        if (await reader.ReadLineAsync(_end.Token) is not { } first || first.Split(' ') is not [var method, var target, _]) { return null; }
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await reader.ReadLineAsync(_end.Token) is { Length: > 0 } line)
        {
            var at = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..at].ToLowerInvariant()] = line[(at + 1)..].Trim();
        }
        return new Asked(method, target, headers);
    }
}

/// <summary>The services of AWS as documented: tokens, and 404 where nothing is planned.</summary>
internal sealed class AwsService
{
    private const string Meta = "/latest/meta-data/";

    private int _tokens;

    public Said Action { get; set; } = new(404);

    public Said Rebalance { get; set; } = new(404);

    /// <summary>The token that is good; tokens given before it are not.</summary>
    public string Token => $"token-{_tokens}";

    public int Tokens => _tokens;

    public void ForgetTokens() => _tokens += 100;

    public Said Answer(Asked asked) => asked switch
    {
        { Method: "PUT", Target: "/latest/api/token" } => asked.Header("x-aws-ec2-metadata-token-ttl-seconds") is "3600" ? NewToken() : new Said(400),
        { Method: "GET" } when asked.Header("x-aws-ec2-metadata-token") != Token => new Said(401),
        { Method: "GET", Target: Meta + "spot/instance-action" } => Action,
        { Method: "GET", Target: Meta + "events/recommendations/rebalance" } => Rebalance,
        _ => new Said(405),
    };

    private Said NewToken()
    {
        _tokens++;
        return new Said(200, Token);
    }
}
