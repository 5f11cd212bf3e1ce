using Pawl.Core.Checkpoints;
using Pawl.Supervision;
using Pawl.Supervision.Checkpoints;
using Pawl.Supervision.Notices;
using Pawl.Supervision.Reports;

namespace Pawl.Simulation.Processes;

/// <summary>Trainers that neither report nor save.</summary>
public static class SimTrainers
{
    public static TrainerPorts Silent(INotices notices) => new(new Lines(), new Folders(), notices, work => work(), () => { });

    private sealed class Lines : ITrainerLines
    {
        public ITrainerLine Open(string attemptFolder) => new Line();
    }

    private sealed class Line : ITrainerLine
    {
        public string Path => "/run/pawl/report";

        public long Malformed => 0;

        public Task Arrived { get; } = new TaskCompletionSource().Task;

        public IReadOnlyList<Report> Take() => [];

        public void Tell(Word word) { }

        public void Dispose() { }
    }

    private sealed class Folders : ICheckpointFolders
    {
        public ValueTask<ICheckpointFolder> OpenAsync(string folder, CheckpointPolicy policy) => ValueTask.FromResult<ICheckpointFolder>(new Folder());
    }

    private sealed class Folder : ICheckpointFolder
    {
        public string? Weakness => null;

        public async ValueTask ChangedAsync(CancellationToken stop)
        {
            var never = new TaskCompletionSource();
            await using var ending = stop.Register(never.SetCanceled);
            await never.Task;
        }

        public ValueTask<WholeFolder> LookAsync(TrainerState trainer) => ValueTask.FromResult(new WholeFolder(null, null));

        public void Declare(string relative) { }

        public void Dispose() { }
    }
}
