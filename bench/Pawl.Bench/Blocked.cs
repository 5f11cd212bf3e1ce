using System.Runtime.InteropServices;
using Pawl.Training;

namespace Pawl.Bench;

/// <summary>How long a trainer in .NET stands still for a checkpoint, beside a bare copy of the same bytes and beside writing them itself.</summary>
internal static unsafe class Blocked
{
    internal static void Run(Plan plan)
    {
        var state = new Weights(plan.Bytes);
        var copy = (byte*)NativeMemory.Alloc((nuint)plan.Bytes);
        new Span<byte>(copy, plan.Bytes).Clear();
        using var run = TrainingRun.Start(new TrainingOptions { CheckpointFolder = $"{plan.Folder}/checkpoints", Every = new CheckpointEvery.Steps(1), HandleSignals = false });
        run.Restore(() => state);
        var taken = 0;
        foreach (var step in run.Steps(long.MaxValue))
        {
            state.Values[step % plan.Bytes]++;
            var wasTaken = false;
            // The first makes the memory; it is told apart.
            plan.Time(taken == 0 ? "first checkpoint" : "checkpoint", () => wasTaken = run.CheckpointIfDue(state));
            if (!wasTaken) { throw new InvalidOperationException("the writer was not idle"); }
            Wait($"{plan.Folder}/checkpoints/step-{step:D12}.pawl");
            plan.Time("copy", () => state.Values.CopyTo(new Span<byte>(copy, plan.Bytes)));
            plan.Time("write and flush", () => Raw.Write($"{plan.Folder}/raw", state.Values, plan.Bytes));
            Directory.Delete($"{plan.Folder}/raw", recursive: true);
            if (taken++ == plan.Rounds) { break; }
        }
        NativeMemory.Free(copy);
        plan.Print();
    }

    // In its place and a moment later the writer is idle: older files are deleted meanwhile.
    private static void Wait(string file)
    {
        while (!File.Exists(file)) { Thread.Sleep(10); }
        Thread.Sleep(200);
    }

    private sealed class Weights(int size) : ITrainingState
    {
        internal byte[] Values { get; } = Filled(size);

        public void Write(StateWriter to) => to.Write<byte>("weights", Values);

        public void Read(StateReader from) => from.Read<byte>("weights", Values);

        private static byte[] Filled(int size)
        {
            var bytes = new byte[size];
            new Random(1).NextBytes(bytes);
            return bytes;
        }
    }
}
