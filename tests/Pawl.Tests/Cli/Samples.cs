namespace Pawl.Tests.Cli;

/// <summary>Small manifests whose steps need nothing but a shell.</summary>
internal static class Samples
{
    private const string Head = """
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        metadata: {generateName: w-}
        spec:
          entrypoint: main

        """;

    public const string Steps = Head + """
          templates:
            - name: main
              steps:
                - - {name: prepare, template: say}
                - - {name: left, template: say}
                  - {name: right, template: say}
                - - {name: last, template: say}
            - name: say
              container: {image: busybox, command: [echo, hello]}
        """;

    public const string Dag = Head + """
          onExit: say
          templates:
            - name: main
              dag:
                tasks:
                  - {name: a, template: say}
                  - {name: b, template: again, dependencies: [a]}
                  - {name: c, template: say, dependencies: [a]}
                  - {name: d, template: say, dependencies: [b, c]}
            - name: again
              retryStrategy: {limit: 2}
              container: {image: busybox, command: [echo, hello]}
            - name: say
              container: {image: busybox, command: [echo, hello]}
        """;

    public const string Gate = Head + """
          templates:
            - name: main
              steps:
                - - {name: prepare, template: say}
                - - {name: approve, template: approve}
                - - {name: release, template: say}
            - name: approve
              suspend: {}
            - name: say
              container: {image: busybox, command: [echo, hello]}
        """;

    public static string Step(string script, string more = "") => Head + $"""
          templates:
            - name: main
              {more}
              script:
                image: busybox
                command: [sh]
                source: |
                  {script.Replace("\n", "\n              ", StringComparison.Ordinal)}
        """;
}
