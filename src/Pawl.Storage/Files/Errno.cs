using System.Runtime.InteropServices;

namespace Pawl.Storage.Files;

/// <summary>Error numbers of Linux, and the exceptions made of them.</summary>
internal static class Errno
{
    internal const int NotPermitted = 1;
    internal const int NotFound = 2;
    internal const int Interrupted = 4;
    internal const int Medium = 5;
    internal const int Again = 11;
    internal const int Access = 13;
    internal const int Exists = 17;
    internal const int CrossDevice = 18;
    internal const int NotFolder = 20;
    internal const int IsFolder = 21;
    internal const int Invalid = 22;
    internal const int NotEmpty = 39;
    internal const int TooManyLinks = 40;

    internal static int Last => Marshal.GetLastPInvokeError();

    /// <summary>Says what failed, on what, why, and what follows.</summary>
    internal static IOException Failed(int errno, string what, string path, string follows) =>
        new($"{path}: {what} failed: {Name(errno)} ({Marshal.GetPInvokeErrorMessage(errno)}); {follows}", errno);

    private static string Name(int errno) => errno switch
    {
        NotPermitted => "EPERM",
        NotFound => "ENOENT",
        Interrupted => "EINTR",
        Medium => "EIO",
        9 => "EBADF",
        Again => "EAGAIN",
        12 => "ENOMEM",
        Access => "EACCES",
        16 => "EBUSY",
        Exists => "EEXIST",
        CrossDevice => "EXDEV",
        NotFolder => "ENOTDIR",
        IsFolder => "EISDIR",
        Invalid => "EINVAL",
        23 => "ENFILE",
        24 => "EMFILE",
        26 => "ETXTBSY",
        27 => "EFBIG",
        28 => "ENOSPC",
        30 => "EROFS",
        31 => "EMLINK",
        36 => "ENAMETOOLONG",
        38 => "ENOSYS",
        NotEmpty => "ENOTEMPTY",
        TooManyLinks => "ELOOP",
        116 => "ESTALE",
        122 => "EDQUOT",
        _ => $"errno {errno}",
    };
}
