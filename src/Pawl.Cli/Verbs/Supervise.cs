using System.Globalization;
using Pawl.Supervision;

namespace Pawl.Cli.Verbs;

/// <summary>
/// <c>pawl supervise ATTEMPT-FOLDER [--home FOLDER] [--lock-fd N]</c>: runs one attempt. Started by engines and in pods, not by people.
/// </summary>
internal static class Supervise
{
    private const string Usage = """
        pawl supervise: runs one attempt: claims its step, restores, runs the command, saves, promotes. Started by engines and in pods.

        Usage:
          pawl supervise ATTEMPT-FOLDER [--home FOLDER] [--lock-fd N]

        ATTEMPT-FOLDER holds spec.json; --home is the pawl home, else PAWL_HOME; --lock-fd is a descriptor on which the attempt's lock is handed down.
        Ends with 0 when the step is done, with 75 when it was preempted, else with the command's own code, or 1.

        Example:
          pawl supervise .pawl/runs/2d4f…/train/1 --home .pawl
        """;

    public static int Run(string[] args)
    {
        if (args is ["--help" or "-h" or "-?"])
        {
            Console.Out.WriteLine(Usage);
            return ExitCodes.Done;
        }
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
        if (!File.Exists(Path.Join(args[0], AttemptFiles.Spec)))
        {
            Console.Error.WriteLine($"pawl: {args[0]} has no {AttemptFiles.Spec}, so there is no attempt to supervise");
            return ExitCodes.Failed;
        }
        return SuperviseHost.RunAsync(args[0], home, lockFd).GetAwaiter().GetResult();
    }
}
