// FusionRules: the rules that join operations of a step, in the order in which they are tried.
// One list, so that the order is seen in one place; the rules themselves live in `Fusion`.

/// The rules in use.
package enum FusionRules {
  package static let standard: [any FusionRule] = [
    HeadLossFusion(), ScatterAddFusion(), GateFusion(), ActivationFusion(),
    ActivationGradientFusion(), NormalizationGradientFusion(), ResidualFusion(),
    BiasGradientFusion(),
  ]
}
