using Florin.Biometrics;

namespace Florin.Tests.Biometrics;

/// <summary>A head in three dimensions and its pictures: what the real engine's points of a drawn face are, so that a turn moves them as a turn does.</summary>
internal static class StandInHead
{
    private const double Distance = 8; // of the camera, in eye distances
    private const double Middle = 0.8; // of the head, behind the root of the nose: what it turns about

    // Number in the mesh; x, y and z (away from the camera) in thousandths of the distance between the eyes, from the root of the nose.
    private static readonly (int Id, int X, int Y, int Z)[] Points =
    [
        (33, -706, 1, 360),
        (133, -271, 35, 272),
        (159, -520, -92, 225),
        (145, -503, 73, 245),
        (362, 265, 29, 267),
        (263, 713, -9, 348),
        (386, 519, -101, 216),
        (374, 503, 66, 236),
        (168, -12, -65, 0),
        (6, -14, 66, -68),
        (197, -17, 186, -147),
        (195, -20, 298, -232),
        (5, -24, 419, -320),
        (4, -27, 566, -356),
        (1, -26, 677, -320),
        (2, -20, 781, -67),
        (48, -289, 642, -66),
        (278, 253, 643, -72),
        (64, -290, 686, -11),
        (294, 256, 687, -16),
        (98, -257, 747, 62),
        (327, 227, 750, 57),
        (70, -896, -230, 369),
        (105, -646, -377, 122),
        (107, -234, -347, -23),
        (336, 219, -352, -25),
        (334, 646, -390, 113),
        (300, 910, -243, 356),
        (8, -11, -185, -10),
        (9, -11, -328, -37),
        (151, -11, -608, -1),
        (10, -11, -873, 53),
        (109, -307, -863, 80),
        (338, 290, -865, 76),
        (67, -556, -816, 185),
        (297, 549, -821, 177),
        (116, -999, 296, 565),
        (345, 1009, 288, 549),
        (117, -831, 297, 365),
        (346, 834, 291, 352),
        (50, -768, 561, 267),
        (280, 765, 557, 256),
        (205, -633, 698, 181),
        (425, 622, 695, 171),
        (36, -475, 574, 140),
        (266, 459, 573, 132),
        (187, -845, 791, 375),
        (411, 843, 786, 363),
        (61, -403, 1110, 244),
        (291, 389, 1112, 237),
        (0, -17, 1019, -65),
        (17, -10, 1256, 0),
        (13, -13, 1109, 27),
        (14, -12, 1119, 22),
        (199, -7, 1614, 96),
        (175, -6, 1715, 154),
        (152, -4, 1781, 276),
        (127, -1097, 84, 1163),
        (356, 1128, 79, 1147),
        (234, -1086, 322, 1242),
        (454, 1115, 315, 1226),
        (132, -1040, 823, 1214),
        (361, 1060, 815, 1200),
        (58, -973, 1087, 1123),
        (288, 988, 1081, 1108),
        (172, -874, 1295, 962),
        (397, 883, 1290, 949),
        (136, -755, 1442, 777),
        (365, 760, 1439, 767),
        (150, -601, 1568, 628),
        (379, 603, 1566, 619),
    ];

    /// <summary>Its points in pixels.</summary>
    public static IReadOnlyList<FacePoint> Of(ScriptedPicture picture)
    {
        var (sin, cos) = Math.SinCos(picture.Yaw * Math.PI / 180);
        var (sinPitch, cosPitch) = Math.SinCos(picture.Pitch * Math.PI / 180);
        var eyes = picture.FacePx * 0.4;
        return
        [
            .. Points.Select(point =>
            {
                var (x, y, z) = (point.X / 1000.0, point.Y / 1000.0, (point.Z / 1000.0) - Middle);
                if (picture.Flat)
                {
                    var nearness = Distance / (Distance + z); // as it was taken, from the front
                    (x, y, z) = (x * nearness, y * nearness, 0);
                }

                (x, z) = ((x * cos) - (z * sin), (x * sin) + (z * cos));
                (y, z) = ((y * cosPitch) - (z * sinPitch), (y * sinPitch) + (z * cosPitch));
                var scale = eyes * Distance / (Distance + z);
                return new FacePoint(point.Id, Math.Round((picture.Width / 2.0) + (x * scale), 2), Math.Round((picture.Height * 0.4) + (y * scale), 2));
            }),
        ];
    }
}
