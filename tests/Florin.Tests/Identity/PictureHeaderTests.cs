using System.Text;
using Florin.Identity;
using Florin.Platform;

namespace Florin.Tests.Identity;

public sealed class PictureHeaderTests
{
    public static TheoryData<string> Good => ["png", "jpeg", "progressive", "webp-x", "webp-l", "webp-"];

    [Theory]
    [MemberData(nameof(Good))]
    public void Type_and_size_stand_in_the_header(string kind)
    {
        var file = Make(kind);
        var header = PictureHeader.Read(file);
        Assert.Equal("image/" + kind.Split('-')[0].Replace("progressive", "jpeg", StringComparison.Ordinal), header.ContentType);
        Assert.Equal((3, 2, file.Length), (header.Width, header.Height, header.Length));
    }

    [Theory]
    [MemberData(nameof(Good))]
    public void Cut_short_anywhere_it_is_refused(string kind)
    {
        var file = Make(kind);
        for (var length = 0; length < file.Length; length++)
        {
            Refused("picture_not_readable", file[..length]);
        }
    }

    [Theory]
    [MemberData(nameof(Good))]
    public void What_follows_the_end_of_the_picture_is_not_part_of_it(string kind)
    {
        var file = Make(kind);
        byte[] polyglot = [.. file, .. "PK\u0003\u0004<html><script>alert(1)</script>"u8];
        Assert.Equal(file.Length, PictureHeader.Read(polyglot).Length);
    }

    [Theory]
    [MemberData(nameof(Good))]
    public void Any_single_wrong_byte_is_answered_without_a_fault(string kind)
    {
        var file = Make(kind);
        for (var at = 0; at < file.Length; at++)
        {
            foreach (var value in new byte[] { 0x00, 0x01, 0x7f, 0x80, 0xff })
            {
                byte[] changed = [.. file];
                changed[at] = value;
                try
                {
                    var header = PictureHeader.Read(changed);
                    Assert.InRange(header.Length, 1, changed.Length);
                    Assert.InRange(header.Width, 1, PictureHeader.MaxSide);
                    Assert.InRange(header.Height, 1, PictureHeader.MaxSide);
                }
                catch (Refusal refusal)
                {
                    Assert.Contains(refusal.Reason.Code, (string[])["picture_not_readable", "picture_too_large"]);
                }
            }
        }
    }

    [Theory]
    [InlineData("<html><script>alert(1)</script></html>")]
    [InlineData("GIF89a\u0001\u0000\u0001\u0000")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'/>")]
    [InlineData("%PDF-1.7")]
    [InlineData("RIFF\u0010\u0000\u0000\u0000WAVEfmt aaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("")]
    public void Something_else_is_refused(string text) => Refused("picture_not_readable", Encoding.Latin1.GetBytes(text));

    [Fact]
    public void Huge_or_empty_dimensions_are_refused()
    {
        Assert.Equal(8000, PictureHeader.Read(Pictures.Png(8000, 8000)).Width);
        Refused("picture_too_large", Pictures.Png(8001, 1));
        Refused("picture_too_large", Pictures.Png(1, uint.MaxValue));
        Refused("picture_too_large", Pictures.Jpeg(1, 65535));
        Refused("picture_too_large", Pictures.WebPExtended(1 << 24, 1));
        Refused("picture_not_readable", Pictures.Png(0, 5));
        Refused("picture_not_readable", Pictures.Jpeg(5, 0));
        Refused("picture_too_large", new byte[PictureHeader.MaxBytes + 1]);
    }

    private static byte[] Make(string kind) =>
        kind switch
        {
            "png" => Pictures.Png(),
            "jpeg" => Pictures.Jpeg(comment: "hello"),
            "progressive" => Pictures.Jpeg(sof: 0xc2),
            "webp-x" => Pictures.WebPExtended(),
            "webp-l" => Pictures.WebPLossless(),
            _ => Pictures.WebPLossy(),
        };

    private static void Refused(string code, byte[] file) => Assert.Equal(code, Assert.Throws<Refusal>(() => PictureHeader.Read(file)).Reason.Code);
}
