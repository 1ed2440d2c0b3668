using Florin.Money;
using Florin.Platform;

namespace Florin.Payments;

/// <summary>Pictures of a payer's face, taken at a till.</summary>
/// <param name="Challenge">What the till was told to have the payer do; null where there is one picture and no challenge.</param>
/// <param name="Frames">JPEG or PNG files, in the order of the challenge's steps.</param>
public sealed record FaceAnswer(string? Challenge, IReadOnlyList<byte[]> Frames);

/// <summary>Who is to be proven, for what.</summary>
/// <param name="Payment">What is paid.</param>
/// <param name="Payer">Who is said to pay.</param>
/// <param name="Taken">What leaves them, in their wallet's currency.</param>
/// <param name="PinLimit">Above it that wallet asks for their PIN, in minor units; null where it never does.</param>
/// <param name="PinProven">Whether their PIN was right in this call.</param>
/// <param name="Order">What the till sent.</param>
public sealed record PayerQuestion(PaymentFact Payment, Guid Payer, Amount Taken, long? PinLimit, bool PinProven, PayOrder Order);

/// <summary>A way to prove the payer that a module on the right brings: the face. Registered as a singleton.</summary>
/// <param name="Name">Its permanent name: <c>face</c>.</param>
/// <param name="ProveAsync">
/// Passes where the payer is who they are said to be, and gives the guarded rows by which the commit that pays uses the proof up. Else it throws a
/// refusal; whatever fails within it is one too.
/// </param>
public sealed record PayerProof(string Name, Func<PayerQuestion, CancellationToken, Task<IReadOnlyList<RowChange>>> ProveAsync)
{
    /// <summary>The name of the proof by face.</summary>
    public const string Face = "face";
}
