using System.Globalization;

namespace Pawl.Core.Preemption;

/// <summary>A preemption that a user asked for.</summary>
public static class RehearsedPreemption
{
    /// <summary>What the attempt says that ends by it.</summary>
    public static string Message(TimeSpan notice) =>
        string.Create(CultureInfo.InvariantCulture, $"preempted by the user with a notice of {notice.TotalSeconds:0.###} s");
}
