using System.Globalization;
using System.Numerics;
using System.Text;

namespace Pawl.Core.Expressions;

/// <summary>Go's <c>fmt.Sprintf</c> for one whole number, the <c>format</c> of a <c>withSequence</c>, and how Go writes text in quotes.</summary>
/// <remarks>What Go writes where a format is wrong, such as <c>%!s(int=7)</c>, is text like any other: Argo makes items of it too.</remarks>
public static class GoFormat
{
    // Go takes a million. No name of a node has use for more than this, and a hundred thousand nodes must stay in memory.
    private const int Widest = 1_000;

    /// <param name="format">Null is the number alone.</param>
    public static string Print(string? format, long number)
    {
        if (format is null or "%d") { return number.ToString(CultureInfo.InvariantCulture); }
        var text = new StringBuilder();
        var (argument, wasReordered) = (0, false);
        for (var at = 0; at < format.Length;)
        {
            var percent = format.IndexOf('%', at);
            text.Append(format, at, (percent < 0 ? format.Length : percent) - at);
            if (percent < 0) { break; }
            var verb = Verb.Read(format, percent + 1, ref argument, ref wasReordered, number);
            at = verb.End;
            text.Append(verb.Text(number, ref argument));
        }
        // An index of an argument says that leaving some out is meant.
        if (argument == 0 && !wasReordered) { text.Append(CultureInfo.InvariantCulture, $"%!(EXTRA int={number})"); }
        return text.ToString();
    }

    /// <summary>Go's <c>strconv.Quote</c>.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes()) { quoted.Append(Escaped(rune, '"')); }
        return quoted.Append('"').ToString();
    }

    private static string Escaped(Rune rune, char quote) => rune.Value switch
    {
        var value when value == quote => $"\\{quote}",
        '\\' => "\\\\",
        '\a' => "\\a",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\v' => "\\v",
        < ' ' or 0x7f => $"\\x{rune.Value:x2}",
        0x200b or 0x2028 or 0x2029 or 0xfeff or (>= 0x80 and < 0xa1) => $"\\u{rune.Value:x4}",
        _ => rune.ToString(),
    };

    private struct Verb
    {
        private bool _plus, _minus, _sharp, _space, _zero, _badIndex;
        private int? _width, _precision;
        private string _fault;
        private Rune? _rune;

        public int End { get; private set; }

        public static Verb Read(string format, int at, ref int argument, ref bool wasReordered, long number)
        {
            var verb = new Verb { _fault = "" };
            for (var isFlag = true; isFlag && at < format.Length;)
            {
                switch (format[at])
                {
                    case '#': verb._sharp = true; break;
                    case '0': verb._zero = !verb._minus; break;
                    case '+': verb._plus = true; break;
                    case '-': (verb._minus, verb._zero) = (true, false); break;
                    case ' ': verb._space = true; break;
                    default: isFlag = false; break;
                }
                if (isFlag) { at++; }
            }
            verb.Index(format, ref at, ref argument, ref wasReordered);
            verb._width = verb.Size(format, ref at, ref argument, number, "%!(BADWIDTH)");
            if (verb._width < 0) { (verb._width, verb._minus, verb._zero) = (-verb._width, true, false); }
            if (at < format.Length && format[at] == '.')
            {
                at++;
                verb.Index(format, ref at, ref argument, ref wasReordered);
                verb._precision = verb.Size(format, ref at, ref argument, number, "%!(BADPREC)") ?? 0;
                if (verb._precision < 0) { (verb._precision, verb._fault) = (null, verb._fault + "%!(BADPREC)"); }
            }
            verb.Index(format, ref at, ref argument, ref wasReordered);
            if (at < format.Length)
            {
                verb._rune = Rune.TryGetRuneAt(format, at, out var rune) ? rune : Rune.ReplacementChar;
                at += Rune.TryGetRuneAt(format, at, out _) ? rune.Utf16SequenceLength : 1;
            }
            verb.End = at;
            return verb;
        }

        public readonly string Text(long number, ref int argument)
        {
            if (_rune is not { } rune) { return _fault + "%!(NOVERB)"; }
            if (rune.Value == '%') { return _fault + "%"; }
            if (_badIndex) { return $"{_fault}%!{rune}(BADINDEX)"; }
            if (argument++ > 0) { return $"{_fault}%!{rune}(MISSING)"; }
            return _fault + rune.Value switch
            {
                'd' or 'v' => Padded(Digits(number, 10, "")),
                'b' => Padded(Digits(number, 2, _sharp ? "0b" : "")),
                'o' => Padded(Digits(number, 8, _sharp ? "0" : "")),
                'O' => Padded(Digits(number, 8, "0o")),
                'x' => Padded(Digits(number, 16, _sharp ? "0x" : "")),
                'X' => Padded(Digits(number, 16, _sharp ? "0X" : "").ToUpperInvariant()),
                'c' => Padded(Character(number).ToString()),
                'q' => Padded($"'{Escaped(Character(number), '\'')}'"),
                'U' => Padded(Unicode(number)),
                'T' => Padded("int"),
                _ => string.Create(CultureInfo.InvariantCulture, $"%!{rune}(int={number})"),
            };
        }

        // [1] names the only argument there is; any other number is one too many.
        private void Index(string format, ref int at, ref int argument, ref bool wasReordered)
        {
            if (at >= format.Length || format[at] != '[') { return; }
            wasReordered = true;
            var close = format.IndexOf(']', at);
            if (close < 0)
            {
                _badIndex = true;
                at++;
                return;
            }
            if (int.TryParse(format.AsSpan(at + 1, close - at - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index == 1) { argument = 0; }
            else { _badIndex = true; }
            at = close + 1;
        }

        private int? Size(string format, ref int at, ref int argument, long number, string fault)
        {
            if (at < format.Length && format[at] == '*')
            {
                at++;
                if (argument++ == 0 && Math.Abs((decimal)number) <= Widest) { return (int)number; }
                _fault += fault;
                return null;
            }
            var start = at;
            while (at < format.Length && char.IsAsciiDigit(format[at])) { at++; }
            if (at == start) { return null; }
            return int.TryParse(format.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? Math.Min(size, Widest) : Widest;
        }

        private readonly string Digits(long number, int numberBase, string prefix)
        {
            var magnitude = BigInteger.Abs(number);
            var digits = new StringBuilder();
            for (var left = magnitude; left > 0; left /= numberBase) { digits.Insert(0, "0123456789abcdef"[(int)(left % numberBase)]); }
            if (_precision is { } least)
            {
                // Go: nothing at all of a zero in no digits.
                if (least == 0 && number == 0) { return ""; }
                digits.Insert(0, "0", Math.Max(0, least - digits.Length));
            }
            if (digits.Length == 0) { digits.Append('0'); }
            var sign = number < 0 ? "-" : _plus ? "+" : _space ? " " : "";
            var room = (_width ?? 0) - sign.Length;
            if (_zero && _precision is null) { digits.Insert(0, "0", Math.Max(0, room - digits.Length)); }
            return sign + (prefix == "0" && digits[0] == '0' ? "" : prefix) + digits;
        }

        private readonly string Padded(string text)
        {
            var missing = (_width ?? 0) - text.EnumerateRunes().Count();
            if (missing <= 0) { return text; }
            return _minus ? text + new string(' ', missing) : new string(' ', missing) + text;
        }

        private readonly string Unicode(long number)
        {
            var digits = Math.Max(4, _precision ?? 4);
            var name = $"U+{((ulong)number).ToString($"X{digits}", CultureInfo.InvariantCulture)}";
            return _sharp && number is >= 0 and <= 0x10FFFF && Rune.IsValid((int)number) ? $"{name} '{Character(number)}'" : name;
        }

        private static Rune Character(long number) => number is >= 0 and <= 0x10FFFF && Rune.IsValid((int)number) ? new Rune((int)number) : Rune.ReplacementChar;
    }
}
