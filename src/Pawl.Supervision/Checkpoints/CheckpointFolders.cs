using Pawl.Core.Checkpoints;
using Pawl.Storage.Checkpoints;

namespace Pawl.Supervision.Checkpoints;

/// <summary>Watches folders of this machine.</summary>
public sealed class CheckpointFolders(TimeProvider clock) : ICheckpointFolders
{
    public async ValueTask<ICheckpointFolder> OpenAsync(string folder, CheckpointPolicy policy) => await CheckpointFolder.OpenAsync(folder, policy, clock);

    public async ValueTask<FolderContent?> LookBackAsync(string folder, CheckpointPolicy policy, FolderContent known)
    {
        if (!Directory.Exists(folder)) { return null; }
        using var found = CheckpointFolder.After(folder, policy, clock, known);
        return (await found.LookAsync(TrainerState.Killed)).Content;
    }
}
