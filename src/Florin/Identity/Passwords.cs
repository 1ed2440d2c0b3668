namespace Florin.Identity;

/// <summary>STUB</summary>
public sealed class Passwords;
