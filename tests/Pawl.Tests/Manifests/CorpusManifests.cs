using Pawl.Manifests;
using Xunit;

namespace Pawl.Tests.Manifests;

/// <summary>Manifests of others: those of two articles. Argo's own are for Pawl.Conformance.</summary>
public sealed class CorpusManifests
{
    [Fact]
    public void Of_the_articles_have_exactly_the_findings_that_are_known()
    {
        if (Checkout.Corpus is not { } corpus) { Assert.Skip("the folder with manifests of others is not there (PAWL_SHARED)"); return; }
        Assert.Equal(["error 7:15 'train-dag'"], Findings(corpus, "retry-example.yaml"));
        Assert.Equal(
            ["error 13:19 'validate'", "error 15:19 'preprocess'", "error 28:14 'myrepo/trainer:sha256@<digest>'"],
            Findings(corpus, "resilient-pipeline.yaml"));
        Assert.Equal(["error 6:15 'execute-pipeline'", "notice 14:17 factor 1.5"], Findings(corpus, "ml-training-graph.yaml"));
        Assert.Equal(
            ["error 13:19 'run-validation'", "error 15:19 'run-preprocess'", "notice 23:9 onExit", "notice 30:17 factor 1.8", "notice 40:15 'GRACE_PERIOD_SEC'"],
            Findings(corpus, "resilient-ml-workflow.yaml"));
    }

    // Fields that run cannot do yet are not findings of the articles' review.
    private static string[] Findings(string corpus, string file) =>
    [
        .. ManifestReader.Read(file, File.ReadAllBytes(Path.Combine(corpus, "seeds", file))).Problems
            .Where(p => p.Severity is not Severity.Unsupported)
            .Select(p => $"{p.Severity.ToString().ToLowerInvariant()} {p.Line}:{p.Column} {Subject(p.Message)}"),
    ];

    private static string Subject(string message) => message switch
    {
        _ when message.StartsWith("factor", StringComparison.Ordinal) => message[..10],
        _ when message.StartsWith("onExit", StringComparison.Ordinal) => "onExit",
        _ => $"'{message.Split('\'')[1]}'",
    };
}
