using Pawl.Supervision.Machine;
using Pawl.Supervision.Remote;

namespace Pawl.Supervision;

/// <summary>What a supervisor is told about the machine it runs on, so that an attempt reads no environment and no chance itself.</summary>
/// <param name="HostName">Named in the claim, for people.</param>
/// <param name="Home">The pawl home; steps inherit it, and no declared path may lie in it.</param>
/// <param name="MachineLockFolder">Locks of absolute paths, shared by every home of this machine.</param>
/// <param name="Environment">The supervisor's own; a step inherits only a few of it.</param>
/// <param name="Nonce">A text that no other claim has.</param>
/// <param name="Boot">Which start of the machine this is.</param>
public sealed record SupervisorHost(
    string HostName,
    string Home,
    string MachineLockFolder,
    IReadOnlyDictionary<string, string> Environment,
    Func<string> Nonce,
    string Boot)
{
    /// <summary>The variable with the folder of the Python SDK that is shipped with the program; absent where it is not.</summary>
    public const string PythonSdk = "PAWL_PYTHON_SDK";

    /// <summary>Shares the machine out; null where nobody else is on it.</summary>
    public MachineRoom? Room { get; init; }

    /// <summary>Gives other machines to a step that names one; asked for by no other step.</summary>
    public Func<IRemote> Remote { get; init; } = () => new HttpRemote();
}
