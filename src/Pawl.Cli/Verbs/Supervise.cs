using System.Globalization;
using Pawl.Supervision;

namespace Pawl.Cli.Verbs;

/// <summary><c>pawl supervise ATTEMPT-FOLDER [--lock-fd N]</c>: runs one attempt. Started by engines, not by people.</summary>
internal static class Supervise
{
    public static int Run(string[] args)
    {
        var home = Environment.GetEnvironmentVariable("PAWL_HOME");
        var lockFd = -1;
        var isLine = args switch
        {
            [_] => true,
            [_, "--lock-fd", var number] => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out lockFd),
            _ => false,
        };
        if (!isLine || args[0].StartsWith('-') || string.IsNullOrEmpty(home))
        {
            Console.Error.WriteLine("pawl: supervise is started by engines: PAWL_HOME=… pawl supervise ATTEMPT-FOLDER [--lock-fd N]");
            return ExitCodes.Usage;
        }
        return SuperviseHost.RunAsync(args[0], home, lockFd).GetAwaiter().GetResult();
    }
}
