using Pawl.Supervision.Checkpoints;
using Pawl.Supervision.Notices;

namespace Pawl.Simulation.Bugs;

/// <summary>All planted bugs.</summary>
public static class Catalogue
{
    public static IReadOnlyList<string> Names { get; } = [.. All().Select(b => b.Name)];

    /// <returns>A new one each time, since a bug may keep state.</returns>
    public static Bug Named(string name) => All().Single(b => b.Name == name);

    private static Bug[] All() =>
    [
        new("flush-skipped", "no file is ever flushed") { Disk = (_, disk) => new NoFlush(disk, _ => true) },
        new("folder-flush-skipped", "no name is ever flushed") { Disk = (_, disk) => new NoFolderFlush(disk) },
        new("flush-error-swallowed", "a failed flush is taken for a flush") { Disk = (_, disk) => new FlushErrorsSwallowed(disk) },
        new("journal-flush-skipped", "the journal is never flushed") { Disk = (_, disk) => new NoFlush(disk, IsJournal) },
        CommitsBeforeFlush(),
        new("link-overwrites", "an entry replaces one of the same number") { Disk = (_, disk) => new LinkOverwrites(disk) },
        new("rename-in-steps", "a file is under its name before it is whole") { Disk = (_, disk) => new RenameInSteps(disk) },
        new("short-write", "a write cut short is not gone on with") { Disk = (_, disk) => new ShortWrites(disk) },
        new("lock-always-granted", "an attempt's lock is given to everybody") { Disk = (_, disk) => new LockAlwaysGranted(disk, IsAttemptLock) },
        new("lock-outlives-owner", "a lock is not freed when its owner dies") { Disk = (process, disk) => new LockOutlives(process, disk) },
        new("lock-freed-at-hand-over", "a supervisor does not have the lock of its attempt") { Supervisors = (_, inner) => new LockFreedAtHandOver(inner) },
        new("lock-stays-with-engine", "the attempt's lock goes with the engine") { Supervisors = (starter, inner) => new LockStaysWithStarter(starter, inner) },
        new("double-spawn", "two supervisors for one attempt") { Supervisors = (starter, inner) => new SpawnsTwice(starter, inner) },
        new("fence-lost", "the store says created of an entry that another made") { Store = (_, store) => new SaysCreated(store) },
        new("token-checked-early", "the number is looked up first and written later") { Store = (_, store) => new CheckedEarly(store) },
        new("claim-skipped", "the claim is never written") { Store = (_, store) => new Withheld(store, "Claimed") },
        new("claim-late", "the claim is written when outputs are") { Store = (_, store) => new Withheld(store, "Claimed", key => key.StartsWith("artifacts/", StringComparison.Ordinal)) },
        new("completed-skipped", "the completion is never written") { Store = (_, store) => new Withheld(store, "Completed") },
        new("completed-before-outputs", "outputs are stored after the completion that names them") { Store = (_, store) => new CompletedFirst(store, key => !Chunks.Is(key)) },
        new("stale-outcome", "the outcome of another attempt is taken") { Disk = (process, disk) => process.Role is Role.Engine ? new Misplaced(disk, OutcomeOfFirst) : disk },
        new("torn-tail-dropped", "a journal's last line is dropped when it is read") { Disk = (process, disk) => new Misread(disk, IsJournal, DropLastLine) },
        new("room-unrecorded", "nobody sees what an attempt has of the machine") { Disk = (_, disk) => new Misread(disk, path => path.StartsWith(Places.Room, StringComparison.Ordinal), DropLastLine) },
        new("request-removed-early", "a request is removed before it is journaled") { Disk = (process, disk) => new RemovedWhenRead(disk, path => process.Role is Role.Engine && path.Contains("/inbox/", StringComparison.Ordinal)) },
        new("stop-unseen", "a request to stop an attempt is not seen") { Disk = (_, disk) => new Misplaced(disk, path => path.EndsWith("/stop.json", StringComparison.Ordinal) ? null : path) },
        new("notice-unheard", "an engine does not hear that its machine goes") { Notices = (_, _) => NoticeBoard.Silent },
        new("hints-lost", "no hint of a change ever comes") { Watch = (_, _) => new DeafWatch() },
        new("signal-lost", "the stop signal does not reach the program") { Containment = (process, inner) => new OddContainment(inner, p => new OddProcess(p, process, leavesOthers: false, exitsWithZero: false, deaf: true)) },
        new("preemption-spends-retry", "a preempted attempt is taken for a failed one") { Disk = (process, disk) => Reads(process, disk, "\"kind\": \"Preempted\"", "\"kind\": \"Failed\"") },
        new("transient-forgotten", "a transient error is taken for a permanent one") { Disk = (process, disk) => Reads(process, disk, "\"class\": \"Transient\"", "\"class\": \"Permanent\"") },
        new("empty-does-nothing", "processes of a dead attempt live on") { Containment = (_, inner) => new EmptiesNothing(inner) },
        new("children-left", "children of a program outlive its attempt") { Containment = (process, inner) => new OddContainment(inner, p => new OddProcess(p, process, leavesOthers: true, exitsWithZero: false, deaf: false)) },
        new("exit-code-lost", "every program seems to have succeeded") { Containment = (process, inner) => new OddContainment(inner, p => new OddProcess(p, process, leavesOthers: false, exitsWithZero: true, deaf: false)) },
        new("clock-fast", "the clock shows twice the time that has passed") { Clock = (_, inner) => new OddClock(inner, fast: true) },
        new("chunks-late", "a checkpoint's entry comes before its chunks") { Store = (_, store) => new CompletedFirst(store, Chunks.Is) },
        TrainerBugs.ChunksNotFlushed(),
        TrainerBugs.Unverified(),
        new("pruned-entry-late", "chunks are removed before the entry that gives them up") { Store = (_, store) => new Withheld(store, "Pruned", _ => true) },
        new("shared-chunk-pruned", "a chunk goes that a checkpoint is made of which stays") { Store = (_, store) => new SharedChunksGo(store) },
        new("late-prune", "an overtaken owner removes what the new one counts on") { Store = (_, store) => new GoesOnOvertaken(store, "Pruned"), From = 2130 },
        new("overtaken-saves-on", "an overtaken owner appends a checkpoint") { Store = (_, store) => new NextNumber(store, "Checkpointed") },
        new("append-unsettled", "after an append without an answer none is made any more") { Store = (_, store) => new NeverSettled(store) },
        new("restore-leaves-torn", "what a killed trainer left stays in its folder") { Disk = (process, disk) => process.Role is Role.Supervisor ? new LeavesCheckpoints(disk) : disk },
        new("fingerprint-narrow", "a checkpoint of other parameters is restored") { Disk = (_, disk) => new Misread(disk, IsSpec, text => text.Replace(Processes.SupervisorProgram.OtherFingerprint, "", StringComparison.Ordinal)) },
        new("half-taken", "a half-written file is taken for a whole one") { Folders = (process, _) => new Processes.SimCheckpointFolders(process) { TakesHalf = true } },
        TrainerBugs.ChangeUnnoticed(),
        new("last-save-skipped", "what is whole when a trainer has ended is not saved") { Folders = (_, folders) => new OddFolders(folders, (_, trainer, seen) => trainer is TrainerState.Running ? seen : new WholeFolder(null, null)) },
        TrainerBugs.StopForgotten(),
        new("progress-forgotten", "a preempted attempt that made a checkpoint counts as one that brought nothing") { Disk = (process, disk) => Reads(process, disk, "\"progressed\": true", "\"progressed\": false") },
        new("notice-never-lifted", "a notice that was lifted stops a trainer all the same") { Notices = (process, notices) => process.Role is Role.Supervisor ? new NeverLifted(notices) : notices },
        new("reports-lost", "what a trainer says is not heard") { Lines = (_, lines) => new DeafLines(lines) },
        new("timers-dead", "no timer ever rings") { Clock = (_, inner) => new OddClock(inner, fast: false) },
    ];

    private static Bug CommitsBeforeFlush()
    {
        var committing = new HashSet<SimProcess>();
        return new Bug("commit-before-flush", "an entry counts before it is durable")
        {
            Disk = (process, disk) => new CommitBeforeFlush.Disk(disk, committing, process),
            Store = (process, store) => new CommitBeforeFlush(store, committing, process),
        };
    }

    private static Misread Reads(SimProcess process, Pawl.Storage.Files.IDisk disk, string what, string @as) =>
        new(disk, path => process.Role is Role.Engine && IsOutcome(path), text => text.Replace(what, @as, StringComparison.Ordinal));

    private static bool IsJournal(string path) => path.Contains("/journal/", StringComparison.Ordinal);

    private static string DropLastLine(string journal) => journal.TrimEnd('\n').LastIndexOf('\n') is > 0 and var end ? journal[..(end + 1)] : journal;

    private static bool IsSpec(string path) => path.EndsWith("/spec.json", StringComparison.Ordinal);

    private static bool IsOutcome(string path) => path.EndsWith("/outcome.json", StringComparison.Ordinal);

    private static bool IsAttemptLock(string path) => path.EndsWith("/lock", StringComparison.Ordinal) && path.Split('/').Length > 7;

    private static string OutcomeOfFirst(string path)
    {
        if (!IsOutcome(path)) { return path; }
        var parts = path.Split('/');
        parts[^2] = "1";
        return string.Join('/', parts);
    }
}
