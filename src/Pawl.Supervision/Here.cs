using System.Collections.Immutable;
using System.Text;
using Pawl.Core.Attempts;
using Pawl.Core.Errors;
using Pawl.Core.Expressions;
using Pawl.Core.Expressions.Expr;
using Pawl.Core.Workflows;
using Pawl.Storage.Files;
using Pawl.Storage.Repositories;
using Pawl.Supervision.Remote;

namespace Pawl.Supervision;

/// <summary>Templates that run no program: a request, a list of keys. The supervisor does them itself.</summary>
public sealed partial class Attempt
{
    private async Task<(Ran Ran, NodeOutputs Outputs)> RunHereAsync(AttemptSpec spec, Stages stages, Stopping stopping)
    {
        stages.Enter("run");
        (Verdict Verdict, string? Result) done = (Verdict.Errored("not done"), null);
        var isOver = false;
        using var late = new CancellationTokenSource();
        await UnlessStoppedAsync(stopping, async stop =>
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
            var work = spec.Http is { } call ? CallAsync(spec, call, either.Token) : ListAsync(spec.Keys!);
            if (spec.Deadline is { } deadline)
            {
                using var waited = new CancellationTokenSource();
                await Task.WhenAny(work, Cutoff.AfterAsync(deadline, clock, waited.Token));
                isOver = !work.IsCompleted;
                waited.Cancel();
                if (isOver) { late.Cancel(); }
            }
            try
            {
                done = await work;
            }
            catch (OperationCanceledException) when (isOver)
            {
                done = (Classify.Halted(HaltOf(null), null), null);
            }
        });
        if (await stopping.TakeAsync() is { } request && done.Verdict.Message == "not done") { return (Stopped(request), NodeOutputs.None); }
        return (new Ran(done.Verdict, null, ""), new NodeOutputs { Result = done.Result });
    }

    private async Task<(Verdict, string?)> CallAsync(AttemptSpec spec, HttpCall call, CancellationToken stop)
    {
        HttpAnswer answer;
        try
        {
            answer = await Remote.CallAsync(call, await HeadersAsync(spec, call.Headers), stop);
        }
        catch (IOException e)
        {
            return (new Verdict(OutcomeKind.Errored, ErrorClass.Transient, null, e.Message), null);
        }
        var body = Encoding.UTF8.GetString(answer.Body);
        if (call.SuccessCondition is not { Length: > 0 } condition)
        {
            return answer.Status is >= 200 and < 300
                ? (Succeeded, body)
                : (new Verdict(OutcomeKind.Failed, ErrorClass.Permanent, null, $"received non-2xx response code: {answer.Status}"), body);
        }
        try
        {
            return Expression.Parse(condition).Holds(NamesOf(call, answer, body), new ExprMoment(clock.GetUtcNow(), 0))
                ? (Succeeded, body)
                : (new Verdict(OutcomeKind.Failed, ErrorClass.Permanent, null, $"successCondition '{condition}' evaluated false"), body);
        }
        catch (ExpressionException e)
        {
            return (Verdict.Errored($"failed to evaluate successCondition '{condition}': {e.Message}"), body);
        }
    }

    private static GivenNames NamesOf(HttpCall call, HttpAnswer answer, string body)
    {
        var names = new GivenNames();
        names.Add("request.method", call.Method);
        names.Add("request.url", call.Url);
        names.Add("request.body", call.Body ?? "");
        names.Add("request.headers", call.Headers.Select(h => (h.Name, (IEnumerable<string>)[h.Value ?? ""])));
        names.Add("response.statusCode", answer.Status);
        names.Add("response.body", body);
        names.Add("response.headers", answer.Headers.Select(h => (h.Name, (IEnumerable<string>)h.Values)));
        return names;
    }

    private async Task<(Verdict, string?)> ListAsync(KeyListing keys)
    {
        try
        {
            var found = await Repository.KeysAsync(disk, host.Home, keys.Source);
            return (Succeeded, Transformed(found, keys.Transformation));
        }
        catch (Exception e) when (e is IOException or UnsafePathException or ExpressionException)
        {
            return (Verdict.Errored(e.Message), null);
        }
    }

    /// <returns>JSON.</returns>
    private string Transformed(IEnumerable<string> keys, ImmutableArray<string> transformation)
    {
        var names = new GivenNames();
        names.Add("data", keys);
        var moment = new ExprMoment(clock.GetUtcNow(), 0);
        foreach (var expression in transformation) { names.AddValue("data", Expression.Parse(expression).Evaluate(names, moment)); }
        return Expression.Parse("toJson(data)").EvaluateText(names, moment) ?? "null";
    }

    private static Verdict Succeeded { get; } = new(OutcomeKind.Succeeded, null, null, "");
}
