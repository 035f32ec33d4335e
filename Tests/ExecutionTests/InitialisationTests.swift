// InitialisationTests: moments of the weights, and what their bits depend on.
// Bounds are five standard errors, so a right generator fails once in a million seeds.
import Dimensions
import Execution
import IR
import Kernels
import Testing

@Suite struct InitialisationTests {
  private func declaration(_ shape: [Dimension], _ fill: Initialiser) -> ParameterDeclaration {
    ParameterDeclaration(
      name: "w", type: TensorType(.f32, shape), formula: shape, initialiser: fill,
      trainable: true, range: nil)
  }

  private func elements(
    _ shape: [Dimension], _ fill: Initialiser, name: String = "w", seed: UInt64 = 1337
  ) throws -> [Double] {
    try Initialisation(seed: seed).array(for: declaration(shape, fill), named: name).reals
  }

  /// Mean, variance, and fourth moment over the squared variance.
  private func moments(_ x: [Double]) -> (mean: Double, variance: Double, kurtosis: Double) {
    let n = Double(x.count)
    let mean = x.reduce(0, +) / n
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
    let fourth = x.reduce(0) { $0 + (($1 - mean) * ($1 - mean)) * (($1 - mean) * ($1 - mean)) } / n
    return (mean, variance, fourth / (variance * variance))
  }

  @Test("draws a normal distribution")
  func normal() throws {
    let x = try elements([400, 500], .normal(0.02))
    let (mean, variance, kurtosis) = moments(x)
    let n = Double(x.count)
    #expect(abs(mean) < 5 * 0.02 / n.squareRoot())
    #expect(abs(variance / 0.0004 - 1) < 5 * (2 / n).squareRoot())
    #expect(abs(kurtosis - 3) < 5 * (24 / n).squareRoot())
    // Neighbours come from one pair and must not depend on each other.
    let pairs = stride(from: 0, to: x.count, by: 2).reduce(0) { $0 + x[$1] * x[$1 + 1] }
    #expect(abs(pairs / (n / 2) / 0.0004) < 5 / (n / 2).squareRoot())
  }

  @Test("draws a uniform distribution within one over the root of the last axis")
  func uniform() throws {
    let x = try elements([2000, 64], .kaimingUniform)
    let (mean, variance, kurtosis) = moments(x)
    let n = Double(x.count)
    #expect(x.allSatisfy { abs($0) <= 0.125 })
    #expect((x.max() ?? 0) > 0.1249)
    #expect((x.min() ?? 0) < -0.1249)
    let expected = 0.125 * 0.125 / 3
    #expect(abs(mean) < 5 * (expected / n).squareRoot())
    #expect(abs(variance / expected - 1) < 5 * (0.8 / n).squareRoot())
    #expect(abs(kurtosis - 1.8) < 0.02)
  }

  @Test("fills with constants")
  func constants() throws {
    #expect(try elements([2, 2], .zeros) == [0, 0, 0, 0])
    #expect(try elements([3], .ones) == [1, 1, 1])
    #expect(try elements([], .constant(0.5)) == [0.5])
    #expect(try elements([0], .kaimingUniform) == [])
    #expect(try elements([3], .normal(1)).count == 3)
  }

  @Test("gives the same bits for the same seed and name, and others otherwise")
  func streams() throws {
    let fill = Initialiser.normal(1)
    #expect(try elements([64], fill) == elements([64], fill))
    #expect(try elements([64], fill, name: "v") != elements([64], fill))
    #expect(try elements([64], fill, seed: 1338) != elements([64], fill))
    // A longer weight starts with the same numbers: nothing else enters the stream.
    #expect(try Array(elements([128], fill).prefix(64)) == elements([64], fill))
  }

  @Test("does not depend on the order of the weights")
  func order() throws {
    var sketch = GraphSketch()
    _ = sketch.parameter("first", [8], .normal(1))
    _ = sketch.parameter("second", [8], .kaimingUniform)
    var reversed = GraphSketch()
    _ = reversed.parameter("second", [8], .kaimingUniform)
    _ = reversed.parameter("first", [8], .normal(1))
    let initialisation = Initialisation(seed: 3)
    let forwards: [NDArray<Float>] = try initialisation.parameters(of: sketch.graph)
    let backwards: [NDArray<Float>] = try initialisation.parameters(of: reversed.graph)
    #expect(forwards.map(\.reals) == backwards.reversed().map(\.reals))
  }

  @Test("gives f32 the f64 numbers, rounded once")
  func rounding() throws {
    let wide: NDArray<Double> = try Initialisation(seed: 5)
      .array(for: declaration([100], .normal(0.02)), named: "w")
    let narrow: NDArray<Float> = try Initialisation(seed: 5)
      .array(for: declaration([100], .normal(0.02)), named: "w")
    #expect(narrow.reals == wide.reals.map { Float($0) })
  }

  @Test("keeps its streams from one version to the next")
  func pinned() {
    // Computed by a Python program written from the two papers.
    let expected: [UInt64] = [
      0x86ca_c45b_c2e9_bb4d, 0x6248_fb56_2693_602b, 0x0e25_7608_22b2_92b4,
      0x3a62_a061_6427_56ef, 0x16d9_2ac4_38fe_0d0a, 0x23f3_4a3c_9966_a531,
      0x1949_1884_fb1b_d6b4, 0xad9a_d362_6695_d1c3,
    ]
    var bits = RandomBits(seed: 0, name: "w")
    #expect(expected.map { _ in bits.next() } == expected)
  }

  @Test("refuses weights that would not fit, before asking for memory")
  func limits() throws {
    var sketch = GraphSketch()
    _ = sketch.parameter("w", [1_048_576, 1_048_576, 1_048_576, 1_048_576, 1_048_576])
    #expect {
      let _: [NDArray<Float>] = try Initialisation(seed: 0).parameters(of: sketch.graph)
    } throws: {
      ($0 as? ExecutionFault)?.kind == "too-large-to-run"
    }
    let declaration = declaration([1000], .zeros)
    let initialisation = Initialisation(seed: 0, byteLimit: 3999)
    #expect(throws: ExecutionFault.tooLarge("parameter 'w'", bytes: "4000", limit: 3999)) {
      let _: NDArray<Float> = try initialisation.array(for: declaration, named: "w")
    }
    let open = self.declaration([.b, 4], .zeros)
    #expect(throws: ExecutionFault.unboundSize(.parameter("w"), axis: 0, formula: "B")) {
      let _: NDArray<Float> = try initialisation.array(for: open, named: "w")
    }
  }
}
