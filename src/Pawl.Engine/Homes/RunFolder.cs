using System.Globalization;
using Pawl.Core.Workflows;

namespace Pawl.Engine.Homes;

/// <summary>Where the files of one run are.</summary>
public sealed record RunFolder(string Uid, string Folder)
{
    /// <summary>Exactly as submitted.</summary>
    public string Manifest => $"{Folder}/manifest.yaml";

    /// <summary>What the manifest refers to, as it was at submission; absent where it refers to nothing.</summary>
    public string References => $"{Folder}/references.json";

    /// <summary>The values that <c>--secret</c> gave, for the user's eyes only; absent where there are none.</summary>
    public string Secrets => $"{Folder}/secrets";

    public string Journal => $"{Folder}/journal";

    public string Inbox => $"{Folder}/inbox";

    /// <summary>Held by the engine that owns the run.</summary>
    public string Lock => $"{Folder}/lock";

    /// <summary>Name and time of the run, for looking it up; the truth is the journal's first event.</summary>
    public string Label => $"{Folder}/run.json";

    /// <param name="step">The step key: a node's name without its own retry suffix.</param>
    public string StepFolder(string step) => $"{Folder}/{Names.Folder(step)}";

    /// <summary><c>3</c> of a step without retries, <c>1-3</c> of the third attempt of its node <c>step(1)</c>.</summary>
    /// <param name="step">The step key of <paramref name="attempt"/>.</param>
    /// <exception cref="ArgumentException">The attempt is not one of the step.</exception>
    public string AttemptFolder(string step, AttemptId attempt)
    {
        var number = attempt.Number.ToString(CultureInfo.InvariantCulture);
        return attempt.Node.Value == step
            ? $"{StepFolder(step)}/{number}"
            : $"{StepFolder(step)}/{Retry(step, attempt.Node.Value)}-{number}";
    }

    public static bool IsUid(string text) =>
        text.Length is > 0 and <= 64 && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    private static string Retry(string step, string node)
    {
        if (node.StartsWith(step, StringComparison.Ordinal) && node.AsSpan(step.Length) is ['(', .. var digits, ')']
            && digits.Length > 0 && !digits.ContainsAnyExceptInRange('0', '9'))
        {
            return digits.ToString();
        }
        throw new ArgumentException($"{node} is not a node of step {step}.", nameof(node));
    }
}
