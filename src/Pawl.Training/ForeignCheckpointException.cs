namespace Pawl.Training;

/// <summary>The checkpoint folder holds a sound checkpoint of another run, or of the same one with other code, inputs or parameters.</summary>
/// <remarks>To start from it all the same, set <see cref="TrainingOptions.AcceptForeign"/>; to start afresh, empty the folder.</remarks>
public sealed class ForeignCheckpointException : Exception
{
    internal ForeignCheckpointException(string path, string what, string theirs, string ours)
        : base($"{path} was saved by {what} '{theirs}', and this is '{ours}'; it was not restored. " +
               "Empty the folder to start afresh, or set TrainingOptions.AcceptForeign to go on from it") => Path = path;

    public string Path { get; }
}
