// AttentionLawTests: fast attention against the definition in double precision, at every level.
// A rounding error is judged by the terms of its sum and by how large the scores are.
import Execution
import Kernels
import Testing

/// A run of forward and backward on the numbers of a sample.
private struct AttentionRun {
  let output: [Float]
  let byQuery: [Float]
  let byKey: [Float]
  let byValue: [Float]
  let byBias: [Float]

  var all: [UInt32] {
    (output + byQuery + byKey + byValue + byBias).map(\.bitPattern)
  }

  /// Runs the pieces of each job one by one from the last, if `isBackwards`, with a workspace that
  /// holds `filling` before.
  init(
    _ numbers: AttentionNumbers, _ kernels: any KernelSet.Type, isBackwards: Bool = false,
    filling: Float = .nan
  ) {
    let sample = numbers.sample
    let memory = KernelMemory()
    let leading = [sample.batch, sample.heads, sample.group]
    func place(
      _ elements: [Float], _ rows: Int, _ width: Int, _ strides: [Int]
    ) -> PlacedTensor<Float> {
      PlacedTensor(
        memory.reals(elements), extents: leading + [rows, width], strides: strides)
    }
    func garbage(like elements: [Float]) -> [Float] { elements.map { _ in .nan } }
    let (width, valueWidth) = (sample.width, sample.valueWidth)
    let queryStrides = sample.queryStrides(width)
    let valueRowStrides = sample.queryStrides(valueWidth)
    var operands = AttentionOperands(
      query: place(numbers.query, sample.queries, width, queryStrides),
      key: place(numbers.key, sample.keys, width, sample.keyStrides(width)),
      value: place(numbers.value, sample.keys, valueWidth, sample.keyStrides(valueWidth)),
      options: sample.options)
    if sample.mask != .none {
      operands.mask = PlacedTensor(
        memory.masks(numbers.mask), extents: leading + [sample.queries, sample.keys],
        strides: sample.maskStrides)
    }
    let output = place(
      garbage(like: numbers.gradient), sample.queries, valueWidth, valueRowStrides)
    var leaving = AttentionLeaving(
      query: place(garbage(like: numbers.query), sample.queries, width, queryStrides),
      key: place(garbage(like: numbers.key), sample.keys, width, sample.keyStrides(width)),
      value: place(
        garbage(like: numbers.value), sample.keys, valueWidth, sample.keyStrides(valueWidth)))
    if sample.bias != .none {
      operands.bias = place(numbers.bias, sample.queries, sample.keys, sample.biasStrides)
      leaving.bias = place(
        garbage(like: numbers.bias), sample.queries, sample.keys, sample.biasStrides)
    }
    let rowSums = memory.garbage(sample.entries * sample.queries)
    let sizes = operands.sizes(shared: leaving.shared)
    let forward = kernels.attentionWorkspace(sizes)
    let backward = kernels.attentionGradientWorkspace(sizes)
    let shared = memory.reals(
      Array(repeating: filling, count: backward.shared / 4), aligned: true)
    let scratch = memory.reals(
      Array(repeating: filling, count: max(forward.scratch, backward.scratch) / 4), aligned: true)
    func run(_ jobs: [KernelJob], _ workspace: KernelWorkspace) {
      guard isBackwards else { return memory.run(jobs, scratch: workspace.scratch) }
      for job in jobs {
        for piece in (0..<job.pieces).reversed() { job.body(piece, scratch.pointer) }
      }
    }
    run(kernels.attention(operands, output: output, rowSums: rowSums), forward)
    let arriving = AttentionArriving(
      output: output,
      gradient: place(numbers.gradient, sample.queries, valueWidth, valueRowStrides),
      rowSums: rowSums)
    run(
      kernels.attentionGradient(
        operands, arriving: arriving, leaving: leaving, shared: shared.pointer), backward)
    self.output = memory.elements(output.place, numbers.gradient.count)
    byQuery = memory.elements(leaving.query.place, numbers.query.count)
    byKey = memory.elements(leaving.key.place, numbers.key.count)
    byValue = memory.elements(leaving.value.place, numbers.value.count)
    byBias = leaving.bias.map { memory.elements($0.place, numbers.bias.count) } ?? []
  }
}

@Suite struct AttentionLawTests {
  private func check(_ sample: AttentionSample, _ random: inout KernelRandom) {
    let numbers = AttentionNumbers(sample, &random)
    let reference = AttentionReferences(numbers)
    // Sums of many terms, and weights that are off by the rounding of their scores.
    let relative = 4e-6 + 6e-7 * reference.largestScore
    for kernels in KernelChoice.available {
      let run = AttentionRun(numbers, kernels)
      for (name, found, expected) in [
        ("output", run.output, reference.output), ("by query", run.byQuery, reference.byQuery),
        ("by key", run.byKey, reference.byKey), ("by value", run.byValue, reference.byValue),
      ] {
        let mismatch = expected.mismatch(found, relative: relative)
        #expect(mismatch == nil, "\(kernels.level) \(name) of \(sample)")
      }
      if sample.bias != .none {
        let mismatch = reference.byBias.mismatch(run.byBias, relative: relative)
        #expect(mismatch == nil, "\(kernels.level) by bias of \(sample)")
      }
    }
  }

  @Test("attention and its gradients are those of the definition", arguments: [1, 2, 3, 4])
  func agrees(_ seed: UInt64) {
    var random = KernelRandom(seed: seed)
    for _ in 0..<12 { check(.random(&random), &random) }
  }

  @Test("so they are at the widths of heads", arguments: [4, 12, 32, 48, 64, 80, 128, 256])
  func widths(_ width: Int) {
    var random = KernelRandom(seed: UInt64(width))
    check(
      AttentionSample(queries: 35, keys: 35, width: width, valueWidth: width, causal: true),
      &random)
    check(
      AttentionSample(queries: 3, keys: 70, width: width, valueWidth: 260 - width), &random)
  }

  @Test("so they are for narrow heads, whose keys fill vectors or not", arguments: [1, 5, 8])
  func narrow(_ width: Int) {
    var random = KernelRandom(seed: 40 + UInt64(width))
    for (queries, keys) in [(1, 1), (2, 15), (15, 16), (16, 17), (33, 33), (31, 70), (65, 130)] {
      for causal in [false, true] {
        check(
          AttentionSample(
            heads: 2, group: queries % 2 + 1, queries: queries, keys: keys, width: width,
            valueWidth: 9 - width, causal: causal), &random)
      }
    }
  }

  @Test("so they are when the keys of one head are divided among workers")
  func divided() {
    var random = KernelRandom(seed: 9)
    check(AttentionSample(queries: 40, keys: 200, width: 8, valueWidth: 8), &random)
    check(
      AttentionSample(
        group: 2, queries: 150, keys: 150, width: 5, valueWidth: 4, causal: true, bias: .full),
      &random)
  }

  @Test("scores of ±10,000 neither overflow nor lose the largest")
  func largeScores() {
    var random = KernelRandom(seed: 5)
    check(
      AttentionSample(
        queries: 20, keys: 33, width: 4, valueWidth: 3, amplitude: 100, scale: 0.5), &random)
  }

  @Test("a row that sees no key gives zero and gets zero, as in the plain kernel")
  func blindRows() throws {
    var random = KernelRandom(seed: 6)
    let sample = AttentionSample(
      queries: 5, keys: 9, width: 4, valueWidth: 6, mask: .full, bias: .full)
    var numbers = AttentionNumbers(sample, &random)
    // The third row is blind by its bias.
    for key in 18..<27 { numbers.bias[key] = -.infinity }
    func array(_ elements: [Float], _ rows: Int) -> NDArray<Float> {
      NDArray(extents: [rows, elements.count / rows], real: elements)
    }
    var counter = KernelCounter()
    let (query, key, value) = (
      array(numbers.query, 5), array(numbers.key, 9), array(numbers.value, 9)
    )
    let masks = AttentionMasks(
      mask: NDArray<Float>(extents: [5, 9], mask: numbers.mask), bias: array(numbers.bias, 5))
    let output = try StandardKernels.attention(
      query: query, key: key, value: value, masks: masks, options: sample.options,
      counter: &counter)
    let gradients = try StandardKernels.attentionGradient(
      query: query, key: key, value: value, output: output,
      gradient: array(numbers.gradient, 5), masks: masks, options: sample.options,
      counter: &counter)
    #expect(output.reals[..<18].allSatisfy { $0 == 0 } && output.reals[18] != 0)
    for kernels in KernelChoice.available {
      let run = AttentionRun(numbers, kernels)
      for (found, expected) in [
        (run.output, output), (run.byQuery, gradients[0]), (run.byKey, gradients[1]),
        (run.byValue, gradients[2]), (run.byBias, gradients[3]),
      ] {
        #expect(agree(found, expected.reals, relative: 1e-5, absolute: 2e-6), "\(kernels.level)")
      }
      #expect(run.output[..<18].allSatisfy { $0 == 0 }, "\(kernels.level)")
      #expect(run.byQuery[..<12].allSatisfy { $0 == 0 }, "\(kernels.level)")
      #expect(run.byBias[..<27].allSatisfy { $0 == 0 }, "\(kernels.level)")
    }
  }

  @Test(
    "without keys the result and the gradient by the queries are zero; without queries nothing is done"
  )
  func empty() {
    var random = KernelRandom(seed: 7)
    check(AttentionSample(queries: 3, keys: 0, width: 2, valueWidth: 2), &random)
    check(AttentionSample(queries: 0, keys: 3, width: 2, valueWidth: 2), &random)
    check(AttentionSample(batch: 0, queries: 2, keys: 3, width: 2, valueWidth: 2), &random)
  }

  @Test("neither the order of the pieces nor what the workspace held changes a bit")
  func replay() {
    var random = KernelRandom(seed: 8)
    for sample in [
      AttentionSample(
        batch: 2, heads: 2, queries: 70, keys: 70, width: 8, valueWidth: 8, causal: true),
      AttentionSample(
        group: 2, queries: 33, keys: 150, width: 24, valueWidth: 16, mask: .full, bias: .full),
    ] {
      let numbers = AttentionNumbers(sample, &random)
      for kernels in KernelChoice.available {
        let run = AttentionRun(numbers, kernels).all
        let again = AttentionRun(numbers, kernels, isBackwards: true, filling: 3).all
        #expect(run == again, "\(kernels.level) \(sample)")
      }
    }
  }

  @Test("counted multiply-adds are those of all pairs, less what a causal mask skips")
  func multiplyAdds() {
    for kernels in KernelChoice.available {
      var sizes = AttentionSizes(
        leading: [2, 3], queries: 256, keys: 256, width: 8, valueWidth: 16, causal: false)
      let pairs = 6 * 256 * 256
      #expect(kernels.attentionMultiplyAdds(sizes) == pairs * 24)
      #expect(kernels.attentionGradientMultiplyAdds(sizes, byBias: false) == pairs * 56)
      sizes.causal = true
      let seen = 6 * 256 * 257 / 2
      let counted = kernels.attentionMultiplyAdds(sizes)
      #expect(counted >= seen * 24 && counted <= seen * 24 * 9 / 8, "\(kernels.level)")
    }
  }
}
