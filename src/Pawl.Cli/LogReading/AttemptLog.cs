using System.Text;
using Pawl.Core.Attempts;
using Pawl.Storage.Files;
using Pawl.Supervision;
using Pawl.Supervision.Logs;

namespace Pawl.Cli.LogReading;

/// <summary>A line of a log as it is shown: parts that the supervisor had to break are one again.</summary>
/// <param name="Name">The node's display name.</param>
public sealed record ShownLine(DateTimeOffset At, string Name, string Node, int Attempt, string Stream, string Text);

/// <summary>Reads the log of one attempt from where it was left, through rotations.</summary>
/// <param name="folder">The attempt's; neither it nor the log need exist yet.</param>
/// <param name="container">Whose log it is, of a step with several.</param>
public sealed class AttemptLog(IDisk disk, string folder, string name, string node, int attempt, string container = AttemptSpec.Main) : IAsyncDisposable
{
    private const int Rotated = 4;
    private const int LongestLine = 1 << 20;

    private readonly string _path = AttemptFiles.LogOf(folder, container);
    private readonly byte[] _buffer = new byte[64 << 10];
    private readonly MemoryStream _line = new();
    private readonly Dictionary<string, StringBuilder> _parts = [];
    private IDiskFile? _file;
    private long _inode;
    private long _offset;

    public string Folder { get; } = folder;

    /// <summary>What was written since the last call, oldest first; a torn line at the end is left for the next.</summary>
    public async IAsyncEnumerable<ShownLine> ReadAsync()
    {
        while (true)
        {
            if (_file is not null)
            {
                while (await _file.ReadAsync(_buffer, _offset) is > 0 and var read)
                {
                    _offset += read;
                    foreach (var line in Split(read)) { yield return line; }
                }
            }
            if (await NextAsync() is not { } next) { yield break; }
            if (_file is not null) { await _file.DisposeAsync(); }
            (_file, _offset) = (next, 0);
            _inode = (await next.FactsAsync()).Inode;
            _line.SetLength(0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_file is not null) { await _file.DisposeAsync(); }
        await _line.DisposeAsync();
    }

    // The file after the current one: rotation renames, so the current one is found again by its inode, wherever it went.
    private async ValueTask<IDiskFile?> NextAsync()
    {
        IDiskFile? newer = null;
        for (var i = 0; i <= Rotated; i++)
        {
            if (await disk.OpenReadAsync(i == 0 ? _path : FormattableString.Invariant($"{_path}.{i}")) is not { } file) { continue; }
            if (_file is not null && (await file.FactsAsync()).Inode == _inode)
            {
                await file.DisposeAsync();
                return newer;
            }
            if (newer is not null) { await newer.DisposeAsync(); }
            newer = file;
        }
        return newer;
    }

    private IEnumerable<ShownLine> Split(int read)
    {
        for (var at = 0; at < read;)
        {
            var end = Array.IndexOf(_buffer, (byte)'\n', at, read - at);
            _line.Write(_buffer, at, (end < 0 ? read : end) - at);
            if (end < 0) { yield break; }
            at = end + 1;
            var text = Encoding.UTF8.GetString(_line.GetBuffer(), 0, (int)_line.Length);
            _line.SetLength(0);
            if (LogLine.TryParse(text, out var line) && Whole(line) is { } whole) { yield return whole; }
        }
    }

    private ShownLine? Whole(LogLine line)
    {
        if (!_parts.TryGetValue(line.Stream, out var parts)) { _parts[line.Stream] = parts = new StringBuilder(); }
        parts.Append(line.Text);
        if (line.Partial && parts.Length < LongestLine) { return null; }
        var text = parts.ToString();
        parts.Clear();
        return new ShownLine(line.At, name, node, attempt, line.Stream, text);
    }
}
