// The conventions: PyTorch's FlopCounterMode, fvcore, calflops, and two formulas of papers.
// Read from the tools' sources: torch/utils/flop_counter.py (2.15), fvcore/nn/jit_handles.py (0.1.5)
// and calflops/pytorch_ops.py (0.3.2).

extension CountingConvention {
  /// The names by which a convention is asked for.
  package static let names = ["torch", "fvcore", "calflops", "6N", "palm"]

  /// The convention of that name.
  package static func named(
    _ name: String, attention: AttentionForm = .eager
  ) -> CountingConvention? {
    switch name {
    case "torch": torch(attention)
    case "fvcore": fvcore
    case "calflops": calflops
    case "6N": parameters
    case "palm": palm
    default: nil
    }
  }

  /// Products of matrices alone, two for each multiply-add.
  package static func torch(_ attention: AttentionForm = .eager) -> CountingConvention {
    let mm = Rule("aten.mm", 2)
    let bmm = Rule("aten.bmm", 2)
    var forward: [WorkKind: Rule] = [
      .biasedLinear: Rule("aten.addmm", 2), .biasedStored: Rule("aten.addmm", 2),
      .plainLinear: mm, .plainStored: mm, .routed: mm,
      .matrices: mm,
      .attention: bmm, .product: bmm, .angles: bmm,
      .addedProduct: Rule("aten.baddbmm", 2), .convolution: Rule("aten.convolution", 2),
    ]
    var backward: [WorkKind: Rule] = [
      .biasedLinear: mm, .biasedStored: mm, .plainLinear: mm, .plainStored: mm, .routed: mm,
      .matrices: mm,
      .attention: bmm, .product: bmm, .addedProduct: bmm,
      .convolution: Rule("aten.convolution_backward", 2),
    ]
    if let name = attention.operatorName {
      forward[.attention] = Rule(name, 2)
      backward[.attention] = Rule(name + "_backward", 2)
      backward[.scoresAgain] = Rule(name + "_backward", 2)
    }
    return CountingConvention(
      name: "torch", source: "torch.utils.flop_counter.FlopCounterMode",
      summary: "2 for each multiply-add of a product of matrices, attention in full; nothing else",
      forward: forward, backward: backward)
  }

  /// Multiply-adds, and an estimate for norms, over what a trace of the first result holds.
  package static var fvcore: CountingConvention {
    let linear = Rule("linear", 1)
    let matmul = Rule("matmul", 1)
    let once = "1 for each multiply-add, not 2"
    return CountingConvention(
      name: "fvcore", source: "fvcore.nn.FlopCountAnalysis",
      summary: "1 for each multiply-add, 5 for each element of a layer norm (4 without a scale)",
      forward: [
        .biasedLinear: linear, .plainLinear: linear, .routed: linear,
        .biasedStored: Rule("addmm", 1), .plainStored: matmul,
        .attention: matmul, .product: matmul, .addedProduct: matmul, .angles: matmul,
        .matrices: matmul,
        .convolution: Rule("conv", 1),
        .scaledNorm: Rule("layer_norm", 5), .plainNorm: Rule("layer_norm", 4),
      ],
      reasons: [
        .biasedLinear: once, .plainLinear: once, .routed: once, .biasedStored: once,
        .plainStored: once, .attention: once, .product: once, .addedProduct: once, .angles: once,
        .convolution: once, .matrices: once,
        .scaledNorm: "layer norms, 5 for each element",
        .plainNorm: "layer norms without a scale, 4 for each element",
      ],
      firstResultOnly: true)
  }

  /// Multiply-adds twice, and elements of what goes through a patched function.
  package static var calflops: CountingConvention {
    let linear = Rule("linear", 2)
    let matmul = Rule("matmul", 2)
    return CountingConvention(
      name: "calflops", source: "calflops.calculate_flops",
      summary: "2 for each multiply-add, and elements of norms, softmax, biases and activations",
      forward: [
        .biasedLinear: linear, .plainLinear: linear, .routed: linear,
        .biasedStored: Rule("addmm", 2), .plainStored: matmul,
        .attention: matmul, .product: matmul, .matrices: matmul,
        .addedProduct: Rule("baddbmm", 2),
        .convolution: Rule("conv", 2),
        .scaledNorm: Rule("layer_norm", 5), .plainNorm: Rule("layer_norm", 4),
        .softmax: Rule("softmax", 1), .relu: Rule("relu", 1), .silu: Rule("silu", 1),
        .gelu: Rule("gelu", 1), .convolutionBias: Rule("conv", 1), .storedBias: Rule("addmm", 1),
      ],
      reasons: [
        .angles: "rotary angles, made with `@`, which the tool doesn't patch",
        .scaledNorm: "layer norms, 5 for each element",
        .plainNorm: "layer norms without a scale, 4 for each element",
        .softmax: "softmax, 1 for each element", .relu: "relu, 1 for each element",
        .silu: "silu, 1 for each element",
        .gelu: "gelu called by the model's code, 1 for each element",
        .convolutionBias: "biases of convolutions, 1 for each element",
        .storedBias: "biases of layers stored [in, out], 1 for each weight",
      ])
  }

  /// Kaplan and others 2020, arXiv 2001.08361: 2N forward and 4N backward for each token.
  package static var parameters: CountingConvention {
    CountingConvention(
      name: "6N", source: "Kaplan and others 2020, arXiv 2001.08361",
      summary: "2 for each parameter and token forward, 4 backward; attention left out",
      forward: [:], backward: [:], perParameter: (2, 4))
  }

  /// Chowdhery and others 2022, arXiv 2204.02311, appendix B: 6N and attention.
  package static var palm: CountingConvention {
    CountingConvention(
      name: "palm", source: "Chowdhery and others 2022, arXiv 2204.02311, appendix B",
      summary: "2 for each parameter and token forward, 4 backward; attention as it is",
      forward: [.attention: Rule("attention", 2), .addedProduct: Rule("attention", 2)],
      backward: [.attention: Rule("attention", 2), .addedProduct: Rule("attention", 2)],
      perParameter: (2, 4))
  }
}
