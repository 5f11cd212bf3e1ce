using System.CommandLine;
using Pawl.Cli.Views;

namespace Pawl.Cli.Verbs;

/// <summary><c>pawl completion SHELL</c>: a script that lets a shell complete pawl's verbs and options.</summary>
/// <remarks>The program itself says what may come next, through the <c>[suggest:POSITION]</c> directive of System.CommandLine.</remarks>
internal static class Completion
{
    private const string Bash = """
        _pawl() {
            local IFS=$'\n'
            COMPREPLY=( $(compgen -W "$(pawl "[suggest:$COMP_POINT]" "$COMP_LINE" 2> /dev/null)" -- "${COMP_WORDS[COMP_CWORD]}") )
        }
        complete -o default -F _pawl pawl
        """;

    private const string Zsh = """
        #compdef pawl
        _pawl() {
            local -a found
            found=("${(@f)$(pawl "[suggest:$CURSOR]" "$BUFFER" 2> /dev/null)}")
            if (( ${#found} )) && [[ -n $found[1] ]]; then compadd -- $found; else _files; fi
        }
        compdef _pawl pawl
        """;

    private const string Fish = """
        complete -c pawl -a '(pawl "[suggest:"(commandline -C)"]" (commandline -p) 2> /dev/null)'
        """;

    public static Verb Command()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var verb = new Verb("completion", "Print a script that completes pawl's verbs and options in a shell.",
            "source <(pawl completion bash)",
            "pawl completion fish > ~/.config/fish/completions/pawl.fish") { shell };
        verb.SetAction(parsed =>
        {
            Screen.Out.WriteLine(parsed.GetRequiredValue(shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish });
            return ExitCodes.Done;
        });
        return verb;
    }
}
