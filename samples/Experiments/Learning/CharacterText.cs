using System.Reflection;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Randomness;

namespace StableRank.Experiments.Learning;

/// <summary>
/// A text as windows of characters: lower case, white space as one blank, every character of the text a class. The text is the GNU General
/// Public License 3 where the system has it (Copyright 2007 Free Software Foundation; verbatim copying is permitted), and else the licence
/// of this repository.
/// </summary>
internal sealed class CharacterText
{
    private const string SystemText = "/usr/share/common-licenses/GPL-3";
    private const ulong WindowPurpose = 605;

    private readonly string _text;
    private readonly char[] _alphabet;

    private CharacterText(string name, string text)
    {
        Name = name;
        _text = string.Join(' ', text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        _alphabet = [.. _text.Distinct().Order()];
    }

    /// <summary>What text it is, and its licence.</summary>
    public string Name { get; }

    /// <summary>Different characters: the features of a time step, one of them 1.</summary>
    public int Alphabet => _alphabet.Length;

    /// <summary>Its length in characters.</summary>
    public int Length => _text.Length;

    /// <summary>The text there is on this machine.</summary>
    public static CharacterText Load() => File.Exists(SystemText)
        ? new CharacterText("the GNU General Public License 3 (verbatim copying permitted)", File.ReadAllText(SystemText))
        : new CharacterText("the licence of this repository", Licence());

    /// <summary>A text of one's own.</summary>
    public static CharacterText Of(string name, string text) => new(name, text);

    /// <summary>
    /// Windows of so many characters at random places; to be predicted is the one that follows. The same seed gives windows that end at the
    /// same places whatever their length.
    /// </summary>
    /// <param name="steps">Characters of a window.</param>
    /// <param name="longest">The length of the longest window of that seed.</param>
    /// <param name="samples">How many windows.</param>
    /// <param name="seed">Of the places.</param>
    public RankData Windows(int steps, int longest, int samples, ulong seed)
    {
        var stream = new RandomStream(seed, purpose: WindowPurpose);
        var inputs = Matrix<double>.Build.Dense(checked(Alphabet * steps), samples);
        var labels = new int[samples];
        for (var sample = 0; sample < samples; sample++)
        {
            var next = longest + stream.NextInt32(_text.Length - longest);
            labels[sample] = Array.BinarySearch(_alphabet, _text[next]);
            for (var step = 0; step < steps; step++)
            {
                inputs[(step * Alphabet) + Array.BinarySearch(_alphabet, _text[next - steps + step]), sample] = 1;
            }
        }

        return new RankData("text", inputs, null, labels);
    }

    private static string Licence()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("LICENSE")
            ?? throw new InvalidOperationException("the assembly has no resource LICENSE");
        return new StreamReader(stream).ReadToEnd();
    }
}
