using System.Globalization;
using Pawl.Core.Workflows;
using Pawl.Manifests.Checks;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>Reads <c>container</c> and <c>script</c>.</summary>
/// <param name="hasImageElsewhere">Template defaults may supply the image.</param>
internal sealed class ContainerReader(Problems problems, bool hasImageElsewhere)
{
    public TemplateBody.Leaf? Read(YamlNode? node, string template, bool isScript)
    {
        if (Fields.Of(node, isScript ? Tables.Script : Tables.Container, problems) is not { } fields) { return null; }
        var what = isScript ? "script" : "container";
        var container = Read(fields, $"templates.{template}.{what}.image", what);
        if (isScript && !fields.Has("source"))
        {
            // Argo appends nothing to the arguments of a script with an empty source.
            problems.Notice(fields.Node, "script without source runs its command alone; write `source: |`");
        }
        return new TemplateBody.Leaf(container, isScript ? fields.Text("source") ?? "" : null);
    }

    /// <param name="path">Of its image, as Argo names it.</param>
    /// <param name="what">How it is called in messages.</param>
    public Container Read(Fields fields, string path, string what)
    {
        var env = new EnvReader(problems).Read(fields);
        var container = new ActionReader(problems).Read(fields, new Container
        {
            Image = Image(fields, path),
            PullPolicy = PullPolicy(fields),
            Command = fields.Texts("command"),
            Args = fields.Texts("args"),
            Env = env.Plain,
            EnvFrom = env.Elsewhere,
            WorkingDir = fields.Text("workingDir"),
            HasTerminal = fields.Flag("tty") ?? false,
            Resources = Resources(fields.Map("resources", Tables.Resources)),
            VolumeMounts = new VolumeReader(problems).Mounts(fields),
        });
        if (container.Command.IsEmpty && fields.Value("command") is null or { Kind: YamlKind.Sequence, Items.IsEmpty: true })
        {
            CheckImageCommand(fields.Node, container.Image, what);
        }
        return container;
    }

    // A name that tags make is looked up when they are known.
    private void CheckImageCommand(YamlNode at, string? image, string what)
    {
        if (problems.Options.HasEngine) { return; }
        var images = problems.Options.Images;
        if (image is null || (Tags.AnyIn(image) ? images.Count > 0 : LocalImages.Find(images, image) is { HasCommand: true })) { return; }
        problems.Unsupported(
            at, $"{what} without command needs the command of the image {image.Quoted()}, which is not known here; "
                + "write `command: [...]`, or what stands for the image in a file given with --images");
    }

    private string? Image(Fields fields, string path)
    {
        var image = fields.Text("image");
        if (string.IsNullOrEmpty(image))
        {
            var isMissing = !fields.Has("image") || fields.Value("image")!.Text.Length == 0;
            if (isMissing && !hasImageElsewhere) { problems.Error(fields.Value("image") ?? fields.Node, "no image; write `image: NAME:TAG`".InArgo($"{path} may not be empty")); }
            return null;
        }
        if (!Tags.AnyIn(image) && !Notations.IsImage(image))
        {
            problems.Error(fields.Value("image")!, $"image reference {image.Quoted()} is malformed; write {ImageInstead(image)}");
        }
        return image;
    }

    // The usual slip is a digest written as if it were a tag: name:sha256@<digest>.
    private static string ImageInstead(string image)
    {
        var name = image.Split('@')[0];
        if (!image.Contains('@', StringComparison.Ordinal)) { return "NAME:TAG, the name in lower case"; }
        var bare = name.EndsWith(":sha256", StringComparison.Ordinal) ? name[..^":sha256".Length] : name;
        return $"{(Notations.IsImage(bare) ? bare : "NAME")}@sha256:<64 hex digits>";
    }

    private string? PullPolicy(Fields fields)
    {
        var policy = fields.Text("imagePullPolicy");
        if (policy is null or "" or "Always" or "IfNotPresent" or "Never") { return string.IsNullOrEmpty(policy) ? null : policy; }
        problems.Error(fields.Value("imagePullPolicy")!, $"imagePullPolicy is {policy.Quoted()}; write Always, IfNotPresent or Never");
        return null;
    }

    private Resources Resources(Fields? fields)
    {
        if (fields is null) { return Core.Workflows.Resources.None; }
        var requests = Amounts(fields, "requests");
        var limits = Amounts(fields, "limits");
        return new(requests.Cpu, limits.Cpu, requests.Memory, limits.Memory) { Gpus = requests.Gpus ?? limits.Gpus };
    }

    private (long? Cpu, long? Memory, long? Gpus) Amounts(Fields resources, string which)
    {
        (long? Cpu, long? Memory, long? Gpus) amounts = (null, null, null);
        if (resources.Value(which) is not { } map) { return amounts; }
        if (map.Kind is not YamlKind.Mapping)
        {
            problems.Error(map, $"{which} is {map.Name}; write a map such as `cpu: 500m`");
            return amounts;
        }
        foreach (var (key, value) in map.Entries)
        {
            if (key.Text == "cpu") { amounts.Cpu = Amount(value, "cpu", unit: 1000); }
            else if (key.Text == "memory") { amounts.Memory = Amount(value, "memory", unit: 1); }
            else if (key.Text.EndsWith("/gpu", StringComparison.Ordinal)) { amounts.Gpus = (amounts.Gpus ?? 0) + (Gpus(value, key.Text) ?? 0); }
            else if (key.Text == "ephemeral-storage") { problems.NoEffect(key); }
            else if (key.Text.Contains('/', StringComparison.Ordinal) || key.Text.StartsWith("hugepages-", StringComparison.Ordinal))
            {
                problems.Unsupported(key, $"resource {key.Text.Quoted()} is not supported yet; remove it to run here, or run the manifest on Argo");
            }
            else
            {
                problems.Error(key, $"unknown resource {key.Text.Quoted()} in {which}{Wording.DidYouMean(key.Text, ["cpu", "memory", "ephemeral-storage"])}");
            }
        }
        return amounts;
    }

    private long? Gpus(YamlNode value, string make)
    {
        var thousandths = Amount(value, make, unit: 1000);
        if (thousandths is null || thousandths % 1000 == 0) { return thousandths / 1000; }
        problems.Error(value, $"{make} is {value.Text.Quoted()}; a GPU is had as a whole: write a number such as 1");
        return null;
    }

    private long? Amount(YamlNode value, string what, decimal unit)
    {
        if (value.IsNull) { return null; }
        var amount = value.Kind is YamlKind.Scalar ? Quantities.Parse(value.Text.Trim(), unit) : null;
        if (amount is null)
        {
            problems.Error(value, $"{what} {value.Text.Quoted()} is not a quantity; write a number such as {Such(what)}, without tags");
        }
        return amount;
    }

    private static string Such(string what) => what switch
    {
        "cpu" => "2, 0.5 or 500m",
        "memory" => "512Mi, 20Gi or 1e9",
        _ => "1",
    };

    /// <summary>Says that an env var alone gives a program no more time.</summary>
    public void NoticeGrace(YamlNode? container)
    {
        if (container is not { Kind: YamlKind.Mapping }) { return; }
        foreach (var variable in container.Entries.Where(e => e.Key.Text == "env").SelectMany(e => e.Value.Items))
        {
            var name = variable.Entries.FirstOrDefault(e => e.Key.Text == "name").Value;
            if (name is null || !name.Text.Contains("GRACE", StringComparison.OrdinalIgnoreCase)) { continue; }
            var value = variable.Entries.FirstOrDefault(e => e.Key.Text == "value").Value?.Text;
            var seconds = int.TryParse(value, CultureInfo.InvariantCulture, out var s) && s > 0 ? s.ToString(CultureInfo.InvariantCulture) : "SECONDS";
            problems.Notice(
                name,
                $"the grace period is only the environment variable {name.Text.Quoted()}: nothing sets terminationGracePeriodSeconds, so the step is killed after the default; "
                    + $"write `podSpecPatch: '{{\"terminationGracePeriodSeconds\": {seconds}}}'` in the template, or run with --grace");
        }
    }
}
