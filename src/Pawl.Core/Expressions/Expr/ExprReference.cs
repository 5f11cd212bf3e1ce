namespace Pawl.Core.Expressions.Expr;

/// <summary>A name an expression uses, as far as it is written out: <c>inputs.parameters['a-b']</c> wholly, of <c>a[b].c</c> only <c>a</c>.</summary>
/// <param name="IsGuarded">It stands to the left of <c>??</c> or holds a <c>?.</c>: it may be missing.</param>
internal sealed record ExprReference(IReadOnlyList<string> Path, bool IsGuarded)
{
    // Not there yet rather than absent: a guard must not take them for nil (Argo).
    private static readonly string[] Later = ["item", "retries", "lastRetry", "workflow.status", "workflow.failures"];

    public bool IsMissing(ExprScope scope)
    {
        var name = ToString();
        var later = Array.Find(Later, Is);
        if (later is not null && !scope.TryWalk(later.Split('.'), out _)) { return true; }
        return !IsGuarded && name != "$env" && !scope.TryWalk(Path, out _);
    }

    /// <summary>Whether it is this name or begins with it.</summary>
    public bool Is(string name)
    {
        var own = ToString();
        return own.StartsWith(name, StringComparison.Ordinal) && (own.Length == name.Length || own[name.Length] == '.');
    }

    public override string ToString() => string.Join('.', Path);

    public static List<ExprReference> In(ExprNode root)
    {
        var found = new List<ExprReference>();
        Walk(root, [], false, found, new HashSet<ExprNode>(ReferenceEqualityComparer.Instance));
        return found;
    }

    private static void Walk(ExprNode node, List<string> variables, bool isGuarded, List<ExprReference> found, HashSet<ExprNode> seen)
    {
        if (!seen.Add(node)) { return; }
        switch (node)
        {
            case ExprNode.Name or ExprNode.Member:
                Reference(node, variables, isGuarded, found, seen);
                break;
            case ExprNode.Binary { Sign: "??" } guarded:
                Walk(guarded.Left, variables, true, found, seen);
                Walk(guarded.Right, variables, isGuarded, found, seen);
                break;
            case ExprNode.Choice choice:
                // Only one of them is needed.
                Walk(choice.Condition, variables, isGuarded, found, seen);
                Walk(choice.Yes, variables, true, found, seen);
                Walk(choice.No, variables, true, found, seen);
                break;
            case ExprNode.Let let:
                Walk(let.Value, variables, isGuarded, found, seen);
                Walk(let.Body, [.. variables, let.Variable], isGuarded, found, seen);
                break;
            case ExprNode.Call call:
                // Functions are no names of the scope; a method belongs to what stands before it.
                if (call.Callee is ExprNode.Member method && !ExprFunctions.IsSprig(method.Of)) { Walk(method.Of, variables, isGuarded, found, seen); }
                foreach (var argument in call.Arguments) { Walk(argument, variables, isGuarded, found, seen); }
                break;
            default:
                foreach (var part in node.Parts()) { Walk(part, variables, isGuarded, found, seen); }
                break;
        }
    }

    private static void Reference(ExprNode node, List<string> variables, bool isGuarded, List<ExprReference> found, HashSet<ExprNode> seen)
    {
        var path = new List<string>();
        while (node is ExprNode.Member member)
        {
            isGuarded |= member.IsOptional;
            if (member.Key is ExprNode.Constant { Value: string key }) { path.Insert(0, key); }
            else
            {
                path.Clear();
                Walk(member.Key, variables, isGuarded, found, seen);
            }
            node = member.Of;
        }
        if (node is not ExprNode.Name name) { Walk(node, variables, isGuarded, found, seen); }
        else if (!variables.Contains(name.Text)) { found.Add(new ExprReference([name.Text, .. path], isGuarded)); }
    }
}
