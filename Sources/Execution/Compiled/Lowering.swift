// Lowering: how an operation becomes instructions over planned buffers.
// The one interface between the plan and the families of kernels; read this before adding one.
import Dimensions
import IR
import Kernels

/// An operation, or a fusion of several, that has a fast kernel.
///
/// A conformance stands in `Sources/Execution/Lowering/<Family>Lowering.swift` and reads like this:
///
///     extension Relu: Lowerable {
///       package func lower(
///         _ node: PlanNode, in lowering: inout Lowering
///       ) throws(ExecutionFault) {
///         let x = lowering.dense(lowering.view(of: node.operands[0]))
///         let y = lowering.result(of: node, replacing: [0])      // may be x's own memory
///         let kernels = lowering.kernels
///         lowering.emit(
///           Instruction("relu", reads: [x], writes: [y]) { at in
///             kernels.relu(count: x.count, from: at.real(x), to: at.real(y))
///           })
///       }
///     }
///
/// What holds:
/// - extents are numbers; `make` runs once when memory exists, and its jobs run in every step;
/// - a piece may not allocate, and may write only `writes`, its scratch and its share of the
///   workspace, whose sizes the instruction states before memory exists;
/// - memory is not cleared: a result is written whole;
/// - a case that has no fast kernel (other ranks, a mask where none is expected) calls
///   `lowering.lowerPlainly(node)`, which runs the plain kernel.
package protocol Lowerable: Sendable {
  /// What profiles and reports call it; an ``Operation`` has it already.
  var name: String { get }

  /// Emits the instructions that make the node's results from its operands.
  func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault)
}

/// A plan under construction.
package struct Lowering {
  package let plan: PlanGraph
  /// The sizes of the symbolic dimensions.
  package let sizes: [Symbol: Int]
  /// The kernels of the instruction set that was chosen.
  package let kernels: any KernelSet.Type
  package let uses: PlanUses
  /// Whether products give a row the same bits however many rows there are.
  var keepsRows = false

  package internal(set) var buffers: [PlannedBuffer] = []
  package internal(set) var instructions: [Instruction] = []
  /// For each value, where it lies, once it is made.
  var views: [TensorView?]
  /// For each buffer, the values that lie in it.
  var residents: [[Int]] = []
  /// Room that a later operation reserved for a value that is not made yet.
  var reserved: [Int: TensorView] = [:]
  /// The elements of values that depend on no input and no weight; they get memory when read.
  var constants: [Int: NDArray<Float>] = [:]
  /// Dense copies made so far in each phase.
  var copies: [StepPhase: [TensorView: TensorView]] = [:]
  /// For each result of an attention, what its gradient reads beside it.
  var attentionSums: [Int: AttentionSums] = [:]
  /// The node that is being lowered.
  var position = 0
  /// Whether what is lowered is made again for that node.
  var isRecomputing = false
  /// For each weight, the state that the optimiser keeps.
  var moments: [OptimiserState?]
  /// The numbers that an update reads and each step sets.
  var registers: TensorView?
  /// Where the updates begin that use sums over several runs.
  var updateStart: Int?

  init(plan: PlanGraph, sizes: [Symbol: Int], kernels: any KernelSet.Type) {
    self.plan = plan
    self.sizes = sizes
    self.kernels = kernels
    uses = plan.uses()
    views = Array(repeating: nil, count: plan.graph.values.count)
    moments = Array(repeating: nil, count: plan.graph.parameters.count)
  }

  /// The type of a value, with its symbols.
  package func type(of value: Int) -> TensorType { plan.graph.values[value].type }

  /// The extents of a value in this plan.
  package func extents(of value: Int) -> [Int] { plan.extents[value] }

  /// Where a value lies that was made before.
  package mutating func view(of value: Int) -> TensorView {
    if let view = views[value] { return view }
    guard let known = constants[value] else {
      preconditionFailure("value %\(value) is read at node \(position) and was never made")
    }
    let view = constant(known, label: label(of: value))
    alias(value, to: view)
    return view
  }

  /// The views of all operands of a node.
  package mutating func operands(of node: PlanNode) -> [TensorView] {
    node.operands.map { view(of: $0) }
  }

  /// Elements that are known now, and the same in every step.
  package mutating func constant(_ array: NDArray<Float>, label: String) -> TensorView {
    TensorView(
      dense: buffer(
        PlannedBuffer(
          bytes: array.count * array.elementKind.storedBytes, place: .constant(array),
          label: label)),
      extents: array.extents, kind: array.elementKind)
  }

  /// The elements of a value that depends on no input and no weight, where they are few.
  package func constantElements(of value: Int) -> NDArray<Float>? { constants[value] }

  /// The same elements in row-major order, copied only when they don't lie so already.
  package mutating func dense(_ view: TensorView) -> TensorView {
    if view.isDense { return view }
    // Kept for other readers of the same pass; from one pass to the next it would cost memory.
    if let made = copies[phase]?[view] { return made }
    let copy = temporary(view.extents, kind: view.kind, label: "copy")
    emit(StridedCopy.instruction(from: view, to: copy, kernels: kernels))
    copies[phase, default: [:]][view] = copy
    return copy
  }

  /// Says that a value is the elements of a view: how layout operations make their results.
  package mutating func alias(_ value: Int, to view: TensorView) {
    views[value] = view
    residents[view.buffer].append(value)
  }

  /// A buffer for what is needed between the instructions of one node.
  package mutating func temporary(
    _ extents: [Int], kind: ElementKind = .real, label: String
  ) -> TensorView {
    TensorView(
      dense: buffer(
        PlannedBuffer(
          bytes: extents.reduce(1, *) * kind.storedBytes, place: .step(.workspace), label: label)),
      extents: extents, kind: kind)
  }

  /// Adds an instruction at the end of the step.
  package mutating func emit(_ instruction: Instruction) {
    var instruction = instruction
    instruction.phase = phase
    if let node { instruction.members = node.members }
    instructions.append(instruction)
  }

  /// The node that is being lowered; `nil` once all are.
  private var node: PlanNode? {
    plan.nodes.indices.contains(position) ? plan.nodes[position] : nil
  }

  private var phase: StepPhase { node.map { StepPhase($0.phase) } ?? .optimiser }

  mutating func buffer(_ buffer: PlannedBuffer) -> Int {
    buffers.append(buffer)
    residents.append([])
    return buffers.count - 1
  }
}
