namespace Pawl.Core.Expressions.Expr;

/// <summary>A function with the values it is called with.</summary>
/// <param name="Column">Of the function's name, from 1.</param>
internal readonly record struct ExprCall(ExprRun Run, string Function, object?[] Arguments, int Column)
{
    public Fuel Fuel => Run.Fuel;

    public int Count => Arguments.Length;

    public object? this[int i] => Arguments[i];

    /// <summary>The arguments from <paramref name="from"/> on; a map of the scope is built.</summary>
    public List<object?> Rest(int from) => [.. Arguments.Skip(from)];

    public string Text(int i) => Arguments[i] as string ?? throw Wrong(i, "string");

    public string Text(int i, string otherwise) => i < Count ? Text(i) : otherwise;

    public long Whole(int i) => Arguments[i] switch
    {
        long n => n,
        double d when d == Math.Floor(d) && Math.Abs(d) < 1e18 => (long)d,
        _ => throw Wrong(i, "int"),
    };

    public int Small(int i) => Whole(i) is >= int.MinValue and <= int.MaxValue and var n ? (int)n : throw Wrong(i, "int of 32 bits");

    public double Number(int i) => Arguments[i] is long or double ? ExprValues.Double(Arguments[i]) : throw Wrong(i, "number");

    public bool Truth(int i) => Arguments[i] is bool b ? b : throw Wrong(i, "bool");

    public List<object?> List(int i) => Arguments[i] as List<object?> ?? throw Wrong(i, "array");

    public ExprMap Map(int i) => Arguments[i] switch
    {
        ExprMap map => map,
        ExprBranch branch => branch.ToMap(),
        _ => throw Wrong(i, "map"),
    };

    public DateTimeOffset Time(int i) => Arguments[i] is DateTimeOffset t ? t : throw Wrong(i, "time");

    public ExpressionException Fail(string message) => new($"{Function}: {message}", Column);

    /// <summary>A text made of these, its length counted first.</summary>
    public string Joined(string separator, IReadOnlyCollection<string> parts)
    {
        Fuel.Make(Column, parts.Sum(p => (long)p.Length + separator.Length));
        return string.Join(separator, parts);
    }

    public string Made(string text) => Fuel.Made(Column, text);

    /// <summary>The first <paramref name="most"/> occurrences replaced; all with -1.</summary>
    public string Replaced(string text, string old, string by, int most = -1)
    {
        var output = new FuelText(Fuel, Column);
        var at = 0;
        for (var n = 0; n != most; n++)
        {
            // Nothing stands before each character and at the end.
            var next = old.Length > 0 ? text.IndexOf(old, at, StringComparison.Ordinal) : n == 0 ? 0 : at + 1 <= text.Length ? at + 1 : -1;
            if (next < 0) { break; }
            output.Append(text[at..next]);
            output.Append(by);
            at = next + old.Length;
        }
        output.Append(text[Math.Min(at, text.Length)..]);
        return output.ToString();
    }

    /// <summary>At most <paramref name="most"/> parts, all with -1; an empty separator splits into characters.</summary>
    public List<object?> Split(string text, string separator, int most = -1, bool keep = false)
    {
        var parts = new List<object?>();
        if (most == 0) { return parts; }
        var at = 0;
        while (most < 0 || parts.Count < most - 1)
        {
            var end = separator.Length > 0 ? text.IndexOf(separator, at, StringComparison.Ordinal)
                : at + 1 < text.Length ? at + (char.IsSurrogatePair(text, at) ? 2 : 1)
                : -1;
            if (end < 0 || (separator.Length == 0 && end >= text.Length)) { break; }
            Fuel.Spend(Column);
            parts.Add(Made(text[at..(keep ? end + separator.Length : end)]));
            at = end + separator.Length;
        }
        if (separator.Length > 0 || at < text.Length) { parts.Add(Made(text[at..])); }
        return parts;
    }

    public string Repeated(string text, long count)
    {
        if (count < 0) { throw Fail("the count is below 0"); }
        if (text.Length == 0) { return ""; }
        Fuel.Make(Column, count > Fuel.LongestText ? long.MaxValue / 2 : count * text.Length);
        return string.Concat(Enumerable.Repeat(text, (int)count));
    }

    public ExpressionException Wrong(int i, string wanted) =>
        new($"{Function}: argument {i + 1} is {ExprValues.TypeOf(Arguments[i])}, not {wanted}", Column);
}

internal delegate object? ExprFunction(ExprCall call);

/// <param name="Least">Arguments.</param>
/// <param name="Most">Arguments; -1 for any number.</param>
internal sealed record ExprBuiltin(int Least, int Most, ExprFunction Run);

/// <summary>A family of functions by name.</summary>
internal sealed class ExprFamily() : Dictionary<string, ExprBuiltin>(StringComparer.Ordinal)
{
    public void Add(string name, int least, int most, ExprFunction run) => Add(name, new ExprBuiltin(least, most, run));

    public void Add(string name, int count, ExprFunction run) => Add(name, new ExprBuiltin(count, count, run));
}

/// <summary>All functions that an expression can call: those of the language, Argo's own, and Sprig's behind <c>sprig.</c>.</summary>
internal static class ExprFunctions
{
    private static readonly Dictionary<string, ExprBuiltin> Plain = All(
        TextFunctions.All, ListFunctions.All, NumberFunctions.All, TypeFunctions.All, TimeFunctions.All);

    private static readonly Dictionary<string, ExprBuiltin> Sprig = All(
        SprigTexts.All, SprigLists.All, SprigMaps.All, SprigNumbers.All, SprigTimes.All, SprigCodes.All, SprigTypes.All, SprigPaths.All);

    public static bool IsSprig(ExprNode node) => node is ExprNode.Name { Text: "sprig" };

    public static object? Invoke(ExprRun run, string name, bool isSprig, object?[] arguments, int column)
    {
        var shown = isSprig ? $"sprig.{name}" : name;
        if (!(isSprig ? Sprig : Plain).TryGetValue(name, out var function))
        {
            throw new ExpressionException(isSprig ? Refused(name) ?? $"unknown function {shown}" : $"unknown name {shown}", column);
        }
        if (arguments.Length < function.Least) { throw new ExpressionException($"not enough arguments to call {shown}", column); }
        if (function.Most >= 0 && arguments.Length > function.Most)
        {
            throw new ExpressionException($"too many arguments to call {shown}", column);
        }
        // Whatever a function does costs at most so much for each of its arguments.
        foreach (var argument in arguments)
        {
            run.Fuel.Spend(column, argument switch
            {
                string s => s.Length / Fuel.TextPerStep,
                List<object?> list => list.Count / 8,
                ExprMap map => map.Count / 4,
                _ => 0,
            });
        }
        return function.Run(new ExprCall(run, shown, arguments, column));
    }

    private static string? Refused(string name) => name switch
    {
        "env" or "expandenv" => $"sprig.{name} is not available: Argo removes it, since it would show the controller's environment",
        "getHostByName" => "sprig.getHostByName is not available: an expression asks no network; resolve the name in a step",
        "bcrypt" or "htpasswd" or "genPrivateKey" or "derivePassword" or "buildCustomCert" or "genCA" or "genCAWithKey"
            or "genSelfSignedCert" or "genSelfSignedCertWithKey" or "genSignedCert" or "genSignedCertWithKey" or "encryptAES" or "decryptAES" =>
            $"sprig.{name} is not available: a key or password made in an expression would stand in the run's journal; make it in a step",
        _ => null,
    };

    private static Dictionary<string, ExprBuiltin> All(params ExprFamily[] families)
    {
        var all = new Dictionary<string, ExprBuiltin>(StringComparer.Ordinal);
        foreach (var (name, function) in families.SelectMany(f => f)) { all.Add(name, function); }
        return all;
    }
}
