using Xunit;

namespace Pawl.Tests.Crash;

/// <summary>Bytes that changed behind the program's back.</summary>
[Trait("Category", "Slow")]
public sealed class DamagedTests
{
    [Fact]
    public async Task A_flipped_byte_is_named_by_get_and_resume_and_nothing_is_started()
    {
        await using var place = new Place(Manifests.Chain(), "a", "c", "d");
        var engine = place.Start("run", place.Manifest);
        await place.UntilBegan("b");
        Place.Kill(place.Processes());
        await place.EndsAsync(engine, PawlProcess.Killed);
        Flip(place.Artifact("crash.a", "out"));

        Assert.Contains("artifact out of crash.a", await place.DoAsync(1, "get", "@latest"), StringComparison.Ordinal);
        Assert.Contains("artifact out of crash.a", await place.DoAsync(1, "resume", "@latest"), StringComparison.Ordinal);
        Assert.Equal(["a", "b"], place.Ledger().Select(b => b.Step));

        Flip(place.Artifact("crash.a", "out"));
        place.Open("b");
        await place.DoAsync(0, "resume", "@latest");
        Assert.Equal(["a", "b", "b", "c", "d"], place.Ledger().Select(b => b.Step));
        await place.NothingIsLeftAsync();
    }

    [Fact]
    public async Task No_step_consumes_a_flipped_byte()
    {
        await using var place = new Place(Manifests.Dag("", "", ("a", ""), ("b", "a"), ("c", "a b")), "a", "c");
        var engine = place.Start("run", place.Manifest);
        await place.UntilBegan("b");
        Flip(place.Artifact("crash.a", "out"));
        place.Open("b");

        await place.EndsAsync(engine, 1);
        Assert.Contains("SHA-256", engine.Printed, StringComparison.Ordinal);
        Assert.Empty(place.Ledger("c"));
        await place.NothingIsLeftAsync();
    }

    [Fact]
    public async Task The_list_of_runs_needs_no_index()
    {
        await using var place = new Place(Manifests.Chain(), "a", "b", "c", "d");
        await place.DoAsync(0, "run", place.Manifest, "--name", "first");
        await place.DoAsync(0, "run", place.Manifest, "--name", "second");
        var index = $"{place.Home}/pawl.db";
        const string Both = "second\nfirst";
        Assert.Equal(Both, (await place.DoAsync(0, "list", "-o", "name")).Trim());

        File.Delete(index);
        Assert.Equal(Both, (await place.DoAsync(0, "list", "-o", "name")).Trim());
        await File.WriteAllTextAsync(index, string.Concat(Enumerable.Repeat("garbage ", 10_000)));
        Assert.EndsWith(Both, (await place.DoAsync(0, "list", "-o", "name")).Trim(), StringComparison.Ordinal);
        Assert.Equal(Both, (await place.DoAsync(0, "list", "-o", "name")).Trim());
        Directory.Delete($"{place.Home}/cache", recursive: true);
        Assert.Contains("Succeeded", await place.DoAsync(0, "get", "first"), StringComparison.Ordinal);
    }

    private static void Flip(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        var first = file.ReadByte();
        file.Position = 0;
        file.WriteByte((byte)(first ^ 1));
    }
}
