using System.Globalization;
using Pawl.Supervision;

namespace Pawl.Cli.Verbs;

/// <summary>
/// <c>pawl supervise ATTEMPT-FOLDER [--home FOLDER] [--lock-fd N]</c>: runs one attempt. Started by engines and in pods, not by people.
/// </summary>
internal static class Supervise
{
    public static int Run(string[] args)
    {
        var home = Environment.GetEnvironmentVariable("PAWL_HOME");
        var lockFd = -1;
        var isLine = args.Length % 2 == 1 && !args[0].StartsWith('-');
        for (var i = 1; isLine && i < args.Length; i += 2)
        {
            switch (args[i])
            {
                case "--home": home = args[i + 1]; break;
                case "--lock-fd": isLine = int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out lockFd); break;
                default: isLine = false; break;
            }
        }
        if (!isLine || string.IsNullOrEmpty(home))
        {
            Console.Error.WriteLine("pawl: supervise is started by engines and in pods: pawl supervise ATTEMPT-FOLDER [--home FOLDER, else PAWL_HOME] [--lock-fd N]");
            return ExitCodes.Usage;
        }
        return SuperviseHost.RunAsync(args[0], home, lockFd).GetAwaiter().GetResult();
    }
}
