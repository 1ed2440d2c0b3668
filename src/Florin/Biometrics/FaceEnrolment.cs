using Florin.Platform;
using Florin.Shops;
using Npgsql;

namespace Florin.Biometrics;

/// <summary>Makes templates of photos, for people themselves and for shops' new customers. The photos are not kept.</summary>
internal sealed class FaceEnrolment(
    FaceEngine engine,
    SeenPictures seen,
    ConsentTexts consents,
    BiometricsSettings settings,
    Database database,
    Secrets secrets,
    TimeProvider clock
)
{
    /// <summary>Describes photos that can become a template.</summary>
    /// <exception cref="Refusal">What is wrong with them, by <see cref="BiometricsRefusals"/>; or the engine's</exception>
    public async Task<IReadOnlyList<FaceDescription>> DescribeAsync(IReadOnlyList<byte[]> photos, CancellationToken cancel)
    {
        var described = new List<FaceDescription>(photos.Count);
        foreach (var photo in photos)
        {
            described.Add(await engine.DescribeAsync(photo, FacePurpose.Enrol, cancel));
        }

        var verdict = FaceDecision.OfEnrolment(described);
        return verdict.Refusal is { } refusal ? throw refusal.With(verdict.Detail) : described;
    }

    /// <summary>Keeps keyed hashes of the files, which pay nothing from then on.</summary>
    public Task RememberAsync(EnrolledFace face, IReadOnlyList<byte[]> photos) =>
        database.TransactionAsync(async connection => await seen.RememberAsync(connection, photos, face.FaceId), CancellationToken.None);

    /// <summary>Compares a new photo with a template: a file that enrolled is none, since the shop that made the template has it.</summary>
    /// <exception cref="Refusal">The engine's</exception>
    public async Task<FaceVerdict> CompareAsync(EnrolledFace face, byte[] photo, CancellationToken cancel)
    {
        if (await seen.AnyAsync([photo], Ids.New(), cancel))
        {
            return new FaceVerdict(BiometricsRefusals.Replay);
        }

        var described = await engine.DescribeAsync(photo, FacePurpose.Verify, cancel);
        return face.IsOfModel(described)
            ? FaceDecision.OfSingle(face.Open(secrets), described, settings.Thresholds)
            : new FaceVerdict(BiometricsRefusals.OtherModel);
    }

    /// <summary>Keeps the hash of a photo that confirmed a template, in the caller's transaction: it pays nothing from then on.</summary>
    /// <exception cref="Refusal"><c>face_replay</c> where it was used a moment ago</exception>
    public async Task RememberNewAsync(NpgsqlConnection connection, EnrolledFace face, byte[] photo)
    {
        if (!await seen.RememberAsync(connection, [photo], face.FaceId))
        {
            throw BiometricsRefusals.Replay.With();
        }
    }

    /// <summary>A shop makes a customer with pictures: the template waits for the customer's consent, unless the shop may say that they gave it.</summary>
    public async Task<CustomerFace> OfCustomerAsync(CustomerPictures customer, CancellationToken cancel)
    {
        var described = await DescribeAsync(customer.Pictures, cancel);
        var now = clock.GetUtcNow();
        var face = EnrolledFace.Draw(customer.Person, customer.Shop, described, "{}", secrets, now);
        await RememberAsync(face, customer.Pictures); // before the commit: whoever has the files must not pay with them a moment sooner
        var rows = new List<RowInsert> { EnrolledFace.KeyShape.Row(face), EnrolledFace.Shape.Row(face) };
        var attested = settings.Attestation is Attestation.On || (settings.Attestation is Attestation.Request && customer.Attested);
        if (attested)
        {
            rows.Add(ConsentRow.Shape.Row(new(customer.Person, await consents.CurrentAsync(cancel), customer.Shop, customer.By, now)));
        }

        return new CustomerFace(rows, attested);
    }
}
