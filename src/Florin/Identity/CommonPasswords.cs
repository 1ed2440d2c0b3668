namespace Florin.Identity;

/// <summary>
/// Words that most guessed passwords are made of. A password is common when nothing else is left of it without its digits and signs at the
/// ends, so that "Password2024!" is refused with "password".
/// </summary>
internal static class CommonPasswords
{
    private static readonly HashSet<string> Words =
    [
        .. """
            abc abcd abcde abcdef abcdefg abcdefgh abcdefghi abcdefghij access account admin administrator adobe airport alexander alexandra
            amanda america american andrea andrew angel angela animal anthony apple april arsenal ashley asdf asdfasdf asdfg asdfgh asdfghjk
            asdfghjkl asdfjkl august austin azerty azertyuiop baby babygirl badboy bailey banana bangladesh barcelona baseball basketball
            batman beautiful benjamin bigdaddy biteme blink blowme bond brandon britney broncos brooklyn brother bubbles buster butterfly
            california captain carlos carolina champion changeit changeme charles charlie cheese chelsea chicago chicken chocolate chris
            christian christina christmas christopher classic coffee college companion compaq computer cookie corvette cowboy cowboys crystal
            daniel daniela danielle david december default defender demo dennis diamond diego digital disney dolphin dragon dragonball
            eagles eastwood edward einstein elephant elizabeth eminem engineer enter england facebook falcon family fender fernando ferrari
            ferret fireman fishing florida florin flower flowers football forever formula france francis franklin freedom friend friends
            friendship fuckoff fuckyou gabriel galaxy gandalf garfield gateway general genesis george georgia gerald germany ginger girls
            godzilla goldfish golfer google gordon grandma green guest guitar hammer hannah happy harley hardcore harrypotter heather hello
            hellohello helloworld hockey hollywood hottie house hunter hunting iceman iloveu iloveyou infinity internet jackson jaguar
            jasmine jason jasper jennifer jeremy jessica jesus johnny johnson jonathan jordan joseph joshua juliana july june junior justice
            justin kawasaki kazakhstan keyboard killer kimberly kingdom knight lakers lancelot lauren letmein letmeinnow liberty little
            liverpool london louise lovely loveme lover lovers loveyou lucky maggie magic manager manchester manutd marathon marina marine
            marlboro marley martin master matrix matthew maverick maxwell melissa member mercedes merlin metallica mexico michael michelle
            mickey midnight miller minecraft mitchell monday money monica monkey monster montana morgan mother motorola mountain mustang
            mylove mypassword mypass naruto nascar natasha nathan newyork nicholas nicole nintendo nirvana november nothing october
            office oliver online open orange pakistan pamela panther parker pass passion passme passpass passw passwd password passwort
            patricia patrick payment payments peaches peanut pepper phantom phoenix photo pictures player please pokemon poohbear porsche
            power precious prince princess private purple pussy qazwsx qazwsxedc qwaszx qwe qweasd qweasdzxc qweqwe qwer qwert qwerty
            qwertyqwerty qwertyu qwertyui qwertyuio qwertyuiop rabbit rachel raiders rainbow ranger rangers realmadrid rebecca redskins
            redsox richard robert rocket romeo root rosebud runner rush russia samantha samsung samuel sandra saturn scooby scorpio secret
            secure security semperfi september server service shadow shopping shop silver simple single skywalker slayer slipknot smokey
            snoopy soccer software something sophie spanish sparky spider spiderman spring stanley startrek starwars steelers stephanie
            steven student success summer sunday sunflower sunshine superman superstar support survivor sweet sweety swordfish system teacher
            teddybear telephone temp temporary tennis test tester testing testtest thailand thomas thunder thursday thebest theman tiger
            tigers tigger tomcat toor toyota travel trustno trustme turtle twilight united user username vacation valentina vampire vanessa
            victor victoria viking vincent voucher wallet warcraft warrior webmaster welcome whatever william wilson windows winner winston
            winter wizard wolverine wonderful wordpass xavier yamaha yankee yankees yellow zaqwsx zxc zxcvb zxcvbn zxcvbnm
            """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
    ];

    // Their letters stand among digits and signs.
    private static readonly HashSet<string> Whole =
    [
        .. """
            1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 a1b2c3d4 a1s2d3f4 abcd1234 admin123admin apple123apple
            asdf1234asdf l3tm31n1 m0nkey123 passw0rd passw0rd1 p@ssw0rd p@ssw0rd1 p@ssword p@$$w0rd p4ssw0rd pa$$w0rd pa55word pass1234word
            q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 qwer1234qwer r00tr00t s3cr3tpass test1234test trustno1 w3lc0me1 zaq12wsx zaq1xsw2 zaq1zaq1
            """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
    ];

    public static bool Contains(string password)
    {
        var lower = password.ToLowerInvariant();
        var word = lower.AsSpan().Trim("0123456789 !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~");
        return Whole.Contains(lower)
            || Words.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word)
            || lower.Distinct().Count() < 4 // aaaaaaaa, abababab
            || IsRun(lower);
    }

    // abcdefgh, 12345678, 87654321
    private static bool IsRun(string text)
    {
        var step = text[1] - text[0];
        return Math.Abs(step) == 1 && text.Zip(text.Skip(1), (a, b) => b - a).All(distance => distance == step);
    }
}
