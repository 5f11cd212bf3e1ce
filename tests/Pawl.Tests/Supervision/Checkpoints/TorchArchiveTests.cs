using System.Diagnostics;
using System.IO.Compression;
using Pawl.Supervision.Checkpoints.Formats;
using Pawl.Tests.Engine;
using Pawl.Tests.Shell;
using Xunit;

namespace Pawl.Tests.Supervision.Checkpoints;

/// <summary>A save that an exception ended closes its archive all the same, so that it is a sound zip without what was not written yet.</summary>
public sealed class TorchArchiveTests : Scratch
{
    // Full saves, saves ended by an exception between any two entries and within one, and other archives; says of each whether it loads.
    private const string Script = """
        import io, os, sys, zipfile, numpy, torch
        import torch.serialization as serialization
        def try_load(name):
            try: torch.load(name); return 'loads'
            except BaseException: return 'fails'
        def stopped(at, save):
            class Stopping:
                def __init__(self, to): self.to, self.left = to, at
                def write_record(self, *a):
                    self.left -= 1
                    if self.left < 0: raise SystemExit(75)
                    return self.to.write_record(*a)
                def __getattr__(self, name): return getattr(self.to, name)
            real = serialization._save
            serialization._save = lambda obj, to, *a: real(obj, Stopping(to), *a)
            try: save(); return False
            except SystemExit: return True
            finally: serialization._save = real
        model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 2))
        adam = torch.optim.Adam(model.parameters()); model(torch.ones(1, 3)).sum().backward(); adam.step()
        shared = torch.zeros(10)
        states = {
            'state': {'0': torch.ones(3), '1': 'storage', 'shared': [shared, shared[2:4], shared.view(2, 5)], 'empty': torch.zeros(0), 'long': torch.ones(2, dtype=torch.int64)},
            'optimizer': {'model': model.state_dict(), 'optimizer': adam.state_dict(), 'rng': torch.get_rng_state(), 'step': 7, 'lr': 1e-3, 'big': 1 << 70, 'bytes': b'123', 'text': 'x' * 300},
            'module': model, 'many': [torch.full((1,), float(i)) for i in range(300)], 'nothing': {'step': 1}, 'number': 3,
        }
        for name, state in states.items():
            for protocol in (2, 3, 4, 5):
                torch.save(state, f'{name}-{protocol}.pt', pickle_protocol=protocol)
            for at in [*range(0, 14), 299, 300]:
                stopped(at, lambda: torch.save(state, f'{name}-stopped-{at}.pt', pickle_protocol=2 + at % 4))
        torch.jit.save(torch.jit.script(model), 'script.pt')
        numpy.savez('arrays.npz', a=numpy.zeros(5), b=numpy.ones(2))
        with zipfile.ZipFile('plain.zip', 'w') as z: z.writestr('model/version', '1'); z.writestr('model/weights', 'w')
        # A write that fails ends in abort(), some of them.
        class Failing:
            def __init__(self, to, at): self.to, self.left = to, at
            def write(self, data):
                self.left -= 1
                if self.left < 0: raise SystemExit(75)
                return self.to.write(data)
            def flush(self): self.to.flush()
        for at in range(0, 60, 3):
            if os.fork() == 0:
                os.dup2(os.open('/dev/null', os.O_WRONLY), 2)
                with open(f'failing-{at}.pt', 'wb', buffering=0) as to: torch.save(states['state'], Failing(to, at))
                os._exit(0)
            os.wait()
        for name in sorted(os.listdir('.')):
            if name.endswith('.pt') and name != 'script.pt': print(name, try_load(name))
            elif name.endswith(('.npz', '.zip')) or name == 'script.pt': print(name, 'loads')
        """;

    [Fact]
    public void An_interrupted_save_is_missing_something_and_every_other_archive_is_not()
    {
        Assert.SkipUnless(Torch.IsThere, Torch.Missing);
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Script]) { WorkingDirectory = Folder, RedirectStandardOutput = true })!;
        var said = python.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')).ToList();
        python.WaitForExit();
        Assert.Equal(0, python.ExitCode);
        Assert.True(said.Count(l => l[1] == "loads") > 50 && said.Count(l => l[1] == "fails") > 30, $"{said.Count} archives");
        Assert.All(said, line => Assert.Equal((line[0], line[1] == "loads" ? Ending.Whole : Ending.Missing), (line[0], End(line[0]))));
    }

    [Theory]
    [InlineData(nameof(Ending.Whole), "a/data.pkl", "a/data/0", "a/version")]
    [InlineData(nameof(Ending.Whole), "a/data.pkl", "a/data/0", "a/data/1", "a/byteorder", "a/.data/serialization_id", "a/something/new")]
    [InlineData(nameof(Ending.Missing), "a/data.pkl", "a/version")]
    [InlineData(nameof(Ending.Missing), "a/data.pkl", "a/data/1", "a/data/00", "a/version", "a/something/new")]
    [InlineData(nameof(Ending.Missing), "a/.format_version", "a/.storage_alignment", "a/version", "a/.data/serialization_id")]
    [InlineData(nameof(Ending.Missing), "a/data/0", "a/version")]
    [InlineData(nameof(Ending.Whole), "a/data.pkl", "a/constants.pkl", "a/version")]
    [InlineData(nameof(Ending.Whole), "a/version", "a/weights")]
    [InlineData(nameof(Ending.Whole), "a/data.pkl", "b/version")]
    [InlineData(nameof(Ending.Whole), "version")]
    public void A_storage_that_the_pickle_names_has_to_be_there(string expected, params string[] entries)
    {
        using (var file = File.Create(At("a.pt")))
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create))
        {
            foreach (var name in entries)
            {
                using var entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(name.EndsWith("data.pkl", StringComparison.Ordinal) ? Samples.Storage(1) : []);
            }
        }
        Assert.Equal(expected, End("a.pt").ToString());
    }

    [Fact]
    public void Pickles_that_are_not_understood_are_an_answer_never_an_error()
    {
        var dice = new Random(4712);
        var real = Samples.Storage(1);
        Assert.True(Walk(real, 0));
        Assert.False(Walk(real, 1));
        for (var length = 0; length < real.Length - 2; length++) { Assert.Null(Walk(real[..length], 0)); }
        for (var round = 0; round < 20_000; round++)
        {
            byte[] bytes = [.. real, .. real, .. real];
            if (round % 2 == 0) { dice.NextBytes(bytes.AsSpan(dice.Next(bytes.Length))); }
            for (var hit = dice.Next(1, 6); hit > 0; hit--) { bytes[dice.Next(bytes.Length)] = (byte)dice.Next(256); }
            _ = Walk(bytes, 0);
        }
    }

    private bool? Walk(byte[] pickle, long key)
    {
        using var file = File.OpenHandle(At("pickle"), FileMode.Create, FileAccess.ReadWrite);
        RandomAccess.Write(file, pickle, 0);
        return new PickledStorages(new FileBytes((int)file.DangerousGetHandle(), "pickle", pickle.Length), 0, pickle.Length).AreIn([key]);
    }

    private Ending End(string name)
    {
        using var file = File.OpenHandle(At(name));
        return FileFormat.End(new FileBytes((int)file.DangerousGetHandle(), name, RandomAccess.GetLength(file)));
    }
}
