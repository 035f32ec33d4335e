// ProgramValidator: the invariants of a folded program, stated once and checked in tests.
// What every reader of the IR relies on; a problem here is ours, never the user's.
import Dimensions

/// Checks every invariant of a program.
///
/// The problems are sentences for us, not diagnostics: the elaborator and the differentiator
/// promise that there are none.
package struct ProgramValidator {
  package let program: Program
  let prover: Prover
  package private(set) var problems: [String] = []

  package init(_ program: Program) {
    self.program = program
    prover = Prover(assuming: program.assumptions)
    checkDefinitions()
    // The rest follows references, which need not end where definitions are wrong.
    guard problems.isEmpty else { return }
    checkFunctions()
    guard problems.isEmpty else { return }
    checkDerivatives()
  }

  /// Notes a problem unless the claim holds.
  ///
  /// - Parameters:
  ///   - holds: the claim.
  ///   - text: what is wrong when it does not hold.
  /// - Returns: the claim.
  @discardableResult
  mutating func check(_ holds: Bool, _ text: @autoclosure () -> String) -> Bool {
    if !holds { problems.append(text()) }
    return holds
  }

  private mutating func checkFunctions() {
    for (index, function) in program.functions.enumerated() {
      if !check(
        program.definitions.indices.contains(function.definition.index),
        "@\(index): no definition \(function.definition.index)")
      {
        return
      }
      for node in function.nodes {
        guard case .call(let call) = node.kind else { continue }
        if !check(
          program.functions.indices.contains(call.function.index),
          "@\(index): no function \(call.function.index)")
        {
          return
        }
      }
    }
    for id in [program.entry, program.loss].compactMap(\.self) {
      if check(program.functions.indices.contains(id.index), "no function \(id.index)") {
        check(
          program[id].definition == program.root, "@\(id.index) does not belong to the model")
      }
    }
    check(program.functionsInnermostFirst != nil, "a function calls itself")
    for (index, function) in program.functions.enumerated() {
      var region = RegionValidator(
        program: program, function: function, name: "@\(index)", prover: prover)
      region.checkForward()
      problems += region.problems
    }
  }

  private mutating func checkDerivatives() {
    for (index, derivative) in program.derivatives.enumerated() {
      let name = "derivative \(index)"
      if !check(
        program.functions.indices.contains(derivative.function.index),
        "\(name): no function \(derivative.function.index)")
      {
        return
      }
      let function = program[derivative.function]
      check(derivative.wanted.count == function.inputs.count, "\(name): wanted")
      check(derivative.arriving.count == function.outputs.count, "\(name): arriving")
      check(derivative.inputGradients.count == function.inputs.count, "\(name): input gradients")
      check(derivative.values.starts(with: function.values), "\(name): forward values")
    }
    guard problems.isEmpty else { return }
    for (index, derivative) in program.derivatives.enumerated() {
      var region = RegionValidator(
        program: program, function: program[derivative.function], name: "derivative \(index)",
        prover: prover)
      region.checkBackward(derivative)
      problems += region.problems
    }
  }
}

extension ProgramValidator {
  private mutating func checkDefinitions() {
    guard check(program.definitions.indices.contains(program.root.index), "no root") else { return }
    for definition in program.definitions {
      for layer in definition.children.flatMap({ $0.content.layers.map(\.layer) }) {
        if !check(
          program.definitions.indices.contains(layer.definition.index),
          "\(definition.block): no definition \(layer.definition.index)")
        {
          return
        }
      }
      for external in definition.externals {
        if !check(
          program.definitions.indices.contains(external.index),
          "\(definition.block): no definition \(external.index)")
        {
          return
        }
      }
    }
    guard check(program.definitionsInnermostFirst != nil, "a definition contains itself") else {
      return
    }
    check(program[program.root].externals.isEmpty, "the model has externals")
    for (index, definition) in program.definitions.enumerated() {
      for (position, child) in definition.children.enumerated() {
        check(child, at: position, of: DefinitionID(index: index))
      }
      for alias in definition.aliases {
        check(
          program.declaration(of: alias.reference, from: DefinitionID(index: index)) != nil,
          "\(definition.block).\(alias.name): no such weight")
      }
    }
  }

  private mutating func check(_ child: Child, at position: Int, of owner: DefinitionID) {
    let name = "\(program[owner].block).\(child.name)"
    switch child.content {
    case .alias(let original):
      check(precedes(original, position), "\(name): the alias does not point backwards")
      check(program.target(of: original, from: owner) != nil, "\(name): no such layer")
    case .layer(let layer): check(layer, at: position, of: owner, name)
    case .shared(let layer, let times):
      check(times >= 0, "\(name): \(times) times")
      check(layer, at: position, of: owner, name)
    case .list(let runs, _):
      var next = 0
      for run in runs {
        check(
          run.elements.lowerBound == next && !run.elements.isEmpty,
          "\(name): the run \(run.elements) does not follow \(next)")
        next = run.elements.upperBound
        check(run.layer, at: position, of: owner, name)
      }
    }
  }

  private mutating func check(
    _ layer: Instantiation, at position: Int, of owner: DefinitionID, _ name: String
  ) {
    let expected = program[layer.definition].externals
    guard
      check(
        layer.externals.count == expected.count,
        "\(name): \(layer.externals.count) externals for \(expected.count)")
    else { return }
    for (reference, definition) in zip(layer.externals, expected) {
      check(precedes(reference, position), "\(name): an external does not point backwards")
      let found = program.definition(of: reference, from: owner)
      let expected = program[definition].block
      check(found == definition, "\(name): an external is no \(expected)")
    }
  }

  /// Whether a reference leads to an earlier child or outside, so that it can't lead to itself.
  private func precedes(_ reference: InstanceReference, _ position: Int) -> Bool {
    guard reference.base == .own else { return true }
    return reference.steps.first.map { $0.child < position } ?? false
  }
}

extension TensorType {
  /// Whether two types are the same under what is known of the symbols.
  package func isEqual(to other: TensorType, prover: Prover) -> Bool {
    if self == other { return true }
    guard element == other.element, rank == other.rank else { return false }
    return zip(shape, other.shape).allSatisfy { left, right in
      if case .proved = prover.areEqual(left, right) { true } else { false }
    }
  }
}
