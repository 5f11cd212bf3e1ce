// A supervisor without the rest of the program: `supervise FOLDER [--lock-fd N]`, its home in PAWL_HOME.
// `adopt FOLDER COMMAND…` runs a command as on a machine without control groups, in a process of its own.
using System.Globalization;
using Pawl.Supervision;
using Pawl.Supervision.Processes;

if (args is ["adopt", var attempt, .. var command])
{
    var containment = new Containment(wholeProcess: true, new Cgroups(null, null, null));
    await using var process = await containment.StartAsync(new StepStart(
        attempt, attempt, [.. command], [new("PATH", Environment.GetEnvironmentVariable("PATH")!)], null, null, new LogLabels("run", "node", 1)));
    var end = await process.Ended;
    await process.CloseAsync();
    return end.ExitCode;
}

var home = Environment.GetEnvironmentVariable("PAWL_HOME") ?? throw new InvalidOperationException("PAWL_HOME is not set");
var lockFd = args is [_, _, "--lock-fd", var fd] ? int.Parse(fd, CultureInfo.InvariantCulture) : -1;
return await SuperviseHost.RunAsync(args[1], home, lockFd);
