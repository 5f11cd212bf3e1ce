using System.Collections.Immutable;
using Pawl.Core.Preemption;
using Pawl.Storage.Json;

namespace Pawl.Supervision.Notices;

/// <summary>The file <c>notice.json</c>: what the one watcher of a machine says to all others.</summary>
internal static class NoticeJson
{
    private const int CurrentSchema = 1;

    private static readonly string[] Kinds = [nameof(NoticeKind.Leaving), nameof(NoticeKind.Hint)];

    /// <param name="boot">Of the kernel on which they were heard; after a reboot they mean nothing.</param>
    public static byte[] Write(string boot, ImmutableArray<Notice> notices) => JsonWriting.Object(indented: true, json =>
    {
        json.WriteNumber("schema", CurrentSchema);
        json.WriteString("boot", boot);
        json.Write("notices", notices, (notice, n) =>
        {
            notice.WriteString("id", n.Id);
            notice.WriteString("source", n.Source);
            notice.WriteString("kind", Kinds[(int)n.Kind]);
            notice.Write("deadline", n.Deadline);
            notice.WriteString("message", n.Message);
        });
    });

    /// <exception cref="System.Text.Json.JsonException">It is none, or of a newer pawl.</exception>
    public static ImmutableArray<Notice> Read(ReadOnlySpan<byte> bytes, string boot)
    {
        var json = JsonFields.Parse(bytes);
        json.Schema(CurrentSchema);
        return json.Text("boot") != boot ? [] : json.All("notices", n => new Notice(
            n.Text("id"), n.Text("source"), (NoticeKind)n.Choice("kind", Kinds), n.TimeOrNull("deadline"), n.Text("message")));
    }
}
