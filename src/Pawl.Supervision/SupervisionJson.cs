using Pawl.Core.Attempts;
using Pawl.Storage.Json;
using Pawl.Supervision.Processes;

namespace Pawl.Supervision;

/// <summary>How the files of an attempt are written: camelCase, enums by name, nothing left out. The spec is in a file of its own.</summary>
internal static partial class SupervisionJson
{
    private const int CurrentSchema = 1;

    private static readonly string[] StopKinds = [nameof(StopKind.Terminate), nameof(StopKind.Kill)];
    private static readonly string[] StopReasons = [nameof(StopReason.Preemption), nameof(StopReason.Shutdown)];

    public static byte[] Write(Outcome outcome) => JsonWriting.Object(indented: true, json => OutcomeJson.Write(json, outcome));

    public static byte[] Write(StopRequest request) => JsonWriting.Object(indented: true, json =>
    {
        json.WriteString("kind", StopKinds[(int)request.Kind]);
        json.WriteString("reason", StopReasons[(int)request.Reason]);
        json.WriteString("message", request.Message);
        json.Write("deadline", request.Deadline);
    });

    public static StopRequest ReadStop(JsonFields json) => new(
        (StopKind)json.Choice("kind", StopKinds), (StopReason)json.Choice("reason", StopReasons), json.Text("message"), json.TimeOrNull("deadline"));

    public static byte[] Write(BorrowedPaths borrowed) => JsonWriting.Object(indented: true, json =>
    {
        json.WriteNumber("schema", borrowed.Schema);
        json.Write("paths", borrowed.Paths, (path, p) =>
        {
            path.WriteString("path", p.Path);
            path.WriteBoolean("existed", p.Existed);
        });
    });

    public static BorrowedPaths ReadBorrowed(JsonFields json) =>
        new(json.Schema(CurrentSchema), json.All("paths", path => new BorrowedPath(path.Text("path"), path.Flag("existed"))));

    public static byte[] Write(ContainerRecord container) => JsonWriting.Object(indented: true, json =>
    {
        json.WriteNumber("schema", container.Schema);
        json.WriteString("token", container.Token);
        json.Write("folders", container.Folders);
    });

    public static ContainerRecord ReadContainer(JsonFields json) => new(json.Schema(CurrentSchema), json.Text("token"), json.Texts("folders"));
}
