using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Pawl.Core.Workflows;
using Pawl.Supervision.Remote;
using Xunit;

namespace Pawl.Tests.Supervision.Remote;

public sealed class HttpRemoteTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pawl-remote-").FullName;
    private readonly HttpRemote _remote = new();

    [Fact]
    public async Task A_body_is_fetched_with_headers_and_credentials()
    {
        using var server = Server(out var url, async context =>
        {
            var request = context.Request;
            await AnswerAsync(context, 200, $"{request.HttpMethod} {request.Headers["X-One"]} {request.Headers["Authorization"]}");
        });

        await _remote.GetAsync(new RemoteFile(url, [new EnvVar("X-One", "1")], new Credentials("me", "secret", null)), Path.Join(_folder, "got"), default);

        Assert.Equal("GET 1 Basic " + Convert.ToBase64String("me:secret"u8), File.ReadAllText(Path.Join(_folder, "got")));
    }

    [Fact]
    public async Task A_file_is_sent_with_PUT()
    {
        var got = "";
        using var server = Server(out var url, async context =>
        {
            got = context.Request.HttpMethod + " " + await new StreamReader(context.Request.InputStream).ReadToEndAsync();
            await AnswerAsync(context, 201, "");
        });
        File.WriteAllText(Path.Join(_folder, "file"), "text");

        await _remote.PutAsync(new RemoteFile(url, [], Credentials.None), Path.Join(_folder, "file"), default);

        Assert.Equal("PUT text", got);
    }

    [Fact]
    public async Task What_is_not_there_is_named_with_the_answer()
    {
        using var server = Server(out var url, context => AnswerAsync(context, 404, "no"));

        var thrown = await Assert.ThrowsAsync<IOException>(async () => await _remote.GetAsync(new RemoteFile(url, [], Credentials.None), Path.Join(_folder, "got"), default));

        Assert.Contains("answered 404", thrown.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Join(_folder, "got")));
    }

    [Fact]
    public async Task A_call_gets_status_headers_and_body_whatever_the_status()
    {
        using var server = Server(out var url, async context =>
        {
            context.Response.Headers["X-Answer"] = "42";
            await AnswerAsync(context, 418, context.Request.HttpMethod + " " + context.Request.ContentType + " " + await new StreamReader(context.Request.InputStream).ReadToEndAsync());
        });
        var call = new HttpCall("POST", url, [], "{}", TimeSpan.FromSeconds(30), false, null);

        var answer = await _remote.CallAsync(call, [new EnvVar("Content-Type", "application/json")], default);

        Assert.Equal(418, answer.Status);
        Assert.Equal("POST application/json {}", Encoding.UTF8.GetString(answer.Body));
        Assert.Contains(answer.Headers, h => h.Name == "X-Answer" && h.Values is ["42"]);
    }

    [Fact]
    public async Task Nobody_at_the_address_is_an_error_that_says_so() =>
        await Assert.ThrowsAsync<IOException>(async () =>
            await _remote.CallAsync(new HttpCall("GET", "http://127.0.0.1:1/", [], null, null, false, null), [], default));

    [Theory]
    [InlineData("main", "second")]
    [InlineData("v1", "first")]
    [InlineData(null, "second")]
    public async Task A_repository_is_cloned_at_its_revision(string? revision, string content)
    {
        var repo = Path.Join(_folder, "repo");
        Directory.CreateDirectory(repo);
        Git(repo, "init", "-q", "-b", "main");
        File.WriteAllText(Path.Join(repo, "file"), "first");
        Commit(repo);
        Git(repo, "tag", "v1");
        File.WriteAllText(Path.Join(repo, "file"), "second");
        Commit(repo);
        var to = Path.Join(_folder, "clone");

        await _remote.CloneAsync(Address(repo) with { Revision = revision }, Credentials.None, to, default);

        Assert.Equal(content, File.ReadAllText(Path.Join(to, "file")));
    }

    [Fact]
    public async Task A_repository_that_is_an_option_of_git_is_refused() =>
        await Assert.ThrowsAsync<IOException>(async () =>
            await _remote.CloneAsync(Address("--upload-pack=touch /tmp/x"), Credentials.None, Path.Join(_folder, "clone"), default));

    [Fact]
    public async Task What_git_says_is_in_the_error()
    {
        var thrown = await Assert.ThrowsAsync<IOException>(async () =>
            await _remote.CloneAsync(Address(Path.Join(_folder, "nothing")), Credentials.None, Path.Join(_folder, "clone"), default));

        Assert.Contains("git clone:", thrown.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ArtifactLocation.Git Address(string repo) => new(repo, null, null, null, false, true, [], null, null, null, false);

    private static void Commit(string repo)
    {
        Git(repo, "add", ".");
        Git(repo, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "m");
    }

    private static void Git(string repo, params string[] arguments)
    {
        using var git = Process.Start("git", ["-C", repo, .. arguments]);
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
    }

    private static HttpListener Server(out string url, Func<HttpListenerContext, Task> answer)
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        url = $"http://127.0.0.1:{((IPEndPoint)socket.LocalEndpoint).Port}/";
        socket.Stop();
        var listener = new HttpListener();
        listener.Prefixes.Add(url);
        listener.Start();
        _ = ServeAsync(listener, answer);
        return listener;
    }

    private static async Task ServeAsync(HttpListener listener, Func<HttpListenerContext, Task> answer) => await answer(await listener.GetContextAsync());

    private static async Task AnswerAsync(HttpListenerContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text));
        context.Response.Close();
    }
}
