using System.Collections.Immutable;
using System.Text;
using Pawl.Core.Workflows;
using Pawl.Manifests.Checks;

namespace Pawl.Manifests.Argo;

/// <summary>Reads the templates that run no program: <c>http</c> and <c>data</c>.</summary>
internal sealed class HereReader(Problems problems)
{
    private static readonly Container NoContainer = new();

    public TemplateBody.Leaf? Http(Fields template)
    {
        if (template.Map("http", LocationTables.HttpTemplate) is not { } fields) { return null; }
        if (fields.Text("url") is not { Length: > 0 } url)
        {
            problems.Error(fields.Value("url") ?? fields.Node, "http without a url; write `url: https://…`");
            return null;
        }
        ExpressionChecks.CheckBare(fields.Value("successCondition"), problems);
        var seconds = fields.Whole("timeoutSeconds");
        return new TemplateBody.Leaf(NoContainer, null)
        {
            Http = new HttpCall(
                fields.Text("method") is { Length: > 0 } method ? method : "GET", url, Headers(fields), Body(fields),
                seconds is > 0 ? TimeSpan.FromSeconds(Math.Min(seconds.Value, int.MaxValue / 1000)) : null, fields.Flag("insecureSkipVerify") ?? false, fields.Text("successCondition")),
        };
    }

    public TemplateBody.Leaf? Data(Fields template)
    {
        if (template.Map("data", LocationTables.DataTemplate) is not { } fields) { return null; }
        var paths = fields.Map("source", LocationTables.DataSource)?.Map("artifactPaths", Tables.Artifact);
        var source = paths is null ? null : new LocationReader(problems).InRepository(paths, mayBeAll: true);
        if (source is null)
        {
            problems.Error(fields.Node, "data without a source that can be listed; write `source: {artifactPaths: {name: NAME, s3: {key: PREFIX}}}`");
            return null;
        }
        var expressions = ImmutableArray.CreateBuilder<string>();
        foreach (var node in fields.List("transformation"))
        {
            if (Fields.Of(node, LocationTables.Transformation, problems) is not { } step || step.Text("expression") is not { } expression) { continue; }
            ExpressionChecks.CheckBare(step.Value("expression"), problems);
            expressions.Add(expression);
        }
        return new TemplateBody.Leaf(NoContainer, null) { Keys = new KeyListing(source, expressions.ToImmutable()) };
    }

    public ImmutableArray<HttpHeader> Headers(Fields owner)
    {
        var headers = ImmutableArray.CreateBuilder<HttpHeader>();
        foreach (var node in owner.List("headers"))
        {
            if (Fields.Of(node, LocationTables.HttpHeader, problems) is not { } fields) { continue; }
            if (fields.Text("name") is not { Length: > 0 } name)
            {
                problems.Error(node, "a header without a name; write `name: NAME`");
                continue;
            }
            var secret = fields.Map("valueFrom", LocationTables.HeaderValueFrom)?.Map("secretKeyRef", KindTables.KeyRef);
            headers.Add(new HttpHeader(name, secret is null ? fields.AnyText("value") ?? "" : null, ArgumentReader.KeyRef(secret, "secretKeyRef", problems)));
        }
        return headers.ToImmutable();
    }

    private string? Body(Fields fields)
    {
        if (fields.Text("body") is { } body) { return body; }
        if (fields.Map("bodyFrom", LocationTables.BodyFrom) is not { } from || from.Text("bytes") is not { } bytes) { return null; }
        try { return Encoding.UTF8.GetString(Convert.FromBase64String(bytes)); }
        catch (FormatException)
        {
            problems.Error(from.Value("bytes")!, "bodyFrom.bytes is not base64; encode it, or write `body:`");
            return null;
        }
    }
}
