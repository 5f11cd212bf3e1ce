namespace Pawl.Core.Expressions;

/// <summary>A text that its author must change: a condition that is not one, a tag that grows out of bounds.</summary>
/// <param name="message">What is wrong, in Argo's words where it has any.</param>
/// <param name="column">From 1, in the text that was given.</param>
public sealed class ExpressionException(string message, int column) : Exception(message)
{
    public int Column { get; } = column;
}
