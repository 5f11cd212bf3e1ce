using System.Text;

namespace Pawl.Tests.Supervision.Checkpoints;

/// <summary>Writers of checkpoints, as the order of their file operations. Each writes several checkpoints, one after the other.</summary>
internal static class Frameworks
{
    public static IEnumerable<string> Names => All.Keys;

    public static Replay Of(string name) => All[name]();

    private static Dictionary<string, Func<Replay>> All { get; } = new()
    {
        ["torch.save in place (PyTorch 1.6 to 2.x)"] = () => new Replay()
            .InPlace("model.pt", Samples.Torch(1)).Complete("model.pt")
            .InPlace("model.pt", Samples.Torch(2)).Complete("model.pt"),

        ["torch.save beside and os.replace"] = () => new Replay()
            .InPlace("model.pt.tmp", Samples.Torch(1)).Rename("model.pt.tmp", "model.pt").Complete("model.pt")
            .InPlace("model.pt.tmp", Samples.Torch(2)).Rename("model.pt.tmp", "model.pt").Complete("model.pt"),

        ["raw bytes beside, renamed before they are closed"] = () => new Replay()
            .Open("state.tmp").Write("state.tmp", Samples.Raw(1)).Rename("state.tmp", "state").Close("state.tmp").Complete("state")
            .Open("state.tmp").Write("state.tmp", Samples.Raw(2)).Rename("state.tmp", "state").Close("state.tmp").Complete("state"),

        ["a folder beside, renamed when it is filled"] = () => new Replay()
            .Folder(".new").InPlace(".new/model", Samples.Raw(1)).InPlace(".new/optimizer", Samples.Raw(2)).Rename(".new", "step-1")
            .Complete("step-1/model", "step-1/optimizer")
            .Folder(".new").InPlace(".new/model", Samples.Raw(3)).InPlace(".new/optimizer", Samples.Raw(4)).Rename(".new", "step-2")
            .Complete("step-1/model", "step-1/optimizer", "step-2/model", "step-2/optimizer"),

        // ModelCheckpoint with save_top_k=1, save_last=True: fsspec opens in place; the file of before goes when the new one is there.
        ["Lightning ModelCheckpoint with last.ckpt rewritten (2.x)"] = () => new Replay()
            .InPlace("epoch=0.ckpt", Samples.Torch(1)).Complete("epoch=0.ckpt")
            .InPlace("last.ckpt", Samples.Torch(1)).Complete("epoch=0.ckpt", "last.ckpt")
            .InPlace("epoch=1.ckpt", Samples.Torch(2)).Complete("epoch=0.ckpt", "epoch=1.ckpt", "last.ckpt")
            .Remove("epoch=0.ckpt").Complete("epoch=1.ckpt", "last.ckpt")
            .InPlace("last.ckpt", Samples.Torch(2)).Complete("epoch=1.ckpt", "last.ckpt"),

        ["Lightning ModelCheckpoint with save_last='link' (2.2)"] = () => new Replay()
            .InPlace("epoch=0.ckpt", Samples.Torch(1)).Complete("epoch=0.ckpt").Link("last.ckpt", "epoch=0.ckpt").Complete("epoch=0.ckpt", "last.ckpt")
            .InPlace("epoch=1.ckpt", Samples.Torch(2)).Complete("epoch=0.ckpt", "epoch=1.ckpt", "last.ckpt")
            .Remove("last.ckpt").Complete("epoch=0.ckpt").Complete("epoch=0.ckpt", "epoch=1.ckpt")
            .Link("last.ckpt", "epoch=1.ckpt").Complete("epoch=0.ckpt", "epoch=1.ckpt", "last.ckpt")
            .Remove("epoch=0.ckpt").Complete("epoch=1.ckpt", "last.ckpt"),

        ["Hugging Face Trainer in place (transformers 4.40 to 4.5x)"] = () => Remove(
            Trainer(Trainer(new Replay(), "checkpoint-10", 1).Complete(In("checkpoint-10")), "checkpoint-20", 2)
                .Complete([.. In("checkpoint-10"), .. In("checkpoint-20")]), "checkpoint-10")
            .Complete(In("checkpoint-20")),

        ["Hugging Face Trainer whose gradients were NaN"] = () =>
            Trainer(Trainer(new Replay(), "checkpoint-10", 1, Samples.NaN).Complete(In("checkpoint-10")), "checkpoint-20", 2, Samples.NaN)
                .Complete([.. In("checkpoint-10"), .. In("checkpoint-20")]),

        ["Hugging Face Trainer by tmp-checkpoint (transformers 4.36 to 4.39)"] = () => Remove(
            Trainer(Trainer(new Replay(), "tmp-checkpoint-10", 1).Rename("tmp-checkpoint-10", "checkpoint-10").Complete(In("checkpoint-10")), "tmp-checkpoint-20", 2)
                .Rename("tmp-checkpoint-20", "checkpoint-20").Complete([.. In("checkpoint-10"), .. In("checkpoint-20")]), "checkpoint-10")
            .Complete(In("checkpoint-20")),

        ["Hugging Face Trainer over a folder of before"] = () =>
            Trainer(Trainer(new Replay(), "checkpoint-10", 1).Complete(In("checkpoint-10")), "checkpoint-10", 2).Complete(In("checkpoint-10")),

        ["Keras ModelCheckpoint .keras (3.x)"] = () => new Replay()
            .InPlace("model.keras", Samples.Zip(1)).Complete("model.keras")
            .InPlace("model.keras", Samples.Zip(2)).Complete("model.keras"),

        ["Keras ModelCheckpoint .h5 (2.x)"] = () => new Replay()
            .InPlace("model.h5", Samples.Hdf5(1)).Complete("model.h5")
            .InPlace("model.h5", Samples.Hdf5(2)).Complete("model.h5"),

        ["TensorFlow CheckpointManager (2.x)"] = () => RemovePrefix(
                State(Prefix(State(Prefix(new Replay(), "ckpt-1", 1).Complete(Files("ckpt-1")[1..]), "ckpt-1").Complete(Files("ckpt-1")), "ckpt-2", 2), "ckpt-1", "ckpt-2")
                    .Complete([.. Files("ckpt-1"), .. Files("ckpt-2").Skip(1)]), "ckpt-1")
            .Complete(Files("ckpt-2")).Then(r => State(r, "ckpt-2")).Complete(Files("ckpt-2")),

        ["TensorFlow save_weights over itself (Keras 2.x)"] = () =>
            State(Prefix(State(Prefix(new Replay(), "w", 1).Complete(Files("w")[1..]), "w").Complete(Files("w")), "w", 2).Complete(Files("w")), "w").Complete(Files("w")),

        ["safetensors save_file in place (0.4)"] = () => new Replay()
            .InPlace("model.safetensors", Samples.Safetensors(1)).Complete("model.safetensors")
            .InPlace("model.safetensors", Samples.Safetensors(2)).Complete("model.safetensors"),

        ["torch.distributed.checkpoint (2.2 and newer)"] = () => Distributed(Distributed(new Replay(), "step-1", 1)
            .Complete(Shards("step-1")), "step-2", 2).Complete([.. Shards("step-1"), .. Shards("step-2")]),

        ["torch.distributed.checkpoint over itself"] = () => Distributed(Distributed(new Replay(), "now", 1)
            .Complete(Shards("now")), "now", 2).Complete(Shards("now")),

        ["pickle in place"] = () => new Replay()
            .InPlace("state.pkl", Samples.Pickle(1)).Complete("state.pkl")
            .InPlace("state.pkl", Samples.Pickle(2)).Complete("state.pkl"),

        ["a file of no format in place"] = () => new Replay()
            .InPlace("weights", Samples.Raw(1)).Complete("weights")
            .InPlace("weights", Samples.Raw(2)).Complete("weights"),
    };

    private static string[] In(string folder) => [.. new[]
    {
        "config.json", "model.safetensors", "training_args.bin", "vocab.txt", "optimizer.pt", "scheduler.pt", "rng_state.pth", "trainer_state.json",
    }.Select(f => $"{folder}/{f}")];

    // save_model, optimizer and scheduler, RNG state, and the state of the trainer last.
    private static Replay Trainer(Replay replay, string folder, int number, Func<int, byte[]>? state = null)
    {
        replay.Folder(folder);
        foreach (var path in In(folder))
        {
            replay.InPlace(path, Path.GetExtension(path) switch
            {
                ".json" when path.EndsWith("/trainer_state.json", StringComparison.Ordinal) && state is not null => state(number),
                ".json" => Samples.Json(number),
                ".safetensors" => Samples.Safetensors(number),
                ".txt" => Samples.Raw(number),
                _ => Samples.Torch(number),
            }, pieces: 2);
        }
        return replay;
    }

    // shutil.rmtree: in whatever order the folder is listed.
    private static Replay Remove(Replay replay, string folder)
    {
        foreach (var path in In(folder).OrderBy(p => p.Length)) { replay.Remove(path); }
        return replay.Remove(folder);
    }

    private static string[] Files(string prefix) => ["checkpoint", $"{prefix}.data-00000-of-00002", $"{prefix}.data-00001-of-00002", $"{prefix}.index"];

    // SaveV2 into a folder beside, MergeV2Checkpoints by renames, the index under a temporary name.
    private static Replay Prefix(Replay replay, string prefix, int number)
    {
        replay.Folder($"{prefix}_temp");
        for (var shard = 0; shard < 2; shard++) { replay.InPlace($"{prefix}_temp/part-0000{shard}-of-00002.data-00000-of-00001", Samples.Raw(number + shard)); }
        for (var shard = 0; shard < 2; shard++) { replay.Rename($"{prefix}_temp/part-0000{shard}-of-00002.data-00000-of-00001", $"{prefix}.data-0000{shard}-of-00002"); }
        return replay.InPlace($"{prefix}.index.tempstate1234", Samples.Raw(number + 7)).Rename($"{prefix}.index.tempstate1234", $"{prefix}.index").Remove($"{prefix}_temp");
    }

    private static Replay State(Replay replay, params string[] prefixes)
    {
        var text = $"model_checkpoint_path: \"{prefixes[^1]}\"\n" + string.Concat(prefixes.Select(p => $"all_model_checkpoint_paths: \"{p}\"\n"));
        return replay.InPlace("checkpoint.tmp0123456789abcdef", Encoding.UTF8.GetBytes(text)).Rename("checkpoint.tmp0123456789abcdef", "checkpoint");
    }

    private static Replay RemovePrefix(Replay replay, string prefix)
    {
        foreach (var file in Files(prefix).Skip(1).Reverse()) { replay.Remove(file); }
        return replay;
    }

    private static string[] Shards(string folder) => [$"{folder}/__0_0.distcp", $"{folder}/__1_0.distcp", $"{folder}/.metadata"];

    private static Replay Distributed(Replay replay, string folder, int number) => replay
        .Folder(folder)
        .Open($"{folder}/__0_0.distcp")
        .InPlace($"{folder}/__1_0.distcp", Samples.Raw(number + 3))
        .Close($"{folder}/__0_0.distcp")
        .InPlace($"{folder}/.metadata.tmp", Samples.Pickle(number)).Rename($"{folder}/.metadata.tmp", $"{folder}/.metadata");
}
