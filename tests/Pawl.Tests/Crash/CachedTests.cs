using Xunit;

namespace Pawl.Tests.Crash;

/// <summary>An engine that dies around the moment at which outputs are kept for later runs.</summary>
[Trait("Category", "Slow")]
public sealed class CachedTests
{
    private const string Manifest = """
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        metadata: {generateName: c-}
        spec:
          entrypoint: main
          templates:
            - name: main
              metadata: {annotations: {pawl.dev/cache: auto}}
              script:
                image: busybox
                command: [sh]
                source: |
                  echo once >> $PLACE/made
                  echo made > out
              outputs: {artifacts: [{name: out, path: out}]}
        """;

    [Theory]
    [InlineData("engine:before:link:/.tmp/:1")]
    [InlineData("engine:before:rename:/memo/artifacts/:1")]
    [InlineData("engine:after:rename:/memo/artifacts/:1")]
    [InlineData("engine:before:rename:/memo/content/:1")]
    [InlineData("engine:after:rename:/memo/content/:1")]
    public async Task The_step_is_not_run_again_and_its_outputs_are_kept(string crash)
    {
        await using var place = new Place(Manifest);
        var engine = place.StartCrashing(crash, "run", place.Manifest);
        await place.EndsAsync(engine, PawlProcess.Killed);
        await place.DoAsync(0, "resume", "@latest");
        Assert.Equal(["once"], await File.ReadAllLinesAsync(Path.Combine(place.Folder, "made")));

        Assert.Contains("taken from the cache", await place.DoAsync(0, "run", place.Manifest) + await place.DoAsync(0, "get", "@latest"), StringComparison.Ordinal);
        Assert.Equal(["once"], await File.ReadAllLinesAsync(Path.Combine(place.Folder, "made")));
        await place.NothingIsLeftAsync();
    }
}
