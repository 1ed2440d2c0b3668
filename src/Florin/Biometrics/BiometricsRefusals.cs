using Florin.Platform;

namespace Florin.Biometrics;

/// <summary>Why a face was not taken. Titles are what a cashier can do about it.</summary>
public static class BiometricsRefusals
{
    /// <summary>The picture was sent before, or two of them are one.</summary>
    public static readonly RefusalCode Replay = new("face_replay", 403, "These pictures were used before or are copies of each other; take new ones.");

    /// <summary>It is not the payer's face.</summary>
    public static readonly RefusalCode Mismatch = new(
        "face_mismatch",
        403,
        "The face was not recognised as the payer's; try again, or take another way to pay."
    );

    /// <summary>The pictures show different people, or one far too badly.</summary>
    public static readonly RefusalCode FramesDiffer = new("face_frames_differ", 403, "The pictures do not show one person; only the payer should be seen.");

    /// <summary>What was turned has no depth: a photo or a screen.</summary>
    public static readonly RefusalCode Flat = new("face_flat", 403, "The face looked flat when it turned; the payer has to turn the head itself.");

    /// <summary>The head did not turn as asked.</summary>
    public static readonly RefusalCode TurnedWrongWay = new(
        "face_turned_wrong_way",
        422,
        "The head was not turned as asked; follow the arrows and turn a little more."
    );

    /// <summary>No face in a picture.</summary>
    public static readonly RefusalCode NoFace = new("face_not_found", 422, "No face was seen; look into the camera, without mask or sunglasses.");

    /// <summary>More than one face in a picture.</summary>
    public static readonly RefusalCode TwoFaces = new("face_not_alone", 422, "More than one face was seen; only the payer should be in the picture.");

    /// <summary>Below 80 pixels.</summary>
    public static readonly RefusalCode TooSmall = new("face_too_small", 422, "The face is too small in the picture; come closer.");

    /// <summary>Too little light.</summary>
    public static readonly RefusalCode TooDark = new("face_too_dark", 422, "The face is too dark; turn towards the light.");

    /// <summary>Too much light.</summary>
    public static readonly RefusalCode TooBright = new("face_too_bright", 422, "The face is too bright; step out of the light.");

    /// <summary>Not sharp.</summary>
    public static readonly RefusalCode Blurred = new("face_blurred", 422, "The picture is blurred; hold still, and wipe the camera.");

    /// <summary>Part of the face is outside the picture.</summary>
    public static readonly RefusalCode CutOff = new("face_cut_off", 422, "Part of the face is outside the picture; move to its middle.");

    /// <summary>An enrolment photo does not look into the camera.</summary>
    public static readonly RefusalCode NotFrontal = new("face_not_frontal", 422, "Look into the camera, and turn the head only a little.");

    /// <summary>The person has no template.</summary>
    public static readonly RefusalCode NotEnrolled = new("face_not_enrolled", 409, "This person does not pay by face; take another way to pay.");

    /// <summary>There is a template, and the person has not agreed to its use themself.</summary>
    public static readonly RefusalCode ConsentMissing = new(
        "face_consent_missing",
        403,
        "This person has not agreed to pay by face yet; they can, signed in under Account, Pay by face."
    );

    /// <summary>The template is of another model than the engine that runs.</summary>
    public static readonly RefusalCode OtherModel = new(
        "face_enrol_again",
        409,
        "This face was enrolled with another engine; the payer has to enrol it again."
    );

    /// <summary>The amount is above the limit.</summary>
    public static readonly RefusalCode PinNeeded = new("face_pin_needed", 403, "This amount is above what a face alone pays; ask for the payer's PIN too.");

    /// <summary>What the face pays in a day is used up.</summary>
    public static readonly RefusalCode DayLimit = new(
        "face_day_limit",
        403,
        "This is above what the face pays in a day without the PIN; ask for the payer's PIN too."
    );

    /// <summary>Five wrong faces in a row.</summary>
    public static readonly RefusalCode Wait = new("face_wait", 429, "Too many wrong faces in a row; wait half a minute, or take another way to pay.");

    /// <summary>Ten wrong faces in a row.</summary>
    public static readonly RefusalCode Locked = new(
        "face_locked",
        403,
        "Too many wrong faces in a row; the payer pays by PIN until they confirm their face again, signed in."
    );

    /// <summary>A challenge is needed at this shop.</summary>
    public static readonly RefusalCode ChallengeNeeded = new(
        "face_challenge_needed",
        403,
        "This shop takes no single picture of a face; start a challenge (POST /v1/payments/{id}/face-challenges)."
    );

    /// <summary>The installation takes no single pictures.</summary>
    public static readonly RefusalCode SingleNotAllowed = new(
        "face_single_not_allowed",
        403,
        "Single pictures of a face do not pay here; whoever runs this installation can allow them."
    );

    /// <summary>It is for another payment, payer or till, or there is none.</summary>
    public static readonly RefusalCode ChallengeInvalid = new(
        "face_challenge_invalid",
        403,
        "This challenge is not for this payment, payer and till; start another one."
    );

    /// <summary>A challenge is good once.</summary>
    public static readonly RefusalCode ChallengeUsed = new("face_challenge_used", 409, "This challenge was used; start another one.");

    /// <summary>A challenge is good for seconds.</summary>
    public static readonly RefusalCode ChallengeExpired = new("face_challenge_expired", 409, "This challenge took too long; start another one.");

    /// <summary>The text changed, or there is no such version.</summary>
    public static readonly RefusalCode ConsentOutdated = new(
        "face_consent_outdated",
        409,
        "This is not the text that is in force; read it again (GET /v1/face-consents/current)."
    );

    /// <summary>There is nothing that waits for consent.</summary>
    public static readonly RefusalCode ConsentNotAsked = new(
        "face_consent_not_asked",
        409,
        "Your face is in use already, or there is none; nothing waits for your consent."
    );
}
