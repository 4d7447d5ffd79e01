namespace StableRank.Replication;

/// <summary>What measures one random network after another; an instance is used by one thread.</summary>
internal interface IReplicateWorker
{
    /// <summary>Draws the network of a replicate and measures it.</summary>
    /// <param name="seed">The seed of all replicates.</param>
    /// <param name="replicate">The replicate, from 0.</param>
    /// <param name="cancellationToken">Cancels.</param>
    void Run(ulong seed, int replicate, CancellationToken cancellationToken);
}
