using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.Versioning;
using System.Text;
using Pawl.Core.Workflows;
using Pawl.Storage.Archives;
using Pawl.Storage.Files;
using Xunit;

namespace Pawl.Tests.Storage.Archives;

[SupportedOSPlatform("linux")]
public sealed class UnpackingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pawl-unpacking-").FullName;
    private readonly Disk _disk = new();

    private string Target => Path.Join(_folder, "out", "target");

    [Theory]
    [InlineData(ArchiveKind.Tar)]
    [InlineData(ArchiveKind.Zip)]
    public async Task What_was_packed_comes_out_the_same(ArchiveKind kind)
    {
        var source = Path.Join(_folder, "source");
        Directory.CreateDirectory(Path.Join(source, "deep", "empty"));
        File.WriteAllText(Path.Join(source, "top"), "top");
        File.WriteAllText(Path.Join(source, "deep", new string('n', 150)), "long name");
        File.SetUnixFileMode(Path.Join(source, "top"), UnixFileMode.UserRead | UnixFileMode.UserExecute);

        await Packing.PackAsync(_disk, source, "model", new Archive(kind), Path.Join(_folder, "packed"));
        await UnpackAsync(new Archive(kind));

        Assert.Equal("top", File.ReadAllText(Path.Join(Target, "top")));
        Assert.Equal("long name", File.ReadAllText(Path.Join(Target, "deep", new string('n', 150))));
        Assert.True(Directory.Exists(Path.Join(Target, "deep", "empty")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Join(Target, "top")));
    }

    [Fact]
    public async Task Equal_content_is_packed_into_equal_bytes()
    {
        foreach (var name in (string[])["one", "two"])
        {
            Directory.CreateDirectory(Path.Join(_folder, name));
            File.WriteAllText(Path.Join(_folder, name, "a"), "content");
            await Packing.PackAsync(_disk, Path.Join(_folder, name), "model", new Archive(ArchiveKind.Tar), Path.Join(_folder, name + ".tgz"));
            await Packing.PackAsync(_disk, Path.Join(_folder, name), "model", new Archive(ArchiveKind.Zip), Path.Join(_folder, name + ".zip"));
        }

        Assert.Equal(File.ReadAllBytes(Path.Join(_folder, "one.tgz")), File.ReadAllBytes(Path.Join(_folder, "two.tgz")));
        Assert.Equal(File.ReadAllBytes(Path.Join(_folder, "one.zip")), File.ReadAllBytes(Path.Join(_folder, "two.zip")));
    }

    [Fact]
    public async Task A_single_packed_file_becomes_the_path_itself()
    {
        Tar(tar => tar.WriteEntry(Entry("./file", "text")));

        await UnpackAsync(null);

        Assert.Equal("text", File.ReadAllText(Target));
    }

    [Fact]
    public async Task What_is_no_tarball_stays_as_it_is_where_nothing_is_said()
    {
        using (var gzip = new GZipStream(File.Create(Path.Join(_folder, "packed")), CompressionLevel.Fastest)) { gzip.Write(Encoding.UTF8.GetBytes(new string('x', 1000))); }
        var bytes = File.ReadAllBytes(Path.Join(_folder, "packed"));

        await UnpackAsync(null);

        Assert.Equal(bytes, File.ReadAllBytes(Target));
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("deep/../../outside")]
    [InlineData("/etc/outside")]
    public async Task A_path_that_leads_out_is_refused(string name)
    {
        Tar(tar => tar.WriteEntry(Entry(name, "text")));

        await Assert.ThrowsAsync<UnsafePathException>(() => UnpackAsync(null));
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData(TarEntryType.SymbolicLink)]
    [InlineData(TarEntryType.HardLink)]
    public async Task A_link_is_refused(TarEntryType type)
    {
        Tar(tar =>
        {
            tar.WriteEntry(new GnuTarEntry(type, "link") { LinkName = "/etc/passwd" });
            tar.WriteEntry(Entry("link/file", "text"));
        });

        await Assert.ThrowsAsync<UnsafePathException>(() => UnpackAsync(null));
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_link_in_a_zip_is_refused()
    {
        using (var zip = new ZipArchive(File.Create(Path.Join(_folder, "packed")), ZipArchiveMode.Create))
        {
            var entry = zip.CreateEntry("link");
            entry.ExternalAttributes = 0xA1FF << 16;
            using var content = entry.Open();
            content.Write("/etc/passwd"u8);
        }

        await Assert.ThrowsAsync<UnsafePathException>(() => UnpackAsync(new Archive(ArchiveKind.Zip)));
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_bomb_does_not_go_off()
    {
        using (var gzip = new GZipStream(File.Create(Path.Join(_folder, "packed")), CompressionLevel.SmallestSize))
        using (var tar = new TarWriter(gzip))
        {
            tar.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, "zeros") { DataStream = new Zeros(256L << 20) });
        }

        var thrown = await Assert.ThrowsAsync<IOException>(() => UnpackAsync(null));
        Assert.Contains("would unpack to more than", thrown.Message, StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData(ArchiveKind.Tar)]
    [InlineData(ArchiveKind.Zip)]
    public async Task What_is_said_to_be_an_archive_and_is_none_is_refused(ArchiveKind kind)
    {
        File.WriteAllText(Path.Join(_folder, "packed"), string.Concat(Enumerable.Repeat("no archive ", 100)));

        await Assert.ThrowsAsync<IOException>(() => UnpackAsync(new Archive(kind)));
        AssertNothingIsLeft();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task UnpackAsync(Archive? archive)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Target)!);
        await Unpacking.UnpackAsync(_disk, Path.Join(_folder, "packed"), archive, Target);
    }

    private void AssertNothingIsLeft()
    {
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(Target)!));
        Assert.False(File.Exists(Path.Join(_folder, "outside")));
    }

    private void Tar(Action<TarWriter> write)
    {
        using var gzip = new GZipStream(File.Create(Path.Join(_folder, "packed")), CompressionLevel.Fastest);
        using var tar = new TarWriter(gzip);
        write(tar);
    }

    private static GnuTarEntry Entry(string name, string text) =>
        new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) };

    private sealed class Zeros(long length) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => true;
        public override bool CanWrite => false;
        public override long Length => length;
        public override long Position { get; set; }
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, length - Position);
            buffer.AsSpan(offset, read).Clear();
            Position += read;
            return read;
        }
        public override long Seek(long offset, SeekOrigin origin) => Position = offset;
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
