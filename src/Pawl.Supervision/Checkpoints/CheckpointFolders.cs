using Pawl.Core.Checkpoints;

namespace Pawl.Supervision.Checkpoints;

/// <summary>Watches folders of this machine.</summary>
public sealed class CheckpointFolders(TimeProvider clock) : ICheckpointFolders
{
    public async ValueTask<ICheckpointFolder> OpenAsync(string folder, CheckpointPolicy policy) => await CheckpointFolder.OpenAsync(folder, policy, clock);
}
