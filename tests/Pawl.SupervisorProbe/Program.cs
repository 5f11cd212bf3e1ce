// A supervisor without the rest of the program: `supervise FOLDER [--lock-fd N]`, its home in PAWL_HOME.
using System.Globalization;
using Pawl.Supervision;

var home = Environment.GetEnvironmentVariable("PAWL_HOME") ?? throw new InvalidOperationException("PAWL_HOME is not set");
var lockFd = args is [_, _, "--lock-fd", var fd] ? int.Parse(fd, CultureInfo.InvariantCulture) : -1;
return await SuperviseHost.RunAsync(args[1], home, lockFd);
