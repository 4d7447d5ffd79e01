namespace StableRank.Benchmarks;

/// <summary>What follows the name of a suite: a word of the names that are wanted, and options.</summary>
internal sealed class SuiteArguments
{
    private readonly string[] _options;

    private SuiteArguments(string? word, string[] options) => (Word, _options) = (word, options);

    /// <summary>Null: everything is wanted.</summary>
    public string? Word { get; }

    /// <summary>Null where there is more than a word, or an option that is not known; what was expected is said then.</summary>
    /// <param name="suite">The name of the suite.</param>
    /// <param name="arguments">What follows it.</param>
    /// <param name="known">The options that it knows.</param>
    public static SuiteArguments? Parse(string suite, string[] arguments, params string[] known)
    {
        string[] options = [.. arguments.Where(argument => argument.StartsWith('-'))], words = [.. arguments.Except(options)];
        if (words.Length <= 1 && !options.Except(known).Any())
        {
            return new SuiteArguments(words.FirstOrDefault(), options);
        }

        var usage = string.Concat(known.Select(option => $" [{option}]"));
        Console.Error.WriteLine($"bench: unknown '{string.Join(' ', arguments)}'; expected {suite} [WORD]{usage}");
        return null;
    }

    public bool Has(string option) => _options.Contains(option);

    /// <summary>Those whose name holds the word; where there are none, that is said.</summary>
    public T[] Pick<T>(IEnumerable<T> all, Func<T, string> name)
    {
        T[] picked = [.. all.Where(one => Word is null || name(one).Contains(Word, StringComparison.OrdinalIgnoreCase))];
        if (picked.Length == 0)
        {
            Console.Error.WriteLine($"bench: no name contains '{Word}'");
        }

        return picked;
    }
}
