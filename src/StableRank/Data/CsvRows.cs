using System.Globalization;
using System.Numerics;
using System.Text;
using CsvHelper;

namespace StableRank.Data;

/// <summary>
/// The rows of numbers of a CSV file, one after the other, by the rules that <see cref="CsvMatrix"/> states. Each has as many fields as
/// the first.
/// </summary>
internal sealed class CsvRows : IDisposable
{
    /// <summary>A packed file of numbers may unpack to this many times its size: all but constant matrices stay far below.</summary>
    private const long RatioLimit = 128;

    /// <summary>A packed file may unpack to so much in any case.</summary>
    private const long LeastLimit = 1 << 24;

    private const int BufferBytes = 1 << 14;

    /// <summary>Of a field that is not a number, so much is shown.</summary>
    private const int ShownLength = 40;

    private const char CommentPrefix = '#';

    private readonly string path;
    private readonly PackedFile file;
    private readonly CsvReader reader;
    private bool started;

    private CsvRows(string path, char separator)
    {
        this.path = path;
        file = PackedFile.Open(path, RatioLimit, LeastLimit);
        reader = CsvReader.Create(
            file,
            new CsvReaderOptions
            {
                Separator = separator,
                HasHeader = false,
                CommentPrefix = CommentPrefix,
                AllowLineBreaksInQuotes = false,
                MalformedData = CsvMalformedDataHandling.Throw,
                TrackLineNumbers = true,
                BufferSize = BufferBytes,
            },
            leaveOpen: true);
    }

    /// <summary>Fields of every row, known from the first on.</summary>
    public int Columns { get; private set; }

    /// <summary>Opens a file and finds its delimiter: of the first line, a tab, else a semicolon, else a comma.</summary>
    public static CsvRows Open(string path) => new(path, SeparatorOf(path));

    public static char CharacterOf(CsvDelimiter delimiter) => delimiter switch
    {
        CsvDelimiter.Comma => ',',
        CsvDelimiter.Semicolon => ';',
        CsvDelimiter.Tab => '\t',
        _ => throw new ArgumentOutOfRangeException(nameof(delimiter), delimiter, "not a delimiter"),
    };

    /// <summary>Goes on to the next row of numbers; false at the end of the file.</summary>
    public bool Next()
    {
        if (!Advance())
        {
            return false;
        }

        if (!started)
        {
            started = true;
            Columns = reader.FieldCount;
            if (IsHeader() && !Advance())
            {
                return false;
            }
        }

        return reader.FieldCount == Columns
            ? true
            : throw Error($"{reader.FieldCount} fields, and {Columns} in the first line");
    }

    /// <summary>Parses the present row.</summary>
    public void Parse<T>(Span<T> values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var column = 0; column < values.Length; column++)
        {
            var field = reader.GetSpan(column);
            if (!CsvNumber.TryParse(field, out values[column]))
            {
                throw Error(column, $"{Shown(field)}, which is not a number");
            }

            if (T.IsInfinity(values[column]) && !CsvNumber.SaysInfinity(field))
            {
                var precision = typeof(T) == typeof(float) ? "single" : "double";
                throw Error(column, $"{Shown(field)}, which is beyond the range of {precision} precision");
            }
        }
    }

    public DataFormatException NoRows() => new("the file holds no row of numbers", path);

    public DataFormatException Error(string problem) => new(At(problem), path);

    public void Dispose()
    {
        reader.Dispose();
        file.Dispose();
    }

    private bool Advance()
    {
        try
        {
            return reader.Read();
        }
        catch (CsvFormatException fault)
        {
            throw new DataFormatException($"line {fault.LineNumber} is malformed: {fault.Message}", path, inner: fault);
        }
    }

    /// <summary>No field of the first line is a number. Some that are and some that are not is an error in either reading.</summary>
    private bool IsHeader()
    {
        var (number, other) = (-1, -1);
        for (var column = 0; column < reader.FieldCount; column++)
        {
            ref var which = ref CsvNumber.TryParse<double>(reader.GetSpan(column), out _) ? ref number : ref other;
            which = which < 0 ? column : which;
        }

        return number >= 0 && other >= 0
            ? throw Error(other, $"{Shown(reader.GetSpan(other))}, which is not a number, and {Shown(reader.GetSpan(number))} in column "
                + $"{number + 1}; expected a row of numbers or a line of names")
            : number < 0;
    }

    private DataFormatException Error(int column, string problem) =>
        new(At(string.Create(CultureInfo.InvariantCulture, $"column {column + 1} holds {problem}")), path);

    private string At(string problem) => string.Create(CultureInfo.InvariantCulture, $"line {reader.LineNumber}: {problem}");

    private static string Shown(ReadOnlySpan<byte> field) => field.IsEmpty
        ? "nothing"
        : $"'{Encoding.UTF8.GetString(field[..Math.Min(field.Length, ShownLength)])}{(field.Length > ShownLength ? "..." : "")}'";

    /// <summary>Looks at the first line that is neither empty nor a comment; what is quoted does not count.</summary>
    private static char SeparatorOf(string path)
    {
        using var file = PackedFile.Open(path, RatioLimit, LeastLimit);
        var buffer = new byte[BufferBytes];
        var (atStart, comment, quoted, semicolon) = (true, false, false, false);
        while (file.Read(buffer) is > 0 and var read)
        {
            foreach (var value in buffer.AsSpan(0, read))
            {
                switch ((char)value)
                {
                    case '\n' or '\r':
                        if (!atStart && !comment)
                        {
                            return semicolon ? ';' : ',';
                        }

                        (atStart, comment, quoted) = (true, false, false);
                        continue;
                    case CommentPrefix when atStart:
                        comment = true;
                        break;
                    case '"':
                        quoted = !quoted;
                        break;
                    case '\t' when !quoted && !comment:
                        return '\t';
                    case ';' when !quoted && !comment:
                        semicolon = true;
                        break;
                    case '\0' or '\u00EF' or '\u00BB' or '\u00BF' or '\u00FE' or '\u00FF' when atStart:
                        // A byte order mark, or the other half of a character of UTF-16.
                        continue;
                }

                atStart = false;
            }
        }

        return semicolon ? ';' : ',';
    }
}
