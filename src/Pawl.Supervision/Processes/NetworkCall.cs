using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Pawl.Core.Workflows;

namespace Pawl.Supervision.Processes;

/// <summary>Hooks and probes that ask a container over the network. By hand: an HTTP client is too much to start for one status line.</summary>
internal static class NetworkCall
{
    private const int LongestLine = 4096;

    /// <param name="address">Of the container, where the action names no host.</param>
    /// <returns>Null of a success; else what went wrong.</returns>
    public static async ValueTask<string?> MakeAsync(ContainerAction action, string address, CancellationToken stop)
    {
        var (host, port) = action switch
        {
            ContainerAction.HttpGet get => (get.Host ?? address, get.Port),
            ContainerAction.TcpSocket socket => (socket.Host ?? address, socket.Port),
            _ => throw new ArgumentException($"{action.GetType().Name} is nothing to ask over the network", nameof(action)),
        };
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, stop);
            if (action is not ContainerAction.HttpGet request) { return null; }
            await using var stream = request.Tls ? await SecureAsync(client, host, stop) : client.GetStream();
            await stream.WriteAsync(Encoding.UTF8.GetBytes(Request(request, host)), stop);
            return Judge(await FirstLineAsync(stream, stop));
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            return $"{host}:{port}: {e.Message}";
        }
    }

    private static async Task<Stream> SecureAsync(TcpClient client, string host, CancellationToken stop)
    {
        // As in Kubernetes nobody looks at the certificate: a probe asks whether there is an answer, not whose.
#pragma warning disable CA5359
        var secure = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore CA5359
        await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host }, stop);
        return secure;
    }

    private static string Request(ContainerAction.HttpGet request, string host)
    {
        var path = request.Path.StartsWith('/') ? request.Path : $"/{request.Path}";
        var own = request.Headers.FirstOrDefault(h => h.Name.Equals("Host", StringComparison.OrdinalIgnoreCase))?.Value;
        var text = new StringBuilder($"GET {OneLine(path)} HTTP/1.1\r\nHost: {OneLine(own ?? $"{host}:{request.Port}")}\r\nConnection: close\r\nUser-Agent: pawl\r\n");
        foreach (var header in request.Headers.Where(h => !h.Name.Equals("Host", StringComparison.OrdinalIgnoreCase)))
        {
            text.Append(OneLine(header.Name)).Append(": ").Append(OneLine(header.Value)).Append("\r\n");
        }
        return text.Append("\r\n").ToString();
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private static async Task<string> FirstLineAsync(Stream stream, CancellationToken stop)
    {
        var line = new byte[LongestLine];
        var length = 0;
        while (length < line.Length && !line.AsSpan(0, length).Contains((byte)'\n'))
        {
            var read = await stream.ReadAsync(line.AsMemory(length), stop);
            if (read == 0) { break; }
            length += read;
        }
        var end = line.AsSpan(0, length).IndexOf((byte)'\n');
        return Encoding.ASCII.GetString(line, 0, end < 0 ? length : end).TrimEnd('\r');
    }

    // HTTP/1.1 200 OK
    private static string? Judge(string line) => line.Split(' ') is [var version, var code, ..] && version.StartsWith("HTTP/", StringComparison.Ordinal)
        && int.TryParse(code, out var number)
            ? number is >= 200 and < 400 ? null : $"the answer was {number}"
            : $"the answer was no HTTP: {line}";
}
