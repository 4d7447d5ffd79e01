using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Providers.LinearAlgebra;
using StableRank.LinearAlgebra;
using Xunit.Abstractions;
using Transpose = StableRank.LinearAlgebra.Transpose;

namespace StableRank.Tests.LinearAlgebra;

[Collection(BackendSwitching.Name)]
public sealed class BackendTests(ITestOutputHelper output) : IDisposable
{
    private readonly LoadedBackend former = Backend.Active;
    private readonly ILinearAlgebraProvider formerProvider = LinearAlgebraControl.Provider;

    public void Dispose()
    {
        Backend.Use(former);
        LinearAlgebraControl.Provider = formerProvider;
    }

    [Fact]
    public void AvailableBackends_OnThisMachine_AreNamed()
    {
        foreach (var kind in Enum.GetValues<BackendKind>())
        {
            var faults = new List<string>();
            var loaded = Backend.Load(kind, null, faults);
            output.WriteLine(loaded is null
                ? $"{kind}: not here ({string.Join("; ", faults)}): its tests do not run"
                : $"{kind}: {loaded.Description}");
            (loaded is null && faults.Count == 0).Should().BeFalse("a backend that is not here leaves a reason");
        }

        AvailableBackends.All.Should().Contain(BackendKind.Managed);
        if (File.Exists(Path.Combine(Backend.CacheFolder, "mkl", "libmkl_rt.so")))
        {
            AvailableBackends.All.Should().Contain(BackendKind.Mkl, "it lies in the cache folder");
        }
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Describe_EachBackend_NamesItselfAndItsThreads(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        var description = Backend.Describe();
        Backend.Current.Should().Be(kind);
        description.Kind.Should().Be(kind);
        description.Threads.Should().BeInRange(1, Backend.Threads);
        var (name, version) = kind switch
        {
            BackendKind.Mkl => ("Intel MKL", "Math Kernel Library"),
            BackendKind.OpenBlas => ("OpenBLAS", "OpenBLAS"),
            _ => ("managed code", "MathNet.Numerics 5."),
        };
        description.Name.Should().Be(name);
        description.Version.Should().Contain(version);
        description.ToString().Should().StartWith(name).And.Contain($"{description.Threads} thread").And.NotContain("\n");
        (description.LibraryPath is null).Should().Be(kind == BackendKind.Managed);
        if (description.LibraryPath is { } path)
        {
            File.Exists(path).Should().BeTrue();
        }
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Use_EachBackend_ComputesMathNetsProductsToo(BackendKind kind)
    {
        LinearAlgebraControl.UseManaged();
        using var backend = AvailableBackends.Use(kind);
        (LinearAlgebraControl.Provider is BackendLinearAlgebraProvider).Should().Be(kind != BackendKind.Managed);
        var a = Matrix<double>.Build.Dense(3, 2, [1, 2, 3, 4, 5, 6]);
        (a.TransposeThisAndMultiply(a)).ToColumnMajorArray().Should().Equal(14, 32, 32, 77);
        (a * a.Transpose()).ToColumnMajorArray().Should().Equal(17, 22, 27, 22, 29, 36, 27, 36, 45);
    }

    [Fact]
    public void UseManaged_AfterOurs_PutsMathNetsManagedProviderBack()
    {
        foreach (var kind in AvailableBackends.All.Where(kind => kind != BackendKind.Managed))
        {
            Backend.Use(AvailableBackends.Of(kind));
            LinearAlgebraControl.Provider.Should().BeOfType<BackendLinearAlgebraProvider>();
            Backend.UseManaged();
            LinearAlgebraControl.Provider.Should().BeOfType<ManagedLinearAlgebraProvider>();
            Backend.Current.Should().Be(BackendKind.Managed);
        }
    }

    [Fact]
    public void Use_ProviderOfTheUser_Stays()
    {
        // any provider that is neither MathNet's managed one nor ours, like that of MathNet.Numerics.Providers.MKL
        var users = System.Reflection.DispatchProxy.Create<ILinearAlgebraProvider, UsersProvider>();
        LinearAlgebraControl.Provider = users;
        Backend.UseAutomatic();
        LinearAlgebraControl.Provider.Should().BeSameAs(users);
        Backend.UseManaged();
        LinearAlgebraControl.Provider.Should().BeSameAs(users);
        Backend.Describe().Notes.Should().Contain(note => note.Contains("MathNet's own operations use the provider that was set"));
    }

    [Fact]
    public void InitializeVerify_CalledAgainByMathNet_KeepsTheProvider()
    {
        Backend.UseAutomatic();
        var provider = LinearAlgebraControl.Provider;
        var threads = MathNet.Numerics.Control.MaxDegreeOfParallelism;
        MathNet.Numerics.Control.UseSingleThread();
        MathNet.Numerics.Control.MaxDegreeOfParallelism = threads;
        LinearAlgebraControl.Provider.Should().BeSameAs(provider);
    }

    [Fact]
    public void Use_MissingLibrary_ThrowsWithPlacesAndRemedyAndChangesNothing()
    {
        var before = Backend.Active;
        var mkl = () => Backend.UseMkl("/nowhere/libmkl_rt.so");
        mkl.Should().Throw<BackendNotFoundException>()
            .WithMessage("Mkl could not be loaded. Probed: /nowhere/libmkl_rt.so: no such file. *setup*STABLERANK_MKL_PATH*")
            .Which.Probed.Should().ContainSingle();
        var openBlas = () => Backend.UseOpenBlas("/nowhere/libopenblas.so");
        openBlas.Should().Throw<BackendNotFoundException>()
            .WithMessage("*no such file*apt install libopenblas0-pthread*STABLERANK_OPENBLAS_PATH*");
        Backend.TryUseMkl("/nowhere").Should().BeFalse();
        Backend.TryUseOpenBlas("/nowhere").Should().BeFalse();
        Backend.Active.Should().BeSameAs(before);
    }

    [Fact]
    public void Use_FileThatIsNoSuchLibrary_SaysWhatIsWrong()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            foreach (var name in (string[])["libmkl_rt.so", "libopenblas.so.0"])
            {
                File.WriteAllText(Path.Combine(folder.FullName, name), "not a library");
            }

            var mkl = () => Backend.UseMkl(folder.FullName);
            mkl.Should().Throw<BackendNotFoundException>()
                .WithMessage("*libmkl_rt.so.2: no such file*libmkl_rt.so: there, but mkl_core is not*");
            var openBlas = () => Backend.UseOpenBlas(folder.FullName);
            openBlas.Should().Throw<BackendNotFoundException>().WithMessage("*libopenblas.so.0: there, but*");
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        if (OperatingSystem.IsLinux())
        {
            var otherLibrary = () => Backend.UseOpenBlas("libc.so.6");
            otherLibrary.Should().Throw<BackendNotFoundException>().WithMessage("*not an OpenBLAS with LAPACK*openblas_set_num_threads*");
        }
    }

    [Fact]
    public void UseMkl_WithoutItsSiblings_IsRefusedBeforeItsFirstCall()
    {
        // mkl_rt alone would end the process at its first call
        var library = Path.Combine(Backend.CacheFolder, "mkl", "libmkl_rt.so");
        if (!File.Exists(library))
        {
            output.WriteLine($"{library} is not here: nothing to test");
            return;
        }

        var folder = Directory.CreateTempSubdirectory();
        try
        {
            File.Copy(library, Path.Combine(folder.FullName, "libmkl_rt.so"));
            var act = () => Backend.UseMkl(folder.FullName);
            act.Should().Throw<BackendNotFoundException>().WithMessage("*libmkl_rt.so: there, but mkl_core is not beside it*");
            foreach (var name in (string[])["libmkl_core.so", "libmkl_intel_lp64.so", "libmkl_def.so"])
            {
                Link(name);
            }

            act.Should().Throw<BackendNotFoundException>().WithMessage("*mkl_gnu_thread is not beside it, and mkl_sequential is not*");

            void Link(string name) => File.CreateSymbolicLink(
                Path.Combine(folder.FullName, name), Path.Combine(Path.GetDirectoryName(library)!, name));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void UseMkl_ThroughALink_LoadsWhatItLinksTo()
    {
        var library = Path.Combine(Backend.CacheFolder, "mkl", "libmkl_rt.so");
        if (!File.Exists(library))
        {
            output.WriteLine($"{library} is not here: nothing to test");
            return;
        }

        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var link = Path.Combine(folder.FullName, "libmkl_rt.so");
            File.CreateSymbolicLink(link, library);
            Backend.UseMkl(link);
            Backend.Describe().LibraryPath.Should().Be(new FileInfo(library).ResolveLinkTarget(true)?.FullName ?? library);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void LoadNamed_UnknownName_ListsTheKnownOnes()
    {
        var act = () => Backend.LoadNamed("cuda");
        act.Should().Throw<InvalidOperationException>()
            .WithMessage("STABLERANK_BACKEND is 'cuda'; expected auto, mkl, openblas or managed.");
        Backend.LoadNamed(" Managed ").Description.Kind.Should().Be(BackendKind.Managed);
        Backend.LoadNamed("").Description.Kind.Should().Be(Backend.LoadNamed("auto").Description.Kind);
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void SingleThreaded_OnManyThreads_SameBitsAsAlone(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        var a = Dense.Random<double>(200, 200, 1);
        var expected = Product();
        var products = new double[8][];
        Parallel.For(0, products.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => products[i] = Product());
        products.Should().OnlyContain(p => p.SequenceEqual(expected));

        double[] Product()
        {
            using var alone = Backend.SingleThreaded();
            using var nested = Backend.SingleThreaded();
            var c = new double[200 * 200];
            Blas.Gemm<double>(Transpose.No, Transpose.Yes, 200, 200, 200, 1, a, 200, a, 200, 0, c, 200);
            double[] q = (double[])c.Clone(), tau = new double[200];
            Householder.Factor<double>(200, 200, q, 200, tau);
            return [.. c, .. q, .. tau];
        }
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void SameComputation_RunAgain_SameBits(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        double[] a = Dense.Random<double>(150, 130, 1), expected = Run(0);
        foreach (var shift in (int[])[1, 2, 3, 5])
        {
            Run(shift).Should().Equal(expected, "alignment {0}", shift);
        }

        double[] Run(int shift)
        {
            var memory = new double[a.Length + shift];
            var x = memory.AsSpan(shift);
            a.CopyTo(x);
            var tau = new double[130];
            Householder.Factor<double>(150, 130, x, 150, tau);
            var values = new double[130];
            SingularValues.Compute<double>(130, 130, x[..(130 * 130)], 130, values);
            return [.. tau, .. values];
        }
    }

    [Fact]
    public void SingleThreaded_DisposedOnAnotherThread_Throws()
    {
        using var scope = Backend.SingleThreaded();
        Exception? caught = null;
        var thread = new Thread(() => caught = Record.Exception(scope.Dispose));
        thread.Start();
        thread.Join();
        caught.Should().BeOfType<InvalidOperationException>().Which.Message.Should().Contain("must not cross an await");
    }

    [Fact]
    public void Active_FirstUseByManyThreads_IsOneBackend() =>
        Enumerable.Range(0, 64).AsParallel().Select(_ => Backend.Active).Distinct().Should().ContainSingle();

    /// <summary>Stands for a provider that is not ours; MathNet only asks it to verify itself here.</summary>
    public class UsersProvider : System.Reflection.DispatchProxy
    {
        protected override object? Invoke(System.Reflection.MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.ReturnType == typeof(void) ? null
            : throw new NotSupportedException($"the stand-in provider was asked for {targetMethod.Name}");
    }
}
