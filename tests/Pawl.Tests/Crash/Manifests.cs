using System.Globalization;
using System.Text;

namespace Pawl.Tests.Crash;

/// <summary>Manifests whose steps keep the ledger of a <see cref="Place"/>.</summary>
internal static class Manifests
{
    // Told apart by its environment, which a zombie does not have: nobody may reap it here.
    private const string Begin = """
        for pid in $(awk -v s=STEP '$1 == s { print $4 }' $PLACE/ledger; cat $PLACE/daemons); do
          [ -z "$(tr -d '\0' < /proc/$pid/environ)" ] || echo "STEP#$PAWL_ATTEMPT found process $pid of an earlier try" >> $PLACE/overlap
        done 2> /dev/null
        echo "STEP $PAWL_NODE $PAWL_ATTEMPT $$" >> $PLACE/ledger
        """;

    private const string End = """
        while [ ! -e $PLACE/go/STEP ]; do sleep 0.05; done
        { [ ! -e in ] || cat in; echo STEP; } > out
        """;

    /// <summary>Four steps, each fed by the one before.</summary>
    /// <param name="body">What each step does between its line in the ledger and its wait.</param>
    /// <param name="retry">The retryStrategy of the steps; none where empty.</param>
    public static string Chain(string body = "", string retry = "") =>
        Dag(body, retry, ("a", ""), ("b", "a"), ("c", "b"), ("d", "c"));

    /// <summary>A gate between two steps.</summary>
    public static string Gate() => Dag("", "", ("a", ""), ("gate", "a"), ("b", "a gate"));

    /// <param name="tasks">Name, and what it depends on; a step gets the output of the first of these.</param>
    public static string Dag(string body, string retry, params (string Name, string Needs)[] tasks)
    {
        var text = new StringBuilder("""
            apiVersion: argoproj.io/v1alpha1
            kind: Workflow
            metadata: {name: crash}
            spec:
              entrypoint: main
              templates:
                - {name: gate, suspend: {}}
                - name: main
                  dag:
                    tasks:

            """);
        foreach (var (name, needs) in tasks)
        {
            text.Append(CultureInfo.InvariantCulture, $"          - {{name: {name}, template: {name}, dependencies: [{needs.Replace(" ", ", ", StringComparison.Ordinal)}]");
            if (needs.Length > 0 && name != "gate")
            {
                text.Append(CultureInfo.InvariantCulture, $", arguments: {{artifacts: [{{name: in, from: \"{{{{tasks.{needs.Split(' ')[0]}.outputs.artifacts.out}}}}\"}}]}}");
            }
            text.AppendLine("}");
        }
        foreach (var (name, needs) in tasks.Where(t => t.Name != "gate"))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"    - name: {name}");
            if (needs.Length > 0) { text.AppendLine("      inputs: {artifacts: [{name: in, path: in}]}"); }
            if (retry.Length > 0) { text.AppendLine(CultureInfo.InvariantCulture, $"      retryStrategy: {retry}"); }
            text.AppendLine("""
                      outputs: {artifacts: [{name: out, path: out}]}
                      script:
                        image: none
                        command: [sh]
                        source: |
                """);
            foreach (var line in string.Join('\n', Begin, body, End).Replace("STEP", name, StringComparison.Ordinal).Split('\n'))
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"          {line}");
            }
        }
        return text.ToString();
    }
}
