namespace Pawl.Training;

/// <summary>Which samples come next: every sample once an epoch, in an order that depends on seed and epoch alone.</summary>
/// <remarks>Its position is its whole state, so a checkpoint holds a few numbers of it and no order.</remarks>
public sealed class Batches : ITrainingState
{
    private readonly int[] _order;
    private readonly int _size;
    private readonly long _seed;
    private long _epoch;
    private int _position;

    /// <param name="count">Samples in all.</param>
    /// <param name="batchSize">Samples a batch; the last of an epoch may be shorter.</param>
    public Batches(int count, int batchSize, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        (_order, _size, _seed) = (new int[count], batchSize, seed);
        Arrange();
    }

    /// <summary>Epoch of the next batch, from 0.</summary>
    public long Epoch => _position < _order.Length ? _epoch : _epoch + 1;

    /// <summary>The indexes of the next batch's samples.</summary>
    /// <returns>Valid until the next call.</returns>
    public ReadOnlySpan<int> Next()
    {
        if (_position == _order.Length)
        {
            _epoch++;
            _position = 0;
            Arrange();
        }
        var batch = _order.AsSpan(_position, Math.Min(_size, _order.Length - _position));
        _position += batch.Length;
        return batch;
    }

    /// <inheritdoc/>
    public void Write(StateWriter to)
    {
        to.Write("count", _order.Length);
        to.Write("seed", _seed);
        to.Write("epoch", _epoch);
        to.Write("position", _position);
    }

    /// <inheritdoc/>
    public void Read(StateReader from)
    {
        if (from.ReadInt64("count") != _order.Length || from.ReadInt64("seed") != _seed)
        {
            throw new InvalidDataException(
                $"the checkpoint goes through {from.ReadInt64("count")} samples with seed {from.ReadInt64("seed")}, and this program through {_order.Length} with {_seed}");
        }
        _epoch = from.ReadInt64("epoch");
        _position = checked((int)from.ReadInt64("position"));
        if (_epoch < 0 || _position < 0 || _position > _order.Length) { throw new InvalidDataException($"no such position: {_position} of {_order.Length}"); }
        Arrange();
    }

    private void Arrange()
    {
        for (var i = 0; i < _order.Length; i++) { _order[i] = i; }
        var mix = unchecked((ulong)_seed + ((ulong)_epoch * 0xd1342543de82ef95));
        new TrainingRandom(unchecked((long)TrainingRandom.SplitMix(ref mix))).Shuffle<int>(_order);
    }
}
