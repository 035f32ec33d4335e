// CacheWrite: the rows of a step into the room that is kept from step to step.
// In a step alone and not in the catalogue: no model file can say it, and it has no gradient.
import Dimensions
import IR
import Kernels
import Operations

/// A tensor with some rows replaced, in its own memory.
///
/// - Shapes: `room [..., C, ...]`, `rows [..., R, ...]`, `position []` → `[..., C, ...]`
struct CacheWrite: Operation {
  static let schema = OperationSchema(
    name: "cache_write", summary: "Writes rows into a tensor at a position.",
    shapes: "room [..., c, d], rows [..., r, d], position [] -> [..., c, d]",
    operands: [
      OperandSchema("room", [.real, .index, .mask]), OperandSchema("rows", [.real, .index, .mask]),
      OperandSchema("position", [.index]),
    ],
    attributes: [AttributeSchema("axis", .integer)], faults: [:])

  static let examples: [OperationExample] = []

  let axis: Int

  init(axis: Int) {
    self.axis = axis
  }

  init(_ attributes: Attributes) throws(Fault) {
    self.init(axis: attributes.integer("axis") ?? 0)
  }

  var attributes: Attributes { Attributes(["axis": .integer(axis)]) }

  let keeps = KeptValues()

  func resultTypes(of operands: [TensorType], prover: Prover) throws(Fault) -> [TensorType] {
    [operands[0]]
  }

  func cost(of operands: [TensorType], results: [TensorType]) -> Cost { Cost() }

  func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    throw Fault("no-decoding-step", "a step of writing is not differentiated")
  }

  func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    guard let position = operands[2].indices.first.map({ Int($0) }) else {
      throw KernelFault("there is no position")
    }
    var room = operands[0]
    let rows = operands[1]
    guard position >= 0, position + rows.extents[axis] <= room.extents[axis] else {
      throw KernelFault("\(rows.extents[axis]) rows at \(position) of \(room.extents[axis])")
    }
    let inner = rows.extents[(axis + 1)...].reduce(1, *)
    let run = rows.extents[axis] * inner
    let outer = rows.extents[..<axis].reduce(1, *)
    func fill<Element>(_ target: inout [Element], _ source: [Element]) {
      for entry in 0..<outer {
        let start = (entry * room.extents[axis] + position) * inner
        target.replaceSubrange(start..<start + run, with: source[entry * run..<(entry + 1) * run])
      }
    }
    switch (room.payload, rows.payload) {
    case (.real(var target), .real(let source)):
      fill(&target, source)
      room.payload = .real(target)
    case (.index(var target), .index(let source)):
      fill(&target, source)
      room.payload = .index(target)
    case (.mask(var target), .mask(let source)):
      fill(&target, source)
      room.payload = .mask(target)
    default: throw KernelFault("the rows are of another kind")
    }
    return [room]
  }
}

extension CacheWrite: Lowerable {
  func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let room = lowering.view(of: node.operands[0])
    let rows = lowering.view(of: node.operands[1])
    let position = lowering.view(of: node.operands[2])
    lowering.alias(node.results[0], to: room)
    let stride = room.strides[axis]
    let walk = CopyWalk(extents: rows.extents, rows.strides, room.strides)
    lowering.emit(
      Instruction(name, reads: [rows, position], writes: [room]) { at in
        let place = at.index(position)
        func job(_ body: @escaping @Sendable () -> Void) -> [KernelJob] {
          [KernelJob(pieces: 1) { _, _ in body() }]
        }
        switch rows.kind {
        case .real:
          let (from, to) = (at.real(rows), at.real(room))
          return job { walk.run(from: from, to: to + Int(place.pointer[0]) * stride) }
        case .index:
          let (from, to) = (at.index(rows), at.index(room))
          return job { walk.run(from: from, to: to + Int(place.pointer[0]) * stride) }
        case .mask:
          let (from, to) = (at.mask(rows), at.mask(room))
          return job { walk.run(from: from, to: to + Int(place.pointer[0]) * stride) }
        }
      })
  }
}
