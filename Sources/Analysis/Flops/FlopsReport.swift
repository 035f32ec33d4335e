// FlopsReport: the FLOPs of a model by operator, pass and layer, as some tool counts them.
// Work is counted once, in kinds of ours; a convention turns kinds into a tool's operators.
import Dimensions
import IR

/// What is counted and how.
package struct FlopsOptions: Sendable {
  package var convention: CountingConvention
  package var attention: AttentionForm
  /// Sizes put in place of symbols.
  package var sizes: [Symbol: Dimension]
  /// The most places that are told apart.
  package var limit: Int

  package init(
    convention: CountingConvention? = nil, attention: AttentionForm = .eager,
    sizes: [Symbol: Dimension] = [:], limit: Int = Applications.limit
  ) {
    self.attention = attention
    self.convention = convention ?? .torch(attention)
    self.sizes = sizes
    self.limit = limit
  }
}

/// The FLOPs of a model.
package struct FlopsReport: Sendable {
  /// FLOPs under one name.
  package struct Line: Hashable, Sendable {
    package var pass: WorkPass
    /// The tool's operator.
    package var name: String
    /// Which of our kinds of work it is; `nil` for a formula over parameters.
    package var kind: WorkKind?
    package var flops: Dimension
  }

  /// A named part of the difference from another count.
  package struct Term: Hashable, Sendable {
    package var name: String
    /// Negative where this convention counts less.
    package var flops: Dimension
  }

  /// One layer, or one run of alike layers, with everything below.
  package struct Layer: Hashable, Sendable {
    package var path: FoldedPath
    package var block: String
    /// How many instances the path stands for; the lines are all of theirs together.
    package var count: Dimension
    package var lines: [Line]
  }

  package let program: Program
  package let options: FlopsOptions
  package let lines: [Line]
  package let layers: [Layer]
  /// What of the forward pass differs from FlopCounterMode's count: sums to the whole difference.
  package let differences: [Term]
  package let hasBackward: Bool

  /// - Parameters:
  ///   - program: the model, with the derivatives if the backward pass counts too.
  ///   - entry: the model's forward.
  ///   - root: what the backward pass starts from: a function of the model and its derivative.
  ///   - options: what is counted.
  /// - Throws: ``AnalysisError`` when there are too many places to list.
  package init(
    _ program: Program, of entry: FunctionID,
    backward root: (function: FunctionID, derivative: DerivativeID)? = nil,
    options: FlopsOptions = FlopsOptions()
  ) throws(AnalysisError) {
    self.program = program
    self.options = options
    hasBackward = root != nil
    let tally = try WorkTally(
      program, of: entry, backward: root, sizes: options.sizes, limit: options.limit)
    let convention = options.convention
    var formula: [WorkPass: Dimension] = [:]
    if let factors = convention.perParameter {
      let whole = Dimension(try ParameterLedger(program).totals.total)
      let tokens = program.tokens(of: entry).substituting(options.sizes)
      formula[.forward] = whole * tokens * Dimension(factors.forward)
      if root != nil { formula[.backward] = whole * tokens * Dimension(factors.backward) }
    }
    var lines = tally.places.first?.lines(by: convention, without: tally.aside) ?? []
    for pass in WorkPass.allCases {
      guard let flops = formula[pass] else { continue }
      lines.append(Line(pass: pass, name: "parameters × tokens", kind: nil, flops: flops))
    }
    self.lines = lines
    layers = tally.places.compactMap { place in
      let lines = place.lines(by: convention, without: nil)
      return lines.isEmpty
        ? nil : Layer(path: place.path, block: place.block, count: place.count, lines: lines)
    }
    differences = FlopsReport.differences(
      convention, .torch(options.attention), tally, formula[.forward])
  }

  /// The FLOPs of a pass.
  package func total(_ pass: WorkPass) -> Dimension {
    Dimension.sum(of: lines.lazy.filter { $0.pass == pass }.map(\.flops))
  }

  /// Forward and, where there is one, backward.
  package var total: Dimension { Dimension.sum(of: lines.map(\.flops)) }

  /// FLOPs of a pass by operator, in the order in which the kinds are listed.
  package func operators(_ pass: WorkPass) -> [(name: String, flops: Dimension)] {
    FlopsReport.operators(lines, pass)
  }

  package static func operators(
    _ lines: [Line], _ pass: WorkPass
  ) -> [(name: String, flops: Dimension)] {
    var order: [String] = []
    var sums: [String: Dimension] = [:]
    for line in lines where line.pass == pass {
      if sums[line.name] == nil { order.append(line.name) }
      sums[line.name, default: 0] += line.flops
    }
    return order.map { ($0, sums[$0] ?? 0) }
  }

  /// What a convention counts more or less than another in the forward pass, by reason.
  private static func differences(
    _ convention: CountingConvention, _ other: CountingConvention, _ tally: WorkTally,
    _ formula: Dimension?
  ) -> [Term] {
    guard convention.name != other.name, let whole = tally.places.first?.forward else { return [] }
    var order: [String] = []
    var sums: [String: Dimension] = [:]
    func add(_ name: String, _ flops: Dimension) {
      guard flops != 0 else { return }
      if sums[name] == nil { order.append(name) }
      sums[name, default: 0] += flops
    }
    let aside = convention.firstResultOnly ? tally.aside : WorkAmounts()
    for kind in WorkKind.allCases {
      let theirs = Dimension(other.forward[kind]?.factor ?? 0)
      let ours = Dimension(convention.forward[kind]?.factor ?? 0)
      add("what only results after the first read is not traced", -(aside[kind] * theirs))
      add(
        convention.reasons[kind] ?? "\(kind.rawValue), which is not looked at",
        (whole[kind] - aside[kind]) * (ours - theirs))
    }
    if let formula { add("parameters × tokens", formula) }
    return order.map { Term(name: $0, flops: sums[$0] ?? 0) }
  }
}

extension Program {
  /// The tokens of a run: the elements of the first input of indices, or the rows of the first
  /// result where there is none.
  fileprivate func tokens(of entry: FunctionID) -> Dimension {
    let function = self[entry]
    let ids = function.inputs.map { function.type(of: $0) }.first { $0.element.kind == .index }
    if let ids { return ids.elementCount }
    guard let result = function.outputs.first else { return 0 }
    return Dimension.product(of: function.type(of: result).shape.dropLast())
  }
}
