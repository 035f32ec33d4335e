// ElementwiseLawTests: fast elementwise kernels against the plain ones, at every level and layout.
// Special values first: a polynomial forgets NaN and infinity unless it is told.
import Execution
import Kernels
import Testing

@Suite struct ElementwiseLawTests {
  static let layouts: [StridedSample] = {
    var layouts = [0, 1, 2, 3, 15, 16, 17, 31, 64, 97, 40_009].map { StridedSample([$0]) }
    layouts += [
      StridedSample([97], gap: 3), StridedSample([5, 37], order: [1, 0]),
      StridedSample([5, 37], repeated: [0]), StridedSample([5, 37], repeated: [1]),
      StridedSample([3, 0, 4]), StridedSample([2, 3, 5, 7], order: [0, 2, 1, 3]),
      StridedSample([3, 5, 2, 7, 3], order: [4, 0, 3, 1, 2]), StridedSample([]),
      StridedSample([33, 130], order: [1, 0]), StridedSample([2, 256, 160], order: [0, 2, 1]),
    ]
    return layouts
  }()

  static let special: [Float] = [
    .nan, .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, 1e-38,
    -1e-38, 88.72283, 88.72284, 89, 1e30, -1e30, -87, -100, 99_999.5, -99_999.5, 5e5, 3e38, 1, -1,
    0.625, 0.92773, -0.92774, 10, -10,
  ]

  @Test(
    "functions of one number agree with the C library in every layout",
    arguments: UnaryFunction.allCases)
  func unary(_ function: UnaryFunction) throws {
    for kernels in KernelChoice.available {
      var random = KernelRandom(seed: 21)
      for layout in Self.layouts {
        let memory = KernelMemory()
        var elements = random.reals(layout.room, -12...12)
        for (index, value) in Self.special.enumerated() where index < elements.count {
          elements[elements.count - 1 - index] = value
        }
        let x = memory.reals(elements)
        let dense = StridedSample(layout.extents)
        let y = memory.garbage(dense.room)
        memory.run(kernels.apply(function, layout.tensor(x), to: dense.tensor(y)))
        let expected = try Elementwise.apply(function, to: layout.array(x))
        #expect(
          dense.array(y).isClose(to: expected, relative: 6e-7, absolute: 2e-7),
          "\(function) \(kernels.level) \(layout)")
      }
    }
  }

  @Test("the exponential is exact to 1.5e-7 from the smallest to the largest normal number")
  func exponential() {
    for kernels in KernelChoice.available {
      let memory = KernelMemory()
      let inputs = (0..<40_000).map { -86.9 + Float($0) * (175.6 / 40_000) }
      let (x, y) = (memory.reals(inputs), memory.garbage(inputs.count))
      let layout = StridedSample([inputs.count])
      memory.run(kernels.apply(.exp, layout.tensor(x), to: layout.tensor(y)))
      for (input, result) in zip(inputs, memory.elements(y, inputs.count)) {
        let exact = Double.exponential(Double(input))
        #expect(abs(Double(result) - exact) <= 1.5e-7 * exact, "\(kernels.level) \(input)")
      }
    }
  }

  @Test(
    "activations and their gradients agree with the plain ones",
    arguments: ActivationFunction.allCases)
  func activations(_ function: ActivationFunction) throws {
    for kernels in KernelChoice.available {
      var random = KernelRandom(seed: 22)
      for layout in Self.layouts {
        let memory = KernelMemory()
        let x = memory.reals(random.reals(layout.room, -9...9))
        let dense = StridedSample(layout.extents)
        let g = memory.reals(random.reals(dense.room))
        let (y, back) = (memory.garbage(dense.room), memory.garbage(dense.room))
        memory.run(kernels.activate(function, layout.tensor(x), to: dense.tensor(y)))
        memory.run(
          kernels.activationGradient(
            function, layout.tensor(x), gradient: dense.tensor(g), to: dense.tensor(back)))
        let forward = try StandardKernels.activate(function, layout.array(x))
        let backward = try StandardKernels.activationGradient(
          function, layout.array(x), dense.array(g))
        #expect(dense.array(y).isClose(to: forward, relative: 1e-6, absolute: 2e-6))
        #expect(dense.array(back).isClose(to: backward, relative: 1e-6, absolute: 8e-6))
        let gated = memory.garbage(dense.room)
        memory.run(
          kernels.gate(
            function, layout.tensor(x), times: dense.tensor(g), to: dense.tensor(gated)))
        let product = try Elementwise.apply(.multiply, forward, dense.array(g))
        #expect(dense.array(gated).isClose(to: product, relative: 1e-6, absolute: 2e-6))
      }
    }
  }

  @Test("functions of two numbers agree with the plain ones", arguments: BinaryFunction.allCases)
  func binary(_ function: BinaryFunction) throws {
    for kernels in KernelChoice.available {
      var random = KernelRandom(seed: 23)
      for (number, layout) in Self.layouts.enumerated() {
        let memory = KernelMemory()
        let dense = StridedSample(layout.extents)
        let (left, right) = number.isMultiple(of: 2) ? (layout, dense) : (dense, layout)
        let a = memory.reals(random.reals(left.room, 0...3))
        let b = memory.reals(random.reals(right.room))
        if left.room > 1 { a.pointer[1] = .nan }
        let y = memory.garbage(max(layout.room, dense.room))
        // The target has gaps too, unless the layout repeats elements.
        let target = layout.strides.contains(0) ? dense : layout
        memory.run(kernels.apply(function, left.tensor(a), right.tensor(b), to: target.tensor(y)))
        let expected = try Elementwise.apply(function, left.array(a), right.array(b))
        #expect(
          target.array(y).isClose(to: expected, relative: 3e-7, absolute: 1e-38),
          "\(function) \(kernels.level) \(layout)")
      }
    }
  }

  @Test("copies and sums between layouts move every element once")
  func copies() {
    for kernels in KernelChoice.available {
      var random = KernelRandom(seed: 24)
      for layout in Self.layouts {
        let memory = KernelMemory()
        let dense = StridedSample(layout.extents)
        let x = memory.reals(random.reals(layout.room))
        let y = memory.garbage(dense.room)
        memory.run(kernels.copy(layout.tensor(x), to: dense.tensor(y)))
        #expect(dense.array(y).reals == layout.array(x).reals, "\(kernels.level) \(layout)")
        memory.run(kernels.accumulate(layout.tensor(x), times: 2, to: dense.tensor(y)))
        #expect(
          dense.array(y).reals == layout.array(x).reals.map { 3 * $0 }
            || agree(
              dense.array(y).reals, layout.array(x).reals.map { 3 * $0 }, relative: 2e-7)
        )
        if !layout.strides.contains(0) {
          let back = memory.garbage(layout.room)
          memory.run(kernels.copy(dense.tensor(y), to: layout.tensor(back)))
          #expect(layout.array(back).reals == dense.array(y).reals, "\(kernels.level) \(layout)")
        }
      }
    }
  }

  @Test("comparisons, choices, masks and constants agree with the plain ones")
  func masks() throws {
    for kernels in KernelChoice.available {
      var random = KernelRandom(seed: 25)
      for layout in Self.layouts {
        let memory = KernelMemory()
        let dense = StridedSample(layout.extents)
        let count = dense.offsets.count
        let a = memory.reals(random.reals(layout.room).map { ($0 * 2).rounded() })
        let b = memory.reals(random.reals(dense.room).map { ($0 * 2).rounded() })
        let bytes = UnsafeMutablePointer<Bool>.allocate(capacity: max(1, count))
        let other = UnsafeMutablePointer<Bool>.allocate(capacity: max(1, count))
        defer {
          bytes.deallocate()
          other.deallocate()
        }
        let (mask, second) = (dense.tensor(Place(bytes)), dense.tensor(Place(other)))
        for relation in Relation.allCases {
          memory.run(kernels.compare(relation, layout.tensor(a), dense.tensor(b), to: mask))
          let plain = try Elementwise.compare(layout.array(a), dense.array(b), relation)
          #expect((0..<count).map { bytes[$0] } == plain.mask, "\(relation) \(layout)")
        }
        let flags = (0..<count).map { bytes[$0] }
        let y = memory.garbage(dense.room)
        memory.run(
          kernels.select(mask, layout.tensor(a), dense.tensor(b), to: dense.tensor(y)))
        let chosen = try Elementwise.select(
          NDArray(extents: layout.extents, mask: flags), layout.array(a), dense.array(b))
        #expect(dense.array(y).reals == chosen.reals)
        memory.run(kernels.not(mask, to: second))
        #expect((0..<count).map { other[$0] } == flags.map { !$0 })
        memory.run(kernels.join(.or, mask, second, to: second))
        #expect((0..<count).allSatisfy { other[$0] })
        memory.run(kernels.join(.and, mask, second, to: second))
        #expect((0..<count).map { other[$0] } == flags)
        memory.run(kernels.cast(mask, to: dense.tensor(y)))
        #expect(dense.array(y).reals == flags.map { $0 ? 1 : 0 })
        memory.run(kernels.fill(7, to: dense.tensor(y)))
        #expect(dense.array(y).reals.allSatisfy { $0 == 7 })
      }
    }
  }
}
