using Florin.Platform;

namespace Florin.Identity;

/// <summary>Why sign-up and sign-in are declined.</summary>
public static class IdentityRefusals
{
    /// <summary>Unknown login, wrong password, locked, or closed: one answer for all, so that nobody learns which.</summary>
    public static readonly RefusalCode SignInFailed = new("sign_in_failed", 401, "The login or password is wrong, or sign-in is locked for a while.");

    /// <summary>The password was right, and the account has a second factor.</summary>
    public static readonly RefusalCode SecondFactorRequired = new(
        "second_factor_required",
        401,
        "Give the code of your authenticator app as totp, or a recovery_code."
    );

    /// <summary>In live mode the rights of staff take a session that was proven with a one-time code or a passkey.</summary>
    public static readonly RefusalCode SecondFactorNeeded = new(
        "second_factor_needed",
        403,
        "Staff sign in with a second factor: set up one-time codes (/account/totp) or a passkey (/account/passkeys), then sign in with it."
    );

    /// <summary>The refresh token is unknown, used, expired, or its session has ended.</summary>
    public static readonly RefusalCode RefreshTokenNotValid = new("refresh_token_not_valid", 401, "The refresh token is not valid any more; sign in again.");

    /// <summary>Wrong, used, expired, or tried too often: one answer for all.</summary>
    public static readonly RefusalCode CodeNotValid = new(
        "code_not_valid",
        422,
        "The code is wrong or no longer valid: it has 5 tries and 5 minutes. Ask for a new one."
    );

    /// <summary>The current password that was given is not the account's.</summary>
    public static readonly RefusalCode WrongPassword = new("wrong_password", 403, "The current password is wrong.");

    /// <summary>Another person has this username.</summary>
    public static readonly RefusalCode UsernameTaken = new("username_taken", 409, "This username is taken; choose another.");

    /// <summary>Another person has this e-mail address. Said only to somebody who gave a right code.</summary>
    public static readonly RefusalCode EmailTaken = new("email_taken", 409, "This e-mail address belongs to an account; sign in or reset the password.");

    /// <summary>Another person has this phone number. Said only to somebody who gave a right code.</summary>
    public static readonly RefusalCode PhoneTaken = new("phone_taken", 409, "This phone number belongs to an account; sign in or reset the password.");

    /// <summary>The account has neither an e-mail address nor a phone number that a code could be sent to.</summary>
    public static readonly RefusalCode NoContact = new("no_contact", 409, "The account has no e-mail address or phone number to send a code to.");
}
