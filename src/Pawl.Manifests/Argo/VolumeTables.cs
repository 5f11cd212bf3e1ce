namespace Pawl.Manifests.Argo;

/// <summary>The fields of volumes that are made of texts.</summary>
internal static class VolumeTables
{
    public static readonly FieldTable ConfigMap = new("configMap", "name items defaultMode optional");

    public static readonly FieldTable Secret = new("secret", "secretName items defaultMode optional");

    public static readonly FieldTable Downward = new("downwardAPI", "items defaultMode");

    public static readonly FieldTable Projected = new("projected", "sources defaultMode");

    public static readonly FieldTable Source = new(
        "source of projected", "configMap secret downwardAPI", unsupported: "clusterTrustBundle podCertificate serviceAccountToken");

    public static readonly FieldTable ConfigMapSource = new("configMap", "name items optional");

    public static readonly FieldTable SecretSource = new("secret", "name items optional");

    public static readonly FieldTable DownwardSource = new("downwardAPI", "items");

    public static readonly FieldTable Item = new("item", "key path mode");

    public static readonly FieldTable DownwardItem = new("item", "path fieldRef mode", unsupported: "resourceFieldRef");
}
