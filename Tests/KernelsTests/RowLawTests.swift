// RowLawTests: reductions, normalisation, softmax, and rotary against their plain twins.
// Bounds are stated for sums: rounding grows with the length of a row.
import Execution
import Kernels
import Testing

@Suite struct RowLawTests {
  static let rowExtents = [
    [1, 1], [3, 5], [2, 16], [7, 17], [5, 64], [3, 97], [130, 33], [300, 512],
  ]

  @Test("reductions agree over any axes and layout", arguments: ReductionFunction.allCases)
  func reductions(_ function: ReductionFunction) throws {
    let samples: [(StridedSample, Set<Int>)] = [
      (StridedSample([0, 3]), [0]), (StridedSample([3, 0]), [0]), (StridedSample([7]), [0]),
      (StridedSample([40_009]), [0]), (StridedSample([5, 37]), [0]), (StridedSample([5, 37]), [1]),
      (StridedSample([5, 37], order: [1, 0]), [1]), (StridedSample([2, 700, 64]), [0, 1]),
      (StridedSample([3, 5, 7, 2]), [1, 3]), (StridedSample([3, 5, 7, 2]), [0, 2]),
      (StridedSample([1000, 1030]), [0]), (StridedSample([4, 9_000], repeated: [1]), [1]),
      (StridedSample([3, 5], repeated: [0]), [0, 1]), (StridedSample([2, 3]), []),
      (StridedSample([600, 3, 11], order: [0, 2, 1]), [0, 1]),
    ]
    for kernels in KernelChoice.available {
      var random = KernelRandom(seed: 31)
      for (layout, axes) in samples {
        let memory = KernelMemory()
        let x = memory.reals(random.reals(layout.room))
        let result = StridedSample(
          layout.extents.indices.filter { !axes.contains($0) }.map { layout.extents[$0] })
        let y = memory.garbage(result.room)
        let need = kernels.reduceWorkspace(
          extents: layout.extents, strides: layout.strides, axes: axes)
        let workspace = memory.garbage(need.shared / 4, aligned: true)
        memory.run(
          kernels.reduce(
            function, layout.tensor(x), axes: axes, to: result.tensor(y), workspace: workspace))
        let plain = try Reduction.apply(function, layout.array(x), axes: axes)
        #expect(
          result.array(y).isClose(to: plain, relative: 1e-5, absolute: 1e-3),
          "\(function) \(kernels.level) \(layout) \(axes)")
      }
    }
  }

  @Test("a maximum that meets NaN is NaN")
  func largestNaN() {
    for kernels in KernelChoice.available {
      for place in [0, 15, 33, 39] {
        let memory = KernelMemory()
        var elements = Array(repeating: Float(1), count: 40)
        elements[place] = .nan
        let (x, y) = (memory.reals(elements), memory.garbage(1))
        memory.run(
          kernels.reduce(
            .max, StridedSample([40]).tensor(x), axes: [0], to: StridedSample([]).tensor(y),
            workspace: memory.garbage(0)))
        #expect(y.pointer[0].isNaN)
      }
    }
  }

  @Test("normalisation and its gradients agree", arguments: [Normalization.layer, .rootMeanSquare])
  func normalization(_ kind: Normalization) throws {
    for kernels in KernelChoice.available {
      var random = KernelRandom(seed: 32)
      for extents in Self.rowExtents {
        let (rows, width) = (extents[0], extents[1])
        let (memory, layout) = (KernelMemory(), StridedSample(extents))
        let shape = NormalizationRows(kind, rows: rows, width: width, epsilon: 1e-5)
        let x = memory.reals(random.reals(rows * width))
        let (weight, bias) = (memory.reals(random.reals(width)), memory.reals(random.reals(width)))
        let moments = memory.garbage(2 * rows)
        let y = memory.garbage(rows * width)
        memory.run(
          kernels.normalize(shape, x, weight: weight, bias: bias, moments: moments, to: y))
        let column = StridedSample([width])
        let plain = try StandardKernels.normalize(
          kind, layout.array(x), weight: column.array(weight), bias: column.array(bias),
          epsilon: 1e-5)
        #expect(
          layout.array(y).isClose(to: plain, relative: 1e-5, absolute: 2e-5),
          "\(kernels.level) \(extents)")
        let g = memory.reals(random.reals(rows * width))
        let residual = memory.reals(random.reals(rows * width))
        let (input, weightSum) = (memory.garbage(rows * width), memory.garbage(width))
        let biasSum = memory.garbage(width)
        let need = kernels.normalizeGradientWorkspace(shape)
        let expected = try StandardKernels.normalizeGradient(
          kind, layout.array(x), gradient: layout.array(g), weight: column.array(weight),
          epsilon: 1e-5, wantsInput: true, wantsWeight: true, wantsBias: true)
        for kept in [nil, moments] {
          for added in [nil, residual] {
            memory.run(
              kernels.normalizeGradient(
                shape, x, gradient: g, weight: weight, moments: kept, adding: added,
                to: NormalizationTargets(input: input, weight: weightSum, bias: biasSum),
                workspace: memory.garbage(need.shared / 4, aligned: true)))
            let sum = expected.input.map { plain in
              NDArray(
                extents: extents,
                real: zip(plain.reals, layout.array(residual).reals).map {
                  added == nil ? $0 : $0 + $1
                })
            }
            // A row of one element has no spread, and its factor is large.
            let bound: Float = width == 1 ? 1e-2 : 5e-5
            #expect(
              sum.map { layout.array(input).isClose(to: $0, relative: 1e-4, absolute: bound) }
                == true, "\(kernels.level) \(extents)")
            #expect(
              expected.weight.map {
                column.array(weightSum).isClose(to: $0, relative: 1e-4, absolute: 1e-3)
              } == true)
            #expect(
              expected.bias.map {
                column.array(biasSum).isClose(to: $0, relative: 1e-4, absolute: 1e-4)
              } == true)
          }
        }
      }
    }
  }

  @Test("softmax, its logarithm and their gradients agree along any axis")
  func softmax() throws {
    let layouts = [
      StridedSample([1]), StridedSample([3, 5]), StridedSample([4, 97]), StridedSample([3, 0]),
      StridedSample([5, 64], order: [1, 0]), StridedSample([2, 33, 3]), StridedSample([9, 700]),
    ]
    for kernels in KernelChoice.available {
      var random = KernelRandom(seed: 33)
      for layout in layouts {
        for axis in layout.extents.indices {
          let memory = KernelMemory()
          let dense = StridedSample(layout.extents)
          let x = memory.reals(random.reals(layout.room, -6...6))
          if layout.room > 4 { x.pointer[4] = -.infinity }
          let g = memory.reals(random.reals(dense.room))
          let (y, back) = (memory.garbage(dense.room), memory.garbage(dense.room))
          let scratch = kernels.softmaxWorkspace(width: layout.extents[axis]).scratch
          for logarithm in [true, false] {
            memory.run(
              kernels.softmax(
                layout.tensor(x), axis: axis, logarithm: logarithm, to: dense.tensor(y)),
              scratch: scratch)
            let plain =
              logarithm
              ? try StandardKernels.logSoftmax(layout.array(x), axis: axis)
              : try StandardKernels.softmax(layout.array(x), axis: axis)
            #expect(
              dense.array(y).isClose(to: plain, relative: 2e-6, absolute: 2e-6),
              "\(kernels.level) \(layout) \(axis)")
          }
          memory.run(
            kernels.softmaxGradient(
              dense.tensor(y), gradient: dense.tensor(g), axis: axis, logarithm: false,
              to: dense.tensor(back)), scratch: scratch)
          let expected = try StandardKernels.softmaxGradient(
            dense.array(y), dense.array(g), axis: axis)
          #expect(dense.array(back).isClose(to: expected, relative: 1e-5, absolute: 1e-6))
        }
      }
    }
  }

  @Test("rows turn by their positions, and back", arguments: [false, true])
  func rotary(_ interleaved: Bool) throws {
    for kernels in KernelChoice.available {
      var random = KernelRandom(seed: 34)
      for extents in [[5, 2], [2, 3, 7, 10], [1, 4, 9, 64], [2, 2, 3, 34]] {
        for order in [nil, extents.count == 4 ? [0, 2, 1, 3] : nil] {
          let memory = KernelMemory()
          let (layout, dense) = (StridedSample(extents, order: order), StridedSample(extents))
          let leading = Array(extents.dropLast())
          let repeated = Set(0..<(leading.count - 1))
          let rows = StridedSample(leading, repeated: repeated)
          let x = memory.reals(random.reals(layout.room))
          let positions = memory.indices(random.indices(rows.room, below: 90_000))
          let y = memory.garbage(dense.room)
          let need = kernels.rotaryWorkspace(extents: extents, positionStrides: rows.strides)
          memory.run(
            kernels.rotary(
              layout.tensor(x), positions: rows.tensor(positions), base: 10_000,
              interleaved: interleaved, inverse: true, to: dense.tensor(y),
              workspace: memory.garbage(need.shared / 4, aligned: true)))
          let plain = try StandardKernels.rotary(
            layout.array(x),
            positions: NDArray(
              extents: leading, index: rows.offsets.map { positions.pointer[$0] }), base: 10_000,
            interleaved: interleaved, inverse: true)
          #expect(
            dense.array(y).isClose(to: plain, relative: 1e-6, absolute: 1e-6),
            "\(kernels.level) \(extents)")
        }
      }
    }
  }
}
