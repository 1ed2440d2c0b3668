using Florin.Platform;

namespace Florin.Identity;

/// <summary>Why PINs, second factors, API keys and changes of people are declined.</summary>
public static class CredentialRefusals
{
    /// <summary>No PIN was ever set.</summary>
    public static readonly RefusalCode PinNotSet = new("pin_not_set", 409, "Set a PIN first.");

    /// <summary>The PIN is wrong; <c>tries_left</c> says how many tries are left.</summary>
    public static readonly RefusalCode WrongPin = new("wrong_pin", 403, "The PIN is wrong.");

    /// <summary>Five wrong PINs in a row.</summary>
    public static readonly RefusalCode PinLocked = new("pin_locked", 403, "Too many wrong PINs; reset it by a code (POST /v1/me/pin/reset).");

    /// <summary>Four times the same digit, or a run.</summary>
    public static readonly RefusalCode PinTooSimple = new("pin_too_simple", 422, "This PIN is among the first that anybody tries; choose another.");

    /// <summary>The action needs a fresh sign-in or the password.</summary>
    public static readonly RefusalCode PasswordRequired = new("password_required", 403, "Give your password, or sign in again first.");

    /// <summary>The account has the password that a shop made; the shop could use whatever it is proven with.</summary>
    public static readonly RefusalCode ClaimFirst = new(
        "claim_first",
        403,
        "A shop made this account and knows its password; change the password first (POST /v1/me/password)."
    );

    /// <summary>TOTP is on already.</summary>
    public static readonly RefusalCode TotpAlreadyOn = new("totp_already_on", 409, "One-time codes are on already; switch them off first.");

    /// <summary>TOTP was not started, or is off.</summary>
    public static readonly RefusalCode TotpNotOn = new("totp_not_on", 409, "One-time codes are not on; start with POST /v1/me/totp.");

    /// <summary>A wrong, old or used one-time code.</summary>
    public static readonly RefusalCode WrongTotp = new("wrong_totp", 403, "The one-time code is wrong or was used; wait for the next one.");

    /// <summary>The device's answer is wrong, late, used, or to another question; or the passkey is not known.</summary>
    public static readonly RefusalCode PasskeyNotValid = new("passkey_not_valid", 403, "This passkey was not accepted; try again, or use another way.");

    /// <summary>A person has twenty.</summary>
    public static readonly RefusalCode TooManyPasskeys = new("too_many_passkeys", 409, "You have 20 passkeys; remove one first.");

    /// <summary>A merchant has fifty that are neither revoked nor expired.</summary>
    public static readonly RefusalCode TooManyApiKeys = new("too_many_api_keys", 409, "There are 50 live API keys; revoke one first.");

    /// <summary>Own roles are changed by somebody else.</summary>
    public static readonly RefusalCode OwnRoles = new("own_roles", 409, "Nobody changes their own roles or closes their own staff account; ask another admin.");

    /// <summary>The person proved an address or number already.</summary>
    public static readonly RefusalCode AlreadyVerified = new(
        "already_verified",
        409,
        "The person has a proven address or number; they reset the password by it themselves."
    );

    /// <summary>Money does not leave the house for a person whom staff froze.</summary>
    public static readonly RefusalCode PersonFrozen = new("person_frozen", 409, "The account of this person is frozen; nothing is paid out to them.");

    /// <summary>Without an admin nobody could make another.</summary>
    public static readonly RefusalCode LastAdmin = new("last_admin", 409, "This is the last active admin; make another one first.");

    /// <summary>The one-time token is wrong, used or expired.</summary>
    public static readonly RefusalCode WrongAdminToken = new(
        "wrong_admin_token",
        403,
        "The token is wrong, used or expired; make one with ./florin admin-token."
    );
}
