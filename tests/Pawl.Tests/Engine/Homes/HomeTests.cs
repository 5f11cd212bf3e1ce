using Pawl.Core.Workflows;
using Pawl.Engine.Homes;
using Xunit;

namespace Pawl.Tests.Engine.Homes;

public sealed class HomeTests : Scratch
{
    private const uint Root = 0;

    [Theory]
    [InlineData("named", "variable", "project/deep", "named")]          // the option wins
    [InlineData("../named", null, "project/deep", "project/named")]     // from the working folder
    [InlineData(null, "variable", "project/deep", "variable")]
    [InlineData("", "", "project/deep", "project/.pawl")]               // empty is not named; upwards like .git
    [InlineData(null, null, "project", "project/.pawl")]
    [InlineData(null, null, "project/deep/own", "project/deep/own/.pawl")]
    public void The_home_is_the_named_one_or_the_nearest_upwards(string? option, string? variable, string from, string expected)
    {
        Directory.CreateDirectory(At("project/.pawl"));
        Directory.CreateDirectory(At("project/deep/own/.pawl"));
        if (option == "named") { option = At(option); }
        if (variable == "variable") { variable = At(variable); }

        Assert.Equal(At(expected), HomeSearch.Find(option, variable, At(from), Users.Own).Folder);
    }

    [Fact]
    public void Without_any_a_run_makes_one_in_the_working_folder()
    {
        Directory.CreateDirectory(At("project"));
        var place = HomeSearch.Find(null, null, At("project"), Users.Own);
        Assert.Equal(At("project/.pawl"), place.Folder);
        Assert.False(place.Exists);
    }

    [Fact]
    public void A_home_of_somebody_else_is_used_only_when_named()
    {
        Directory.CreateDirectory(At("shared/.pawl"));
        Directory.CreateDirectory(At("shared/mine"));
        var stranger = Users.Own + 1;

        var e = Assert.Throws<HomeException>(() => HomeSearch.Find(null, null, At("shared/mine"), stranger));
        Assert.Contains($"Name it with --home {At("shared/.pawl")}", e.Message, StringComparison.Ordinal);
        Assert.True(HomeSearch.Find(At("shared/.pawl"), null, At("shared/mine"), stranger).Exists);
        Assert.True(HomeSearch.Find(null, null, At("shared/mine"), Root).Exists);
    }

    [Fact]
    public void A_file_is_no_home()
    {
        File.WriteAllText(At("file"), "");
        Assert.Throws<HomeException>(() => HomeSearch.Find(At("file"), null, Folder, Users.Own));
    }

    [Fact]
    public async Task A_home_is_made_once_and_keeps_its_layout()
    {
        var home = await Home.MakeAsync(Disk, At(".pawl"), "a");
        await Home.MakeAsync(Disk, At(".pawl"), "b");

        Assert.Equal("""{"schema":1}""", await File.ReadAllTextAsync(At(".pawl/home.json")));
        Assert.Equal(["home.json", "runs"], Directory.GetFileSystemEntries(home.Folder).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("""{"schema":2}""", "has layout 2; this pawl reads up to 1")]
    [InlineData("""{"schema":""", "does not say the home's layout")]
    [InlineData("", "does not say the home's layout")]
    public async Task A_newer_or_unreadable_layout_is_refused(string json, string message)
    {
        Directory.CreateDirectory(At(".pawl"));
        await File.WriteAllTextAsync(At(".pawl/home.json"), json);

        var e = await Assert.ThrowsAsync<HomeException>(() => Home.MakeAsync(Disk, At(".pawl"), "a").AsTask());
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("w.train", "w.train", 3, "3")]
    [InlineData("w.train", "w.train(0)", 1, "0-1")]
    [InlineData("w.train(2)", "w.train(2)(10)", 4, "10-4")]      // the step's own name may end like a retry
    public void An_attempt_has_a_folder_below_its_step(string step, string node, int attempt, string expected)
    {
        var run = new Home("/h").Run("u1");
        Assert.Equal($"/h/runs/u1/{Names.Folder(step)}/{expected}", run.AttemptFolder(step, new AttemptId(new NodeId(node), attempt)));
    }

    [Theory]
    [InlineData("w.train", "w.other")]
    [InlineData("w.train", "w.train(x)")]
    [InlineData("w.train", "w.train()")]
    [InlineData("w.train", "w.train(0)(1)")]
    public void An_attempt_of_another_step_has_no_folder_there(string step, string node) =>
        Assert.Throws<ArgumentException>(() => new Home("/h").Run("u1").AttemptFolder(step, new AttemptId(new NodeId(node), 1)));

    [Theory]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("-a")]
    public void What_is_no_uid_names_no_folder(string uid) => Assert.Throws<ArgumentException>(() => new Home("/h").Run(uid));
}
