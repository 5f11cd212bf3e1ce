using Pawl.Engine.Homes;
using Xunit;

namespace Pawl.Tests.Engine.Homes;

public sealed class RunNamesTests : Scratch
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<string, RunLabel> _journals = [];

    private Home Home => new(Folder);

    private RunNames Names => new(Disk, Home, run => new(_journals.GetValueOrDefault(run.Uid)), "n");

    [Theory]
    [InlineData("aaaa1111", "aaaa1111")]
    [InlineData("aaaa1", "aaaa1111")]
    [InlineData("AAAA1", "aaaa1111")]
    [InlineData("digits", "aaaa2222")]      // the newest of that name
    [InlineData("cccc3333", "cccc3333")]
    [InlineData("@latest", "cccc3333")]
    public async Task A_run_is_found_by_uid_start_of_uid_name_and_age(string text, string uid)
    {
        await Three();
        Assert.Equal(uid, Assert.IsType<RunLookup.Found>(await Names.ResolveAsync(text)).Run.Uid);
    }

    [Theory]
    [InlineData("aaaa", "'aaaa' is the start of 2 uids", "aaaa1111", "aaaa2222")]
    [InlineData("ccc", "There is no run 'ccc'", "cccc3333", "aaaa1111")]     // three letters are too few
    [InlineData("../x", "There is no run '../x'", "cccc3333", "aaaa1111")]
    public async Task Otherwise_the_candidates_are_listed(string text, string message, params string[] candidates)
    {
        await Three();
        var missing = Assert.IsType<RunLookup.Missing>(await Names.ResolveAsync(text)).Message;
        Assert.Contains(message, missing, StringComparison.Ordinal);
        Assert.All(candidates, c => Assert.Contains(c, missing, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_empty_home_says_how_to_start()
    {
        Assert.Contains("pawl run FILE", Assert.IsType<RunLookup.Missing>(await Names.ResolveAsync("@latest")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{\"uid\":\"other\",\"name\":\"x\"}")]
    public async Task A_lost_label_is_made_again_from_the_journal(string? left)
    {
        await Three();
        var label = Home.Run("aaaa1111").Label;
        if (left is null) { File.Delete(label); }
        else { await File.WriteAllTextAsync(label, left); }
        _journals["aaaa1111"] = new RunLabel("aaaa1111", "again", Noon, "w.yaml");

        Assert.Equal("aaaa1111", Assert.IsType<RunLookup.Found>(await Names.ResolveAsync("again")).Run.Uid);
        Assert.Contains("again", await File.ReadAllTextAsync(label), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_a_first_event_is_no_run()
    {
        Directory.CreateDirectory(Home.Run("dddd4444").Folder);
        Assert.Empty(await Names.AllAsync());
    }

    private async Task Three()
    {
        await Label("aaaa1111", "digits", 0);
        await Label("aaaa2222", "digits", 1);
        await Label("cccc3333", "other", 2);
    }

    private async Task Label(string uid, string name, int hours)
    {
        Directory.CreateDirectory(Home.Run(uid).Folder);
        await Names.LabelAsync(new RunLabel(uid, name, Noon.AddHours(hours), "w.yaml"));
    }
}
