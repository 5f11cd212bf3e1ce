using System.Diagnostics;
using System.Globalization;
using Pawl.Tests.Shell;
using Xunit;

namespace Pawl.Tests.Examples;

/// <summary>The programs of the digits example, each run by hand in the order of its manifest.</summary>
public sealed class DigitsTests : IDisposable
{
    private const int Epochs = 9;
    private readonly string _folder = Directory.CreateTempSubdirectory("pawl-digits-").FullName;

    public DigitsTests()
    {
        Succeed("validate.py", "--data=digits.csv.gz", $"--out={At("digits.csv")}");
        Succeed("preprocess.py", $"--data={At("digits.csv")}", "--seed=7", $"--train={At("train.json")}", $"--held-out={At("held-out.json")}");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_model_is_good_enough_to_be_registered()
    {
        Train("model.json", checkpoints: null);
        Succeed("evaluate.py", $"--model={At("model.json")}", $"--data={At("held-out.json")}", $"--out={At("accuracy")}");
        var accuracy = File.ReadAllText(At("accuracy")).Trim();
        Succeed("register.py", $"--model={At("model.json")}", $"--accuracy={accuracy}", "--at-least=0.93", "--run=r", $"--out={At("card.json")}");

        Assert.True(double.Parse(accuracy, CultureInfo.InvariantCulture) > 0.93, accuracy);
        Assert.Contains(accuracy.TrimEnd('0'), File.ReadAllText(At("card.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_trainer_stopped_and_killed_on_the_way_ends_with_the_same_model()
    {
        var checkpoints = Directory.CreateDirectory(At("checkpoints")).FullName;
        Train("whole.json", checkpoints: null);

        using (var stopped = StartTraining("model.json", checkpoints))
        {
            ReadUntil(stopped, "epoch 2/");
            Signal("TERM", stopped);
            stopped.StandardOutput.ReadToEnd();
            stopped.WaitForExit();
            Assert.Equal(75, stopped.ExitCode);
        }
        using (var killed = StartTraining("model.json", checkpoints))
        {
            ReadUntil(killed, "epoch 6/");
            Signal("KILL", killed);
            killed.WaitForExit();
        }
        Assert.False(File.Exists(At("model.json")));
        var log = Train("model.json", checkpoints);

        Assert.Contains("going on after epoch", log, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(At("whole.json")), File.ReadAllBytes(At("model.json")));
    }

    [Fact]
    public void Altered_data_is_refused()
    {
        File.WriteAllBytes(At("altered.gz"), Gzip("1,2,3\n"));
        using var validate = Start("validate.py", null, $"--data={At("altered.gz")}", $"--out={At("out.csv")}");
        var errors = validate.StandardError.ReadToEnd();
        validate.WaitForExit();

        Assert.Equal(1, validate.ExitCode);
        Assert.Contains("row 1: 3 columns instead of 65", errors, StringComparison.Ordinal);
        Assert.False(File.Exists(At("out.csv")));
    }

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var writer = new StreamWriter(new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest)))
        {
            writer.Write(text);
        }
        return packed.ToArray();
    }

    private string At(string name) => Path.Combine(_folder, name);

    private Process StartTraining(string model, string? checkpoints) => Start(
        "train.py", checkpoints, $"--data={At("train.json")}", "--seed=7", $"--epochs={Epochs}", "--learning-rate=0.03", $"--out={At(model)}");

    private string Train(string model, string? checkpoints)
    {
        using var training = StartTraining(model, checkpoints);
        return Finish(training);
    }

    private static void Succeed(string program, params string[] arguments)
    {
        using var process = Start(program, null, arguments);
        Finish(process);
    }

    private static string Finish(Process process)
    {
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return output;
    }

    private static Process Start(string program, string? checkpoints, params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/env", ["python3", program, .. arguments])
        {
            WorkingDirectory = Checkout.At("examples/digits"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment["PAWL_CHECKPOINT_DIR"] = checkpoints;
        return Process.Start(start)!;
    }

    private static void ReadUntil(Process process, string words)
    {
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.Contains(words, StringComparison.Ordinal)) { return; }
        }
        Assert.Fail($"the program ended without printing '{words}'");
    }

    private static void Signal(string signal, Process process)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
