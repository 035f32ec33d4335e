// LossReading: what the loss of a model asks of its outputs.
// Read from the loss's own graph: which outputs it grades, whether it shifts, what it leaves out.
import Dimensions
import IR
import Language

/// The grading of outputs by a cross-entropy.
struct LossReading {
  /// The outputs of the model that are graded.
  private(set) var graded: Set<Int> = []
  /// Whether predictions are compared with the labels of the position after them.
  private(set) var isShifted = false
  /// Whether the plan writes a plain cross-entropy, which names no target to ignore.
  private(set) var gradesEverything = false
  /// The number of classes.
  private(set) var classes: Int?
  /// The target that counts for nothing.
  private(set) var ignored: Int?

  private let program: Program

  /// - Returns: `nil` when the loss is no cross-entropy of outputs of the model.
  init?(_ subject: RuleSubject) {
    program = subject.program
    guard let loss = program.loss, let entry = program.entry else { return nil }
    let function = program[loss]
    var origins: [ValueID: Origin] = [:]
    for node in function.nodes {
      if case .call(let call) = node.kind, call.function == entry {
        for (position, value) in node.results.enumerated() {
          origins[value] = Origin(output: position)
        }
      }
    }
    guard read(function, &origins, depth: 0) else { return nil }
    for case .loss(let expression, _)? in subject.train?.members ?? [] {
      guard case .call(let call) = expression.kind, case .name("cross_entropy") = call.callee.kind
      else { continue }
      gradesEverything = !call.arguments.contains { $0.label?.text == "ignore" }
    }
  }

  /// Where a value of the loss comes from.
  private struct Origin {
    var output: Int?
    /// The first and last position taken along the axis of positions.
    var from: Int = 0
    var isCutShort = false
  }

  private mutating func read(
    _ function: Function, _ origins: inout [ValueID: Origin], depth: Int
  ) -> Bool {
    guard depth < 8 else { return false }
    var found = false
    for node in function.nodes {
      switch node.kind {
      case .operation(let operation):
        let attributes = operation.attributes
        guard let first = node.operands.first else { continue }
        if operation.name == "cross_entropy", let origin = origins[first], node.operands.count >= 2,
          let output = origin.output
        {
          found = true
          graded.insert(output)
          let label = origins[node.operands[1]] ?? Origin()
          if label.from > origin.from { isShifted = true }
          classes = function.type(of: first).shape.last?.constant
          ignored = attributes.integer("ignore")
        } else if let result = node.results.first {
          var origin = origins[first] ?? Origin()
          if operation.name == "slice", let from = attributes.dimension("from")?.constant {
            let (sum, overflow) = origin.from.addingReportingOverflow(from)
            if !overflow { origin.from = sum }
          } else if operation.name != "rearrange", operation.name != "cast",
            origins[first] == nil
          {
            continue
          }
          origins[result] = origin
        }
      case .call(let call):
        let inner = program[call.function]
        var passed: [ValueID: Origin] = [:]
        for (operand, input) in zip(node.operands, inner.inputs) {
          passed[input] = origins[operand]
        }
        if passed.isEmpty { continue }
        if read(inner, &passed, depth: depth + 1) { found = true }
      default: continue
      }
    }
    return found
  }
}
