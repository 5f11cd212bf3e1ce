using System.Text;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;
using Xunit;

namespace Pawl.Tests.Storage.Stores;

/// <summary>What every object store promises; a subclass says which store. It is empty at the start of each test.</summary>
public abstract class ObjectStoreContract
{
    protected abstract IObjectStore Store { get; }

    [Fact]
    public async Task An_object_is_created_once_and_then_stays()
    {
        Assert.True(await Store.CreateAsync("a/b/c", "first"u8.ToArray()));
        Assert.False(await Store.CreateAsync("a/b/c", "second"u8.ToArray()));
        Assert.Equal("first"u8.ToArray(), await Store.ReadAsync("a/b/c", 100));
    }

    [Fact]
    public async Task What_is_absent_reads_as_null_and_lists_as_nothing()
    {
        Assert.Null(await Store.ReadAsync("a/b", 100));
        Assert.Null(await Store.OpenReadAsync("a/b"));
        Assert.Empty(await Store.ListAsync("a/"));
        await Store.RemoveAsync("a/b");
        await Store.RemoveAsync("a/");
    }

    [Fact]
    public async Task An_object_longer_than_the_limit_is_refused()
    {
        await Store.CreateAsync("a", new byte[101]);
        await Assert.ThrowsAsync<IOException>(async () => await Store.ReadAsync("a", 100));
        Assert.Equal(101, (await Store.ReadAsync("a", 101))!.Length);
    }

    [Fact]
    public async Task Keys_are_listed_in_ordinal_order_below_their_prefix()
    {
        foreach (var key in (string[])["p/b", "p/a/z", "p/B", "p/10", "p/9", "q/a", "pp/a"]) { await Store.CreateAsync(key, default); }
        Assert.Equal(["p/10", "p/9", "p/B", "p/a/z", "p/b"], await Store.ListAsync("p/"));
        Assert.Equal(["p/a/z"], await Store.ListAsync("p/a/"));
    }

    [Fact]
    public async Task A_second_key_holds_the_same_when_the_first_is_gone_and_takes_the_place_of_what_was_there()
    {
        await Store.CreateAsync("a/one", "content"u8.ToArray());
        await Store.CreateAsync("b/two", "older"u8.ToArray());
        await Store.CopyAsync("a/one", "b/two", 0b110_100_100);
        await Store.CopyAsync("a/one", "b/two", 0b110_100_100);
        await Store.RemoveAsync("a/");
        Assert.Equal("content"u8.ToArray(), await Store.ReadAsync("b/two", 100));
        Assert.Equal(["b/two"], await Store.ListAsync("b/"));
        await Assert.ThrowsAsync<IOException>(async () => await Store.CopyAsync("a/one", "b/three", 0b110_100_100));
        Assert.Null(await Store.ReadAsync("b/three", 100));
    }

    [Fact]
    public async Task A_large_object_is_there_only_when_committed()
    {
        await using (var writer = await Store.OpenWriteAsync("a/big", 0b110_100_100))
        {
            await writer.WriteAsync("one "u8.ToArray());
            Assert.Null(await Store.OpenReadAsync("a/big"));
            Assert.Empty(await Store.ListAsync("a/"));
            await writer.WriteAsync("two"u8.ToArray());
            await writer.CommitAsync();
        }
        Assert.Equal("one two", await TextAsync("a/big"));
    }

    [Fact]
    public async Task A_large_object_given_up_leaves_what_was_there()
    {
        await WriteAsync("a/big", "old");
        await using (var writer = await Store.OpenWriteAsync("a/big", 0b110_100_100)) { await writer.WriteAsync("new"u8.ToArray()); }
        Assert.Equal("old", await TextAsync("a/big"));
        Assert.Equal(["a/big"], await Store.ListAsync("a/"));
        await WriteAsync("a/big", "new");
        Assert.Equal("new", await TextAsync("a/big"));
    }

    [Fact]
    public async Task A_reader_knows_length_and_reads_anywhere()
    {
        await WriteAsync("a", "0123456789");
        await using var reader = (await Store.OpenReadAsync("a"))!;
        Assert.Equal(10, reader.Length);
        var buffer = new byte[4];
        Assert.Equal(3, await reader.ReadAsync(buffer, 7));
        Assert.Equal("789", Encoding.ASCII.GetString(buffer, 0, 3));
        Assert.Equal(0, await reader.ReadAsync(buffer, 10));
    }

    [Fact]
    public async Task An_identity_stays_with_its_content()
    {
        await WriteAsync("a", "0123456789");
        await WriteAsync("b", "0123456789");
        var a = await IdentityAsync("a");
        Assert.Equal(a, await IdentityAsync("a"));
        if (a is null) { return; }   // a store may have no such thing
        Assert.NotEqual(a, await IdentityAsync("b"));
        await WriteAsync("a", "0123456789");
        Assert.NotEqual(a, await IdentityAsync("a"));
    }

    [Fact]
    public async Task A_prefix_is_removed_with_all_below_it_and_nothing_beside()
    {
        foreach (var key in (string[])["p/a", "p/q/b", "pq"]) { await Store.CreateAsync(key, default); }
        await Store.RemoveAsync("p/");
        Assert.Empty(await Store.ListAsync("p/"));
        Assert.NotNull(await Store.ReadAsync("pq", 1));
        await Store.RemoveAsync("pq");
        Assert.Null(await Store.ReadAsync("pq", 1));
        Assert.True(await Store.CreateAsync("p/a", "again"u8.ToArray()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData("a/../b")]
    [InlineData("..")]
    [InlineData("./a")]
    [InlineData("a\0b")]
    public async Task A_key_that_could_leave_the_store_is_refused(string key)
    {
        await Assert.ThrowsAsync<UnsafePathException>(async () => await Store.CreateAsync(key, default));
        await Assert.ThrowsAsync<UnsafePathException>(async () => await Store.ReadAsync(key, 1));
        await Assert.ThrowsAsync<UnsafePathException>(async () => await Store.OpenWriteAsync(key, 0));
        await Assert.ThrowsAsync<UnsafePathException>(async () => await Store.OpenReadAsync(key));
        await Assert.ThrowsAsync<UnsafePathException>(async () => await Store.ListAsync(key + "//"));
    }

    protected async Task WriteAsync(string key, string text)
    {
        await using var writer = await Store.OpenWriteAsync(key, 0b110_100_100);
        await writer.WriteAsync(Encoding.UTF8.GetBytes(text));
        await writer.CommitAsync();
    }

    protected async Task<string> TextAsync(string key) => Encoding.UTF8.GetString((await Store.ReadAsync(key, 1000))!);

    private async Task<string?> IdentityAsync(string key)
    {
        await using var reader = (await Store.OpenReadAsync(key))!;
        return reader.Identity;
    }
}
