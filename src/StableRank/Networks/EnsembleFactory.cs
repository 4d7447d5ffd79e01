using StableRank.Ensembles;

namespace StableRank.Networks;

/// <summary>Chooses the ensemble of one layer of a model.</summary>
/// <param name="layer">The layer's number l, 1 for the first.</param>
/// <param name="rows">The rows the ensemble must have: the layer's width n_l.</param>
/// <param name="columns">The columns the ensemble must have: the width n_(l-1) below.</param>
public delegate Ensemble EnsembleFactory(int layer, int rows, int columns);
