using System.Buffers.Binary;

namespace Pawl.Supervision.Checkpoints.Formats;

/// <summary>
/// What <c>torch.save</c> puts into its zip: <c>NAME/data.pkl</c>, then <c>NAME/data/KEY</c> for each storage that the pickle names, and last <c>NAME/version</c>.
/// </summary>
/// <remarks>
/// The writer closes its archive also where an exception ends the save (SIGTERM that became SystemExit, say): a sound zip that lacks what was not
/// written yet. TorchScript's archives are written by another writer, without Python in between; nothing is demanded of them.
/// </remarks>
internal sealed class TorchArchive
{
    private const int MostPickle = 64 << 20;
    private const uint LocalHeader = 0x04034b50;
    private const int LocalHeaderSize = 30;

    private readonly HashSet<long> _storages = [];
    private byte[] _root = [];
    private Pickle? _pickle;
    private bool _hasVersion;

    /// <summary>It has entries that <c>torch.save</c> does not make.</summary>
    private bool _isOther;

    /// <summary>Nothing can be demanded of it.</summary>
    private bool _isForeign;

    /// <param name="header">Of the entry, in the archive's directory.</param>
    public void Add(ReadOnlySpan<byte> header, ReadOnlySpan<byte> name)
    {
        var root = name.IndexOf((byte)'/');
        if (root < 0 || (_root.Length > 0 && !name[..root].SequenceEqual(_root)))
        {
            _isForeign = true;
            return;
        }
        if (_root.Length == 0) { _root = name[..root].ToArray(); }
        name = name[(root + 1)..];
        if (name.SequenceEqual("data.pkl"u8))
        {
            var method = BinaryPrimitives.ReadUInt16LittleEndian(header[10..]);
            _pickle = new(BinaryPrimitives.ReadUInt32LittleEndian(header[42..]), BinaryPrimitives.ReadUInt32LittleEndian(header[24..]), IsStored: method == 0);
        }
        else if (name.StartsWith("data/"u8) && PickledStorages.Key(name[5..]) is >= 0 and var key) { _storages.Add(key); }
        else if (name.SequenceEqual("version"u8) || name.SequenceEqual(".data/serialization_id"u8)) { _hasVersion = true; }
        else if (name.SequenceEqual("constants.pkl"u8) || name.StartsWith("code/"u8)) { _isForeign = true; }
        else if (!name.SequenceEqual("byteorder"u8) && !name.SequenceEqual(".format_version"u8) && !name.SequenceEqual(".storage_alignment"u8)) { _isOther = true; }
    }

    /// <summary>Whether it is torch's and lacks something of what it was to hold; false also where that cannot be told.</summary>
    public bool LacksSomething(FileBytes file)
    {
        if (_isForeign) { return false; }
        if (_pickle is not { } pickle) { return _hasVersion && !_isOther; }
        Span<byte> local = stackalloc byte[LocalHeaderSize];
        if (!pickle.IsStored || pickle.Size > MostPickle || !file.TryRead(pickle.At, local) || BinaryPrimitives.ReadUInt32LittleEndian(local) != LocalHeader) { return false; }
        var from = pickle.At + LocalHeaderSize + BinaryPrimitives.ReadUInt16LittleEndian(local[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(local[28..]);
        return new PickledStorages(file, from, pickle.Size).AreIn(_storages) == false;
    }

    private sealed record Pickle(long At, long Size, bool IsStored);
}
