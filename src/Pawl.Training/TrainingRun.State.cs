using System.Text.Json.Serialization.Metadata;
using Pawl.Training.Checkpoints;

namespace Pawl.Training;

/// <summary>What a run's checkpoints hold, and how it comes back.</summary>
public sealed partial class TrainingRun
{
    private const string StateName = "state";
    private const string TrackedName = "tracked";

    /// <summary>A fresh state, or that of the newest sound checkpoint.</summary>
    /// <param name="fresh">Called in both cases; what is restored goes over what it made, tracked generators included.</param>
    /// <exception cref="ForeignCheckpointException">The newest sound checkpoint is of another run or fingerprint.</exception>
    /// <exception cref="InvalidDataException">It is this run's, but does not fit what the program reads.</exception>
    public TState Restore<TState>(Func<TState> fresh) where TState : ITrainingState
    {
        var state = fresh();
        RestoreInto(state);
        return state;
    }

    /// <summary>The same for a state that a source-generated serializer keeps as JSON.</summary>
    /// <inheritdoc cref="Restore{TState}(Func{TState})"/>
    public TState Restore<TState>(Func<TState> fresh, JsonTypeInfo<TState> json) where TState : notnull
    {
        var state = new JsonState<TState>(fresh(), json);
        RestoreInto(state);
        return state.Value;
    }

    /// <summary>Makes something a part of every checkpoint: a <see cref="TrainingRandom"/>, <see cref="Batches"/>, anything with state.</summary>
    /// <param name="name">Of its own; part of the file.</param>
    /// <returns><paramref name="part"/>; with the state of the checkpoint, once there is one restored.</returns>
    public TPart Track<TPart>(string name, TPart part) where TPart : ITrainingState
    {
        if (_isRunning) { throw new InvalidOperationException($"'{name}' must be tracked before the first step, or checkpoints would lack it"); }
        _tracked.Add(name, part);
        _restored?.Read(Tracked(name), part);
        return part;
    }

    private static string Tracked(string name) => $"{TrackedName}/{name}";

    private void RestoreInto(ITrainingState state)
    {
        if (_isRunning || _state is not null) { throw new InvalidOperationException("a run is restored once, before its first step"); }
        _state = state;
        foreach (var (step, file) in _folder.NewestFirst())
        {
            if (ReadSound(step, file) is not { } found) { continue; }
            RefuseForeign(found.Header, file);
            found.Parts.Read(StateName, state);
            foreach (var (name, part) in _tracked) { found.Parts.Read(Tracked(name), part); }
            (_restored, Step, _at, _taken, _durable) = (found.Parts, step, step, step, step);
            return;
        }
    }

    private (CheckpointHeader Header, StateReader Parts)? ReadSound(long step, string file)
    {
        try
        {
            var read = CheckpointFile.Read(file, _buffer);
            return read.Header.Step == step ? read : throw new InvalidDataException($"it is of step {read.Header.Step}, and its name says {step}");
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            _options.Warn($"{file}: {e.Message}; it is set aside and the one before it is used");
            _folder.SetAside(file);
            return null;
        }
    }

    private void RefuseForeign(CheckpointHeader header, string file)
    {
        if (_options.AcceptForeign) { return; }
        if (header.Run != _options.RunId) { throw new ForeignCheckpointException(file, "run", header.Run, _options.RunId); }
        if (header.Fingerprint != _options.Fingerprint)
        {
            throw new ForeignCheckpointException(file, "a step with fingerprint", header.Fingerprint, _options.Fingerprint);
        }
    }

    private void Show<TState>(TState state) where TState : notnull
    {
        switch (state)
        {
            case ITrainingState direct: _state = direct; break;
            case var value when _state is JsonState<TState> json: json.Value = value; break;
            default: throw new InvalidOperationException($"{typeof(TState).Name} is neither an ITrainingState nor what Restore gave");
        }
    }

    private void WriteParts()
    {
        _parts.Begin();
        _parts.Write(StateName, _state!);
        foreach (var (name, part) in _tracked) { _parts.Write(Tracked(name), part); }
    }
}
