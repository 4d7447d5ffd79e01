using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>
/// The parameters of a network in files, under PyTorch's state-dict names and in PyTorch's shapes, so that a network goes to PyTorch and
/// back: <c>model.load_state_dict({k: torch.from_numpy(v) for k, v in numpy.load("weights.npz").items()})</c> for the torch.nn.Sequential
/// that <see cref="Network{T}"/> describes.
/// </summary>
/// <remarks>
/// PyTorch's recurrent layers have a second bias, added to the first: it is written as zeros (rnn.bias_hh_l0) and, on reading, added to
/// rnn.bias_ih_l0.
/// </remarks>
public static class NetworkWeights
{
    private const string InputBias = ".bias_ih_l";
    private const string RecurrentBias = ".bias_hh_l";

    /// <summary>Writes all parameters, in the network's precision. The file appears whole or not at all.</summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <param name="network">The network.</param>
    /// <param name="path">The file; its name ends in .npz or .safetensors.</param>
    /// <exception cref="ArgumentException">The name has another ending.</exception>
    public static void Save<T>(Network<T> network, string path)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase))
        {
            Npz.Write(path, writer => Add(network, (name, tensor) => writer.Add(name, tensor)));
        }
        else if (path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
        {
            Safetensors.Write(path, writer => Add(network, (name, tensor) => writer.Add(name, tensor)));
        }
        else
        {
            throw new ArgumentException($"{path}: expected a name that ends in .npz or .safetensors, the files for weights.", nameof(path));
        }
    }

    /// <summary>Reads all parameters into a network. On an error the network stays as it was.</summary>
    /// <typeparam name="T">double or float; stored values are rounded to nearest where T is narrower.</typeparam>
    /// <param name="network">A network of the architecture that the file was written from.</param>
    /// <param name="path">The file, of any kind that <see cref="TensorFile"/> reads.</param>
    /// <exception cref="ArgumentException">The file is of no kind that is known.</exception>
    /// <exception cref="DataFormatException">
    /// The file is damaged, lacks a tensor, has one too many, or one is of another shape (the message names tensor, expected and actual
    /// shape) or has an entry that is not finite.
    /// </exception>
    public static void Load<T>(Network<T> network, string path)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        var entries = TensorFile.List(path).ToDictionary(entry => entry.Name);
        var read = new List<(Parameter<T> Parameter, Matrix<T> Values)>();
        foreach (var parameter in network.Parameters)
        {
            var values = Read(parameter, parameter.Name, entries, path);
            if (parameter.Name.Contains(InputBias, StringComparison.Ordinal))
            {
                values += Read(parameter, SecondBias(parameter.Name), entries, path);
            }

            read.Add((parameter, values));
        }

        if (entries.Count > 0)
        {
            throw new DataFormatException(
                $"has tensors that the network has not: {string.Join(", ", entries.Values)}; expected "
                + string.Join(", ", network.Parameters),
                path);
        }

        foreach (var (parameter, values) in read)
        {
            MatrixStorage.CopyTo<T>(values, parameter.Values);
        }
    }

    /// <summary>
    /// Reads a network of dense layers whose architecture is that of the tensors: NAME.weight of (outputs, inputs) and, where there are
    /// biases, NAME.bias, the NAMEs alike but for their numbers, which order the layers ("0.weight", "2.weight", ..., "fc1.weight",
    /// "net.layers.0.weight"). The last layer is linear.
    /// </summary>
    /// <typeparam name="T">double or float; stored values are rounded to nearest where T is narrower.</typeparam>
    /// <param name="path">The file, of any kind that <see cref="TensorFile"/> reads.</param>
    /// <param name="activations">What stands after every layer but the last: one for all, or one each. Files do not hold them.</param>
    /// <exception cref="ArgumentException">
    /// The file is of no kind that is known, or the activations are neither one nor one each.
    /// </exception>
    /// <exception cref="DataFormatException">
    /// The file is damaged, has a tensor that is not of a dense layer, the shapes or names do not fit one another (the message names the
    /// tensors), or an entry is not finite.
    /// </exception>
    public static Network<T> LoadDense<T>(string path, params IReadOnlyList<Activation> activations)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(activations);
        var layers = DenseStateDict.Of(TensorFile.List(path), path);
        if (activations.Count != 1 && activations.Count != layers.Count - 1)
        {
            throw new ArgumentException(
                $"There are {activations.Count} activations; expected one, or {layers.Count - 1}: one a layer of {path} but the last.",
                nameof(activations));
        }

        return new Network<T>(layers.Select((layer, l) => new DenseLayer<T>(
            ReadFinite<T>(layer.Weight, path),
            layer.Bias is null ? null : ReadFinite<T>(layer.Bias, path).Column(0),
            l == layers.Count - 1 ? Activation.Linear : activations[activations.Count == 1 ? 0 : l])));
    }

    private static void Add<T>(Network<T> network, Action<string, NumericArray<T>> add)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (var parameter in network.Parameters)
        {
            add(parameter.Name, new NumericArray<T>(parameter.Shape, parameter.Matrix.ToRowMajorArray()));
            if (parameter.Name.Contains(InputBias, StringComparison.Ordinal))
            {
                add(SecondBias(parameter.Name), new NumericArray<T>(parameter.Shape, new T[parameter.Rows]));
            }
        }
    }

    private static string SecondBias(string name) => name.Replace(InputBias, RecurrentBias, StringComparison.Ordinal);

    /// <summary>Reads one tensor and takes it off the list.</summary>
    private static Matrix<T> Read<T>(Parameter<T> parameter, string name, Dictionary<string, TensorEntry> entries, string path)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var expected = $"({string.Join(", ", parameter.Shape)})";
        if (!entries.Remove(name, out var entry))
        {
            throw new DataFormatException($"has no tensor '{name}'; expected one of shape {expected}", path);
        }

        if (!entry.Shape.SequenceEqual(parameter.Shape))
        {
            throw new DataFormatException(
                $"the tensor '{name}' has the shape ({string.Join(", ", entry.Shape)}); expected {expected}", path);
        }

        return ReadFinite<T>(entry, path);
    }

    private static Matrix<T> ReadFinite<T>(TensorEntry entry, string path)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var values = TensorFile.ReadMatrix<T>(entry);
        if (!Finiteness.All<T>(values.AsColumnMajorArray()))
        {
            throw new DataFormatException($"the tensor '{entry.Name}' has an element that is not finite", path);
        }

        return values;
    }
}
