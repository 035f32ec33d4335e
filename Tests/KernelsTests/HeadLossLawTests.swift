// HeadLossLawTests: the fused head and loss against plain products and the plain loss, at every level.
// The plain side runs in double precision; the bound is relative to the largest element.
import Execution
import Kernels
import Testing

@Suite struct HeadLossLawTests {
  struct Sample: Sendable {
    var shape: HeadLossShape
    var hasBias = false
    var accumulates = false
    var reduction = LossReduction.mean
    var ignoring = 0.0
  }

  /// The loss and its gradients in double precision, by the definition.
  private struct Expected {
    var loss = 0.0
    var input: [Double]
    var weight: [Double]
    var bias: [Double]
  }

  private static func samples() -> [Sample] {
    var random = KernelRandom(seed: 31)
    func shape(_ rows: Int, _ width: Int, _ classes: Int, _ transposed: Bool = false)
      -> HeadLossShape
    {
      HeadLossShape(
        rows: rows, width: width, classes: classes, isTransposed: transposed, wantsInput: true,
        wantsWeight: true)
    }
    var samples = [
      Sample(shape: shape(0, 3, 4), hasBias: true), Sample(shape: shape(1, 1, 1)),
      Sample(shape: shape(0, 3, 4, true), hasBias: true),
      Sample(shape: shape(5, 7, 11), ignoring: 1),
      Sample(shape: shape(5, 7, 11), reduction: .sum, ignoring: 1),
      Sample(shape: shape(33, 16, 101, true), hasBias: true, accumulates: true, ignoring: 0.2),
      Sample(shape: shape(3, 2, 20_011), hasBias: true),
    ]
    for number in 0..<24 {
      var sample = Sample(
        shape: shape(
          .random(in: 1...70, using: &random), .random(in: 1...70, using: &random),
          .random(in: 1...150, using: &random), number % 2 == 0))
      sample.hasBias = number % 3 == 0
      sample.accumulates = number % 5 == 0
      sample.reduction = number % 4 == 0 ? .sum : .mean
      sample.ignoring = number % 3 == 1 ? 0.3 : 0
      sample.shape.wantsInput = number % 7 != 6
      sample.shape.wantsWeight = number % 11 != 10
      sample.shape.blockRows = [nil, 1, 5, 16][number % 4]
      samples.append(sample)
    }
    return samples
  }

  @Test("loss and gradients are those of a head and a loss apart", arguments: samples())
  func agrees(_ sample: Sample) throws {
    let shape = sample.shape
    var random = KernelRandom(seed: 32)
    let x = random.reals(shape.rows * shape.width)
    let w = random.reals(shape.classes * shape.width)
    let b = random.reals(sample.hasBias ? shape.classes : 0)
    let targets = (0..<shape.rows).map { _ in
      Double.random(in: 0..<1, using: &random) < sample.ignoring
        ? -100 : Int32.random(in: 0..<Int32(shape.classes), using: &random)
    }
    let cotangent: Float = 0.75
    let before: Float = sample.accumulates ? 0.5 : 0
    let expected = try plain(sample, x, w, b, targets, Double(cotangent), Double(before))

    for kernels in KernelChoice.available {
      let memory = KernelMemory()
      func room(_ count: Int) -> Place<Float> {
        sample.accumulates
          ? memory.reals(Array(repeating: before, count: count)) : memory.garbage(count)
      }
      let weightStride = shape.isTransposed ? shape.classes : shape.width
      var head = HeadLoss(
        shape, input: Matrix(memory.reals(x), stride: shape.width),
        weight: Matrix(memory.reals(w), stride: weightStride),
        bias: sample.hasBias ? memory.reals(b) : nil,
        targets: LossTargets(
          PlacedIndices(memory.indices(targets), count: shape.rows), ignore: -100,
          reduction: sample.reduction), loss: memory.garbage(1))
      let dx = memory.garbage(x.count)
      let dw = room(w.count)
      let db = room(b.count)
      head.cotangent = memory.reals([cotangent])
      if shape.wantsInput { head.inputGradient = Matrix(dx, stride: shape.width) }
      if shape.wantsWeight {
        head.weightGradient = Matrix(dw, stride: weightStride)
        if sample.hasBias { head.biasGradient = db }
      }
      head.accumulates = sample.accumulates
      let workspace = kernels.headLossWorkspace(shape)
      memory.run(
        kernels.headLoss(
          head, workspace: memory.garbage((workspace.shared + 3) / 4, aligned: true)),
        scratch: workspace.scratch)

      let name = "\(kernels.level)"
      check(memory.elements(head.loss, 1), [expected.loss], "loss, \(name)")
      if shape.wantsInput { check(memory.elements(dx, x.count), expected.input, "dx, \(name)") }
      if shape.wantsWeight {
        check(memory.elements(dw, w.count), expected.weight, "dw, \(name)")
        check(memory.elements(db, b.count), expected.bias, "db, \(name)")
      }
    }
  }

  @Test("a shape counts one product for the loss and one for each gradient")
  func counts() {
    var shape = HeadLossShape(
      rows: 3, width: 5, classes: 7, wantsInput: true, wantsWeight: true)
    #expect(shape.multiplyAdds == 3 * 105)
    shape.wantsInput = false
    #expect(shape.multiplyAdds == 2 * 105)
    shape.wantsWeight = false
    #expect(shape.multiplyAdds == 105)
  }

  @Test("the logits of a large batch never exist together")
  func boundsMemory() {
    for kernels in KernelChoice.available {
      let shape = HeadLossShape(
        rows: 1 << 20, width: 768, classes: 50_257, wantsInput: true, wantsWeight: true)
      #expect(kernels.headLossWorkspace(shape).shared < 90_000_000)
    }
  }

  private func check(_ found: [Float], _ expected: [Double], _ name: String) {
    let largest = expected.map(abs).max() ?? 0
    let bound = 6e-6 * max(largest, 1e-3)
    let isNear = zip(found, expected).allSatisfy { found, expected in
      (found.isNaN && expected.isNaN) || abs(Double(found) - expected) <= bound
    }
    #expect(found.count == expected.count && isNear, "\(name)")
  }

  private func plain(
    _ sample: Sample, _ x: [Float], _ w: [Float], _ b: [Float], _ targets: [Int32],
    _ cotangent: Double, _ before: Double
  ) throws -> Expected {
    let shape = sample.shape
    let (x, b) = (x.map(Double.init), b.map(Double.init))
    // As [classes, width], whatever the layout.
    var weight = w.map(Double.init)
    if shape.isTransposed {
      weight = (0..<w.count).map { index in
        Double(w[index % shape.width * shape.classes + index / shape.width])
      }
    }
    var logits = [Double](repeating: 0, count: shape.rows * shape.classes)
    for row in 0..<shape.rows {
      for column in 0..<shape.classes {
        var sum = b.isEmpty ? 0 : b[column]
        for index in 0..<shape.width {
          sum += x[row * shape.width + index] * weight[column * shape.width + index]
        }
        logits[row * shape.classes + column] = sum
      }
    }
    let array = NDArray<Double>(extents: [shape.rows, shape.classes], real: logits)
    let classes = NDArray<Double>(extents: [shape.rows], index: targets)
    let loss = try StandardKernels.crossEntropy(
      array, targets: classes, axis: 1, ignore: -100, reduction: sample.reduction)
    let gradient = try StandardKernels.crossEntropyGradient(
      array, targets: classes, gradient: NDArray(extents: [], real: [cotangent]), axis: 1,
      ignore: -100, reduction: sample.reduction
    ).reals
    var expected = Expected(
      loss: loss.reals.first ?? 0, input: Array(repeating: 0, count: x.count),
      weight: Array(repeating: before, count: weight.count),
      bias: Array(repeating: before, count: b.count))
    for row in 0..<shape.rows {
      for column in 0..<shape.classes {
        let arriving = gradient[row * shape.classes + column]
        if !b.isEmpty { expected.bias[column] += arriving }
        for index in 0..<shape.width {
          let place = column * shape.width + index
          expected.input[row * shape.width + index] += arriving * weight[place]
          let target = shape.isTransposed ? index * shape.classes + column : place
          expected.weight[target] += arriving * x[row * shape.width + index]
        }
      }
    }
    return expected
  }
}
