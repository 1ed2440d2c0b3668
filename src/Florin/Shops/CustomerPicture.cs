using Florin.Platform;

namespace Florin.Shops;

/// <summary>Pictures of the face of a customer whom a shop makes.</summary>
/// <param name="Person">The customer, who is not stored yet.</param>
/// <param name="Shop">The shop.</param>
/// <param name="By">Who makes the customer there.</param>
/// <param name="Attested">Whether the shop says that the customer agreed.</param>
/// <param name="Pictures">JPEG or PNG files.</param>
public sealed record CustomerPictures(Guid Person, Guid Shop, Guid By, bool Attested, IReadOnlyList<byte[]> Pictures);

/// <summary>What becomes of a customer's pictures.</summary>
/// <param name="Rows">To be inserted with the customer.</param>
/// <param name="Active">Whether they can pay by face at once; else when they have agreed themselves.</param>
public sealed record CustomerFace(IReadOnlyList<RowInsert> Rows, bool Active);

/// <summary>Takes the pictures of customers; brought by the module that knows faces, as a singleton.</summary>
/// <param name="EnrolAsync">Makes of them what is kept; throws a refusal where they are not good enough.</param>
public sealed record CustomerEnrolment(Func<CustomerPictures, CancellationToken, Task<CustomerFace>> EnrolAsync);
