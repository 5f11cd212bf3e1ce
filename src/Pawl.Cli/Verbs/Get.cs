using Pawl.Cli.Views;

namespace Pawl.Cli.Verbs;

/// <summary><c>pawl get RUN</c>: a run and its nodes, every artifact checked.</summary>
internal static class Get
{
    public static Verb Command()
    {
        var run = Common.Run();
        var home = Common.Home();
        var output = Common.Output(OutputForm.Wide, OutputForm.Name, OutputForm.Json, OutputForm.Yaml);
        var verb = new Verb("get", "Show a run and its nodes, and check its artifacts.", "pawl get @latest", "pawl get digits-x7k2q -o json") { run, home, output };
        verb.SetAction(async (parsed, _) =>
        {
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            var folder = await session.FindAsync(parsed.GetRequiredValue(run));
            var state = await session.Runs.ReadAsync(folder);
            var form = parsed.GetValue(output);
            if (form == OutputForm.Name)
            {
                Screen.Out.WriteLine(state.Name);
                return ExitCodes.Done;
            }
            var corrupt = await session.Runs.CorruptAsync(state);
            state = await Waits.SaidAsync(session.Disk, session.Home, state);
            if (form is OutputForm.Json or OutputForm.Yaml)
            {
                var json = await RunJson.TextAsync(session, state, corrupt);
                Screen.Out.WriteLine(form == OutputForm.Json ? json : YamlText.Of(json));
            }
            else
            {
                var owner = await session.Runs.OwnerAsync(folder);
                var training = await Trainings.ReadAsync(session.Disk, session.Home, state);
                foreach (var line in RunText.Lines(state, session.Home, owner, Screen.Out, session.Clock.GetUtcNow(), form == OutputForm.Wide, training))
                {
                    Screen.Out.WriteLine(line);
                }
                if (!state.IsDone && owner is null)
                {
                    Screen.Error.WriteLine($"pawl: no engine drives {state.Name}; go on with it by: {session.Command($"resume {state.Name}")}");
                }
            }
            foreach (var sentence in corrupt) { Screen.Error.WriteLine($"pawl: {Text.Clean(sentence)}"); }
            return corrupt.IsEmpty ? ExitCodes.Done : ExitCodes.Failed;
        });
        return verb;
    }
}
