using Florin.Platform;
using Npgsql;

namespace Florin.Biometrics;

/// <summary>What shops decide about faces at their tills.</summary>
internal sealed class ShopFaceRules(Database database, BiometricsSettings settings)
{
    /// <summary>Whether one picture without a challenge pays there. A photo passes it, so that a shop cannot have it where the installation says no.</summary>
    public async Task<bool> TakesSingleAsync(Guid shop, CancellationToken cancel)
    {
        if (settings.SinglePicture is SinglePictures.Off)
        {
            return false;
        }

        await using var command = database.Source.CreateCommand("select single_picture from biometrics.shops where shop_id = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = shop });
        return await command.ExecuteScalarAsync(cancel) as bool? ?? settings.SinglePicture is SinglePictures.On;
    }
}
