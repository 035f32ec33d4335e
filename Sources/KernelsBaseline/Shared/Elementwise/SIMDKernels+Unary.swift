// SIMDKernels+Unary: functions and activations of one number over strided tensors.
// The switch stands inside the job and outside the loops, so that every function is inlined.
import Kernels

extension SIMDKernels {
  package static func apply(
    _ function: UnaryFunction, _ x: PlacedTensor<Float>, to y: PlacedTensor<Float>
  ) -> [KernelJob] {
    let pair = RunPair(x, y)
    return [KernelJob(pieces: pair.walk.pieces) { piece, _ in run(function, pair, piece) }]
  }

  package static func activate(
    _ function: ActivationFunction, _ x: PlacedTensor<Float>, to y: PlacedTensor<Float>
  ) -> [KernelJob] {
    let pair = RunPair(x, y)
    return [
      KernelJob(pieces: pair.walk.pieces) { piece, _ in
        switch function {
        case .gelu: pair.map(Lane.Gelu.self, piece)
        case .geluTanh: pair.map(Lane.GeluTanh.self, piece)
        case .silu: pair.map(Lane.Silu.self, piece)
        }
      }
    ]
  }

  package static func activationGradient(
    _ function: ActivationFunction, _ x: PlacedTensor<Float>, gradient: PlacedTensor<Float>,
    to y: PlacedTensor<Float>
  ) -> [KernelJob] {
    let triple = RunTriple(x, gradient, y)
    return [
      KernelJob(pieces: triple.walk.pieces) { piece, _ in
        switch function {
        case .gelu: triple.map(Lane.GeluBackward.self, piece)
        case .geluTanh: triple.map(Lane.GeluTanhBackward.self, piece)
        case .silu: triple.map(Lane.SiluBackward.self, piece)
        }
      }
    ]
  }

  package static func gate(
    _ function: ActivationFunction, _ x: PlacedTensor<Float>, times other: PlacedTensor<Float>,
    to y: PlacedTensor<Float>
  ) -> [KernelJob] {
    let triple = RunTriple(x, other, y)
    return [
      KernelJob(pieces: triple.walk.pieces) { piece, _ in
        switch function {
        case .gelu: triple.map(Lane.Gate<Lane.Gelu>.self, piece)
        case .geluTanh: triple.map(Lane.Gate<Lane.GeluTanh>.self, piece)
        case .silu: triple.map(Lane.Gate<Lane.Silu>.self, piece)
        }
      }
    ]
  }

  private static func run(_ function: UnaryFunction, _ pair: RunPair, _ piece: Int) {
    switch function {
    case .negate: pair.map(Lane.Negate.self, piece)
    case .exp: pair.map(Lane.Exponential.self, piece)
    case .log: pair.map(Lane.Logarithm.self, piece)
    case .sqrt: pair.map(Lane.Root.self, piece)
    case .reciprocal: pair.map(Lane.Reciprocal.self, piece)
    case .sin: pair.map(Lane.Sine.self, piece)
    case .cos: pair.map(Lane.Cosine.self, piece)
    case .tanh: pair.map(Lane.Tangent.self, piece)
    case .erf: pair.map(Lane.ErrorFunction.self, piece)
    case .relu: pair.map(Lane.Rectifier.self, piece)
    case .sigmoid: pair.map(Lane.Sigmoid.self, piece)
    case .absolute: pair.map(Lane.Size.self, piece)
    }
  }
}
