using System.Diagnostics;
using System.Text;
using Pawl.Supervision.Checkpoints.Formats;
using Pawl.Tests.Engine;
using Xunit;

namespace Pawl.Tests.Supervision.Checkpoints;

public sealed class FormatTests : Scratch
{
    public static TheoryData<string> Formats => [.. All.Keys];

    private static Dictionary<string, byte[]> All { get; } = new()
    {
        ["torch.pt"] = Samples.Torch(1),
        ["arrays.npz"] = Samples.Zip(2),
        ["model.safetensors"] = Samples.Safetensors(1),
        ["by-its-content"] = Samples.Safetensors(3),
        ["model.h5"] = Samples.Hdf5(1),
        ["two.h5"] = Samples.Hdf5(1, version: 2),
        ["three.h5"] = Samples.Hdf5(1, version: 3),
        ["trainer_state.json"] = Samples.Json(1),
        ["with_nan.json"] = Samples.NaN(1)[..^1],
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_file_is_whole_at_its_full_length_only(string name)
    {
        var bytes = All[name];
        Assert.True(End(name, bytes) is Ending.Whole or Ending.Long);
        for (var length = 0; length < bytes.Length; length++) { Assert.False(End(name, bytes[..length]) is Ending.Whole or Ending.Long, $"{length} bytes"); }
        Assert.False(End(name, [.. bytes, 1]) is Ending.Whole or Ending.Long, "one byte more");
        Assert.False(End(name, [.. bytes, .. new byte[4096]]) is Ending.Whole or Ending.Long, "a tail of zeros");
    }

    [Fact]
    public void A_pickle_that_does_not_stop_is_cut_and_one_that_stops_is_still_unknown()
    {
        var pickle = Samples.Pickle(1);
        Assert.Equal(Ending.Unknown, End("state.pkl", pickle));
        for (var length = 2; length < pickle.Length; length++) { Assert.Equal(Ending.Missing, End("state.pkl", pickle[..length])); }
    }

    [Fact]
    public void Torch_files_of_before_1_6_end_with_raw_tensors_and_so_with_anything() =>
        Assert.Equal(Ending.Unknown, End("old.pt", [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.', 1, 2, 3]));

    [Fact]
    public void Only_a_zip_and_a_document_prove_their_end_since_others_may_reserve_their_length_first()
    {
        Assert.Equal(Ending.Whole, End("a", Samples.Zip(1)));
        Assert.Equal(Ending.Whole, End("a.json", Samples.Json(1)));
        Assert.Equal(Ending.Long, End("a", Samples.Safetensors(1)));
        Assert.Equal(Ending.Long, End("a", Samples.Hdf5(1)));
    }

    [Theory]
    [InlineData(nameof(Ending.Whole), "\uFEFF [1, /* } */ 2,] // \"\n")]
    [InlineData(nameof(Ending.Whole), " [[NaN], -Infinity] ")]
    [InlineData(nameof(Ending.Unknown), "{\"loss\": 1}\n{\"loss\": NaN}\n")]
    [InlineData(nameof(Ending.Unknown), "{'loss': 1}")]
    [InlineData(nameof(Ending.Unknown), "{\"a\": 1}}")]
    [InlineData(nameof(Ending.Unknown), "NaN")]
    [InlineData(nameof(Ending.Unknown), "tru")]
    [InlineData(nameof(Ending.Unknown), "12")]
    [InlineData(nameof(Ending.Missing), "{\"loss\": 1}\n{\"loss\": N")]
    [InlineData(nameof(Ending.Missing), "[NaN, \"]\\\"")]
    [InlineData(nameof(Ending.Missing), "\"half")]
    [InlineData(nameof(Ending.Missing), "\0\0 \n")]
    [InlineData(nameof(Ending.Missing), "")]
    public void A_document_that_no_strict_reader_likes_is_missing_only_where_it_is_cut(string expected, string text) =>
        Assert.Equal(expected, End("a.json", Encoding.UTF8.GetBytes(text)).ToString());

    [Fact]
    public void A_document_may_be_deep() => Assert.Equal(Ending.Whole, End("a.json", Encoding.UTF8.GetBytes(new string('[', 100_000) + new string(']', 100_000))));

    [Fact]
    public void Damaged_and_random_bytes_are_an_answer_never_an_error()
    {
        var dice = new Random(4711);
        var names = (string[])["a.pt", "a.json", "a.safetensors", "a"];
        for (var round = 0; round < 4000; round++)
        {
            byte[] bytes;
            if (round % 2 == 0)
            {
                bytes = [.. All.Values.ElementAt(dice.Next(All.Count))];
                for (var hit = dice.Next(1, 6); hit > 0; hit--) { bytes[dice.Next(bytes.Length)] = (byte)dice.Next(256); }
                // Where the numbers are: at both ends.
                bytes[dice.Next(2) == 0 ? dice.Next(Math.Min(64, bytes.Length)) : bytes.Length - 1 - dice.Next(Math.Min(120, bytes.Length))] = (byte)(dice.Next(2) * 255);
            }
            else
            {
                bytes = new byte[dice.Next(600)];
                dice.NextBytes(bytes);
                if (bytes.Length > 30) { All.Values.ElementAt(dice.Next(All.Count)).AsSpan(0, 20).CopyTo(bytes); }
            }
            _ = End(names[dice.Next(names.Length)], bytes);
        }
    }

    [Fact]
    public void What_the_installed_libraries_write_is_whole_at_its_full_length_only()
    {
        const string Script = "import torch, numpy; torch.save({'a': torch.zeros(9)}, 'torch.pt'); numpy.savez('arrays.npz', a=numpy.zeros(5))";
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Script]) { WorkingDirectory = Folder, RedirectStandardError = true })!;
        _ = python.StandardError.ReadToEnd();
        python.WaitForExit();
        Assert.SkipUnless(python.ExitCode == 0, "no torch for /usr/bin/python3");
        foreach (var name in (string[])["torch.pt", "arrays.npz"])
        {
            var bytes = File.ReadAllBytes(At(name));
            Assert.Equal(Ending.Whole, End(name, bytes));
            for (var length = 0; length < bytes.Length; length++) { Assert.NotEqual(Ending.Whole, End(name, bytes[..length])); }
        }
    }

    private Ending End(string name, byte[] bytes)
    {
        File.WriteAllBytes(At(name), bytes);
        using var file = File.OpenHandle(At(name));
        return FileFormat.End(new FileBytes((int)file.DangerousGetHandle(), name, bytes.Length));
    }
}
