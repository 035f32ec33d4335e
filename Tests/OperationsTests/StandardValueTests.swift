// StandardValueTests: standard operations at points whose results are known.
// The laws compare our rules with one another; these compare them with the world.
import Dimensions
import IR
import Kernels
import Operations
import Testing

@Suite struct StandardValueTests {
  private func run(
    _ name: String, _ operands: [NDArray<Double>], _ attributes: Attributes = Attributes()
  ) throws -> [NDArray<Double>] {
    let type = try #require(Catalogue.operation(named: name))
    var context = EvaluationContext()
    return try type.init(attributes).evaluate(operands, in: &context)
  }

  private func array(_ extents: [Int], _ elements: [Double]) -> NDArray<Double> {
    NDArray(extents: extents, real: elements)
  }

  private func expect(
    _ results: [NDArray<Double>], _ expected: [Double], tolerance: Double = 1e-14,
    at location: SourceLocation = #_sourceLocation
  ) {
    let difference = Closeness.difference(
      results.first?.numbers ?? [], expected, tolerance: tolerance)
    #expect(difference == nil, sourceLocation: location)
  }

  private let last = Pattern(inputs: [[.ellipsis, .bracket([.name("v")])]], output: nil)
  private let first = Pattern(inputs: [[.bracket([.name("v")]), .ellipsis]], output: nil)

  @Test("softmax of 1, 2, 3 is e^1, e^2, e^3 over their sum, along either axis")
  func softmax() throws {
    // exp(1), exp(2) and exp(3) over 30.19287485057736, computed to 16 digits.
    let known = [0.09003057317038046, 0.24472847105479764, 0.6652409557748219]
    expect(
      try run("softmax", [array([2, 3], [1, 2, 3, 1001, 1002, 1003])], Attributes(pattern: last)),
      known + known)
    expect(
      try run("softmax", [array([3, 2], [1, 0, 2, 0, 3, 0])], Attributes(pattern: first)),
      [known[0], 1.0 / 3, known[1], 1.0 / 3, known[2], 1.0 / 3])
    expect(
      try run("log_softmax", [array([3], [1, 2, 3])], Attributes(pattern: last)),
      [-2.4076059644443806, -1.4076059644443804, -0.4076059644443804])
  }

  @Test("a masked row has no weight where it is masked, and is NaN when all of it is")
  func maskedSoftmax() throws {
    let inf = Double.infinity
    expect(
      try run("softmax", [array([2, 2], [-inf, 5, -inf, -inf])], Attributes(pattern: last)),
      [0, 1, .nan, .nan])
  }

  @Test("layer norm of 1, 2, 3, 4 divides by √1.25, RMS norm of 3, 4 by √12.5")
  func normalize() throws {
    let deviation = 1.25001.squareRoot()
    expect(
      try run(
        "layer_normalize",
        [array([1, 4], [1, 2, 3, 4]), array([4], [1, 1, 2, 1]), array([4], [0, 10, 0, 0])],
        Attributes(["epsilon": .float(1e-5)])),
      [-1.5 / deviation, 10 - 0.5 / deviation, 2 * 0.5 / deviation, 1.5 / deviation])
    expect(
      try run("rms_normalize", [array([2], [3, 4])], Attributes(["epsilon": .float(0)])),
      [0.8485281374238570, 1.1313708498984760])
    // Without spread only epsilon is left: 0 / √1e-5.
    expect(try run("layer_normalize", [array([3], [7, 7, 7])]), [0, 0, 0])
  }

  @Test("activations at one and minus one")
  func activations() throws {
    let points = array([3], [1, -1, 0])
    // Φ(1) = 0.841344746068543 (tables of the normal distribution).
    expect(try run("gelu", [points]), [0.841344746068543, -0.158655253931457, 0])
    // 0.5·(1 + tanh(0.7978845608028654 · 1.044715)), the value of PyTorch's approximate GELU.
    expect(try run("gelu_tanh", [points]), [0.8411919906082768, -0.15880800939172324, 0])
    expect(try run("silu", [points]), [0.7310585786300049, -0.2689414213699951, 0])
  }

  @Test("activations of far numbers are exact, not NaN")
  func farActivations() throws {
    let points = array([2], [1e4, -1e4])
    for name in ["gelu", "gelu_tanh", "silu"] { expect(try run(name, [points]), [1e4, 0]) }
    for function in ActivationFunction.allCases {
      expect(
        try run(
          "activation_gradient", [points, array([2], [1, 1])],
          Attributes(["function": .string(function.rawValue)])), [1, 0])
    }
  }

  @Test("affine multiplies by rows of the weight, or by columns when transposed")
  func affine() throws {
    let x = array([2, 2], [1, 2, 3, 4])
    let bias = array([3], [0.5, 0, -0.5])
    let expected = [5.5, 11, 16.5, 11.5, 25, 38.5]
    expect(try run("affine", [x, array([3, 2], [1, 2, 3, 4, 5, 6]), bias]), expected)
    expect(
      try run(
        "affine", [x, array([2, 3], [1, 3, 5, 2, 4, 6]), bias],
        Attributes(["transposed": .boolean(true)])), expected)
  }

  @Test("cross-entropy of uniform logits is ln V; ignored targets do not count")
  func crossEntropy() throws {
    let logits = array([3, 4], [0, 0, 0, 0, 9, 9, 9, 9, 2, 1, 0, -50])
    func loss(_ targets: [Int32], _ values: [String: AttributeValue] = [:]) throws -> [NDArray<
      Double
    >] {
      try run(
        "cross_entropy", [logits, NDArray(extents: [3], index: targets)],
        Attributes(pattern: last, values))
    }
    let quarter = 1.3862943611198906
    // ln(1 + e^-1 + e^-2), the loss of class 0 under 2, 1, 0 and a class that is out of reach.
    let third = 0.4076059644443804
    expect(try loss([0, 3, 0]), [(2 * quarter + third) / 3])
    expect(try loss([0, -100, 0]), [(quarter + third) / 2])
    expect(try loss([0, 3, 0], ["reduction": .string("sum")]), [2 * quarter + third])
    expect(try loss([0, 3, 0], ["ignore": .integer(3)]), [(quarter + third) / 2])
    expect(try loss([-100, -100, -100]), [.nan])
    expect(try loss([-100, -100, -100], ["reduction": .string("sum")]), [0])
    #expect(throws: KernelFault.self) { try loss([0, 4, 0]) }
    #expect(throws: KernelFault.self) { try loss([0, -1, 0]) }
  }

  @Test("the gradient of cross-entropy is softmax minus one-hot over the kept targets")
  func crossEntropyGradient() throws {
    let logits = array([2, 2], [0, 0, 5, 5])
    expect(
      try run(
        "cross_entropy_gradient",
        [logits, NDArray(extents: [2], index: [1, -100]), array([], [3])],
        Attributes(pattern: last)),
      [1.5, -1.5, 0, 0])
  }

  @Test("a causal mask is aligned at the last query and key")
  func attention() throws {
    let values = array([3, 1], [1, 10, 100])
    let zeros = array([3, 2], [0, 0, 0, 0, 0, 0])
    let causal = Attributes(["causal": .boolean(true)])
    func mixed(_ queries: Int, _ attributes: Attributes) throws -> [NDArray<Double>] {
      try run(
        "scaled_dot_product_attention",
        [array([queries, 2], Array(repeating: 0, count: 2 * queries)), zeros, values], attributes)
    }
    expect(try mixed(3, causal), [1, 5.5, 37])
    expect(try mixed(2, causal), [5.5, 37])
    expect(try mixed(1, causal), [37])
    expect(try mixed(2, Attributes()), [37, 37])
    // 1 / (1 + e^(-1/√2)), and 1 / (1 + e^-3) when the scale is given.
    let (q, k, v) = (
      array([1, 2], [1, 0]), array([2, 2], [1, 0, 0, 1]), array([2, 1], [1, 0])
    )
    expect(try run("scaled_dot_product_attention", [q, k, v]), [0.6697615493266569])
    expect(
      try run("scaled_dot_product_attention", [q, k, v], Attributes(["scale": .float(3)])),
      [0.9525741268224334])
  }

  @Test("attention shows what the mask shows, adds the bias, and gives zero to a blind query")
  func maskedAttention() throws {
    let (queries, keys) = (array([2, 1], [0, 0]), array([3, 1], [0, 0, 0]))
    let values = array([3, 1], [1, 10, 100])
    let mask = NDArray<Double>(extents: [2, 3], mask: [true, false, true, false, false, false])
    // ln 9, so that the weights are 0.1 and 0.9.
    let bias = array([3], [0, 0, 2.1972245773362196])
    let name = "scaled_dot_product_attention"
    expect(try run(name, [queries, keys, values, mask]), [50.5, 0])
    expect(try run(name, [queries, keys, values, mask, bias]), [90.1, 0])
    expect(try run(name, [queries, keys, values, bias]), [911.0 / 11, 911.0 / 11])
    let gradients = try run(
      "scaled_dot_product_attention_gradient",
      [queries, keys, values, array([2, 1], [90.1, 0]), array([2, 1], [1, 1]), mask, bias],
      Attributes(["bias_gradient": .boolean(true)]))
    expect([gradients[2]], [0.1, 0, 0.9])
    expect([gradients[3]], [0.1 * (1 - 90.1), 0, 0.9 * (100 - 90.1)])
  }

  @Test("rotary turns pairs by the position, halves or neighbours")
  func rotary() throws {
    let x = array([2, 4], [1, 2, 3, 4, 1, 2, 3, 4])
    let positions = NDArray<Double>(extents: [2], index: [0, 2])
    let (c, s) = (-0.4161468365471424, 0.9092974268256817)  // cos 2, sin 2
    let (c2, s2) = (0.9998000066665778, 0.01999866669333308)  // cos 0.02, sin 0.02
    expect(
      try run("rotary", [x, positions]),
      [
        1, 2, 3, 4, c - 3 * s, 2 * c2 - 4 * s2, 3 * c + s, 4 * c2 + 2 * s2,
      ])
    expect(
      try run("rotary", [x, positions], Attributes(["interleaved": .boolean(true)])),
      [1, 2, 3, 4, c - 2 * s, 2 * c + s, 3 * c2 - 4 * s2, 4 * c2 + 3 * s2])
  }

  @Test("affine names the axis, both sides, the claim and the verdict of a mismatch")
  func affineFault() throws {
    let (b, t) = (Dimension(Symbol("B")), Dimension(Symbol("T")))
    let fault = #expect(throws: Fault.self) {
      try Affine().resultTypes(
        of: [TensorType(.f32, [b, t, 768]), TensorType(.f32, [1024, 1024])],
        prover: Prover(assuming: .none))
    }
    #expect(fault?.kind == "shape-mismatch")
    #expect(fault?.operand == 0)
    #expect(fault?.axis == 2)
    #expect(fault?.needs == "[..., 1024]")
    #expect(fault?.found == "[B, T, 768]")
    #expect(fault?.claim == .equal(1024, 768))
    #expect(fault?.verdict?.witness != nil)
  }

  @Test("targets that are known to be no classes are refused before a run")
  func targetRange() throws {
    let operation = try CrossEntropy(Attributes(pattern: last))
    let types = [TensorType(.f32, [4, 10]), TensorType(.i32, [4])]
    func check(_ range: IndexRange?) throws(Fault) {
      try operation.checkValues(
        of: types, ranges: [nil, range], prover: Prover(assuming: .none))
    }
    #expect(throws: Never.self) { try check(nil) }
    #expect(throws: Never.self) { try check(IndexRange(lower: 0, upper: 9)) }
    let fault = #expect(throws: Fault.self) { try check(IndexRange(lower: 0, upper: 10)) }
    #expect(fault?.kind == "index-out-of-range")
  }

  @Test("causal attention needs a proof that no query is without a key")
  func causalFault() throws {
    let (t, s) = (Dimension(Symbol("T")), Dimension(Symbol("S")))
    let operands = [t, s, s].map { TensorType(.f32, [$0, 8]) }
    let operation = ScaledDotProductAttention(causal: true, scale: nil)
    let fault = #expect(throws: Fault.self) {
      try operation.resultTypes(of: operands, prover: Prover(assuming: .none))
    }
    #expect(fault?.claim == .atLeast(s, t))
    let known = Prover(assuming: Assumptions([.atLeast(s, t)]))
    #expect(throws: Never.self) { try operation.resultTypes(of: operands, prover: known) }
  }
}
