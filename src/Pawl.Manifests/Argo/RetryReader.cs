using System.Globalization;
using Pawl.Core.Workflows;
using Pawl.Manifests.Checks;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>Reads <c>retryStrategy</c>, which stands in the spec and in templates alike.</summary>
internal sealed class RetryReader(Problems problems)
{
    public RetryStrategy? Retry(Fields owner)
    {
        if (owner.Map("retryStrategy", Tables.RetryStrategy) is not { } fields) { return null; }
        var limit = fields.WholeOrTag("limit");
        if (limit is ['-', ..]) { problems.Unsupported(fields.Value("limit")!, $"retry limit {limit} is negative; write 0 for no retry"); }
        var backoff = Backoff(fields.Map("backoff", Tables.Backoff));
        if (backoff is not null && !fields.Has("limit"))
        {
            problems.Notice(fields.Key("backoff")!, "without limit Argo never waits a backoff out, retries follow each other at once; write `limit: N`");
        }
        ExpressionChecks.CheckBare(fields.Value("expression"), problems);
        return new RetryStrategy { RetryLimit = limit, Policy = Policy(fields), Backoff = backoff, Expression = fields.Text("expression") };
    }

    private RetryPolicy Policy(Fields fields)
    {
        // The expression alone decides where one is written (Argo).
        if (fields.Text("retryPolicy") is not { Length: > 0 } text) { return fields.Has("expression") ? RetryPolicy.Always : RetryPolicy.OnFailure; }
        var names = Enum.GetNames<RetryPolicy>();
        if (names.Contains(text)) { return Enum.Parse<RetryPolicy>(text); }
        problems.Error(fields.Value("retryPolicy")!, $"{text.Quoted()} is not a valid RetryPolicy; write one of {string.Join(", ", names)}");
        return RetryPolicy.OnFailure;
    }

    private Backoff? Backoff(Fields? fields)
    {
        if (fields is null) { return null; }
        if (!fields.Has("duration")) { problems.Error(fields.Node, "no base duration specified for retryStrategy: backoff needs one; write `duration: \"30s\"`"); }
        return new Backoff(Duration(fields, "duration"), Factor(fields), Duration(fields, "cap"), Duration(fields, "maxDuration"));
    }

    /// <summary>Whole seconds or a Go duration, as text; may hold a tag.</summary>
    public string? Duration(Fields fields, string field)
    {
        var text = fields.Text(field);
        if (text is not null && !Tags.AnyIn(text) && !Notations.IsDuration(text))
        {
            problems.Error(fields.Value(field)!, $"{field} {text.Quoted()} is not a duration; write seconds such as \"30\", or \"300ms\", \"2m\", \"1h30m\"");
        }
        return text;
    }

    private string? Factor(Fields fields)
    {
        if (fields.Value("factor") is not { } value) { return null; }
        var text = Scalars.AnyText(value);
        var isNumber = value.Kind is YamlKind.Scalar
            && decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out _);
        if (value.Kind is not YamlKind.Scalar || (!isNumber && !Tags.AnyIn(text)))
        {
            problems.Error(value, $"factor {value.Text.Quoted()} is not a number; write a whole number such as 2");
            return null;
        }
        if (isNumber && !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
        {
            problems.Notice(value, $"factor {text} works here, but Argo takes whole numbers only; write 2 where the manifest is to run on Argo");
        }
        return text;
    }
}
