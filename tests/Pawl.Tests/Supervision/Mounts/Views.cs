using Pawl.Supervision.Mounts;
using Pawl.Supervision.Processes;
using Xunit;

namespace Pawl.Tests.Supervision.Mounts;

/// <summary>Mount views of this machine, and this machine as if it had none.</summary>
internal static class Views
{
    /// <summary>As a machine without bubblewrap.</summary>
    public static Containment None => new(wholeProcess: false, Cgroups.Find(), offersViews: false);

    /// <summary>Skips the test, and says why, where bubblewrap is absent or does not work.</summary>
    public static void Require()
    {
        var why = Bubblewrap.WhyNot(new MountView("/", [], []));
        Assert.SkipUnless(why is null, $"no mount views on this machine: {why}");
    }

    /// <summary>A rig for steps in views, whose absolute paths are below <see cref="Scratch"/>.</summary>
    public static Rig Rig(Containment? containment = null)
    {
        Require();
        return new Rig(containment);
    }

    /// <summary>A path below /tmp that nobody else uses, and where nothing is.</summary>
    public static string Scratch() => $"/tmp/pawl-view-{Guid.NewGuid():N}";
}
