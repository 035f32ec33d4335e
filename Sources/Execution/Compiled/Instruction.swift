// Instruction: one kernel of the planned step: what it reads, writes and needs meanwhile.
// Liveness and the arena see only this; the addresses come when memory exists.
import IR
import Kernels

/// The part of a step to which an instruction belongs.
package enum StepPhase: String, Hashable, Sendable, CaseIterable {
  case forward, backward, optimiser

  package init(_ phase: Phase) {
    self = phase == .forward ? .forward : .backward
  }
}

/// One kernel of a planned step.
package struct Instruction: Sendable {
  /// Makes the jobs, once, when the arena exists; the step then runs the same jobs every time.
  package typealias Maker = @Sendable (Addresses) -> [KernelJob]
  /// Looks at the operands before the jobs run; what it says stops the step as a fault.
  ///
  /// It runs in every step, so it allocates nothing unless it has something to say.
  package typealias Check = @Sendable (Addresses) -> String?

  /// What a profile calls it: the operation, or what was made of several.
  package var label: String
  /// The places in the graph's list of nodes for which it works, the main one first; empty for a
  /// copy and an update of the optimiser.
  package var members: [Int] = []
  package var phase: StepPhase = .forward
  package var reads: [TensorView]
  /// Written whole, or read and written where the kernel accumulates: then it stands in both.
  package var writes: [TensorView]
  package var workspace: KernelWorkspace
  /// Of contractions, as the kernel really does them.
  package var multiplyAdds: Int
  /// How they divide among members that were counted apart; all are the main one's when empty.
  package var shares: [Int: Int] = [:]
  /// Whether it runs the plain kernel, which allocates.
  package var isPlain = false
  package var check: Check?
  package var make: Maker

  package init(
    _ label: String, reads: [TensorView], writes: [TensorView],
    workspace: KernelWorkspace = KernelWorkspace(), multiplyAdds: Int = 0, check: Check? = nil,
    make: @escaping Maker
  ) {
    self.label = label
    self.reads = reads
    self.writes = writes
    self.workspace = workspace
    self.multiplyAdds = multiplyAdds
    self.check = check
    self.make = make
  }

  /// The bytes that it reads and writes, each element once.
  package var movedBytes: Int {
    (reads + writes).reduce(0) { $0 + $1.byteCount }
  }
}

/// Where the buffers of a plan lie, for one instruction.
package struct Addresses: Sendable {
  /// The first byte of every buffer of the plan.
  let buffers: [Place<UInt8>]
  /// As many bytes as the instruction asked for, aligned to 64; any address when it asked for none.
  package let workspace: Place<UInt8>
  /// Takes what goes wrong, and what a plain kernel counts.
  let log: RunLog

  /// The first element of a real view.
  package func real(_ view: TensorView) -> Place<Float> {
    expect(.real, view)
    return place(view)
  }

  /// The first element of an index view.
  package func index(_ view: TensorView) -> Place<Int32> {
    expect(.index, view)
    return place(view)
  }

  /// The first element of a mask.
  package func mask(_ view: TensorView) -> Place<Bool> {
    expect(.mask, view)
    return place(view)
  }

  /// A real view with its extents and strides.
  package func tensor(_ view: TensorView) -> PlacedTensor<Float> {
    PlacedTensor(real(view), extents: view.extents, strides: view.strides)
  }

  /// An index view with its extents and strides.
  package func indexTensor(_ view: TensorView) -> PlacedTensor<Int32> {
    PlacedTensor(index(view), extents: view.extents, strides: view.strides)
  }

  /// A mask with its extents and strides.
  package func maskTensor(_ view: TensorView) -> PlacedTensor<Bool> {
    PlacedTensor(mask(view), extents: view.extents, strides: view.strides)
  }

  /// The shared workspace, seen as elements.
  package func workspace<Element>(of type: Element.Type) -> Place<Element> {
    Place(UnsafeMutableRawPointer(workspace.pointer).assumingMemoryBound(to: type))
  }

  /// The first element of a view of any kind, as bytes.
  func bytes(_ view: TensorView) -> Place<UInt8> {
    buffers[view.buffer] + view.offset * view.kind.storedBytes
  }

  private func place<Element>(_ view: TensorView) -> Place<Element> {
    Place(
      UnsafeMutableRawPointer(bytes(view).pointer).assumingMemoryBound(to: Element.self))
  }

  private func expect(_ kind: ElementKind, _ view: TensorView) {
    precondition(view.kind == kind, "a view of \(view.kind) elements is read as \(kind)")
  }
}
