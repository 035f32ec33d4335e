// ClaimValue: what the finished program says about the subject of a claim.
// Apart from the checker, so that a solved config can be measured by the same rule.
import Analysis
import Autodiff
import Diagnostics
import Dimensions
import IR
import Language
import Training

/// The value of a claim's subject.
package enum ClaimValue: Sendable {
  /// A count, perhaps in terms of dimensions, and how it comes about.
  case count(Dimension, derivation: ParameterDerivation?)
  case shape([Dimension], value: Value?)
  case number(Double)
}

/// Why a claim's subject has no value.
package struct ClaimFault: Error, Sendable {
  package var id: String
  package var message: String
  package var range: SourceRange?
  package var facts: [Fact] = []
  package var fixes: [FixIt] = []
}

extension ClaimFault {
  /// The near miss in the place of what was written.
  static func renaming(_ range: SourceRange, to name: String?) -> [FixIt] {
    name.map {
      [
        FixIt(
          message: "write `\($0)` (changes the documentation)",
          edits: [Edit(range: range, replacement: $0)], effect: .claim)
      ]
    } ?? []
  }
}

/// Measures the subjects of claims on one elaborated model.
package struct ClaimMeter: Sendable {
  package let model: ElaboratedModel
  private let tree: FoldedTree
  private let sums: ParameterSums
  /// The program with the backward pass, once a claim asks for it.
  private var differentiated: (program: Program, root: DerivativeID)?

  package init(_ model: ElaboratedModel) {
    self.model = model
    tree = FoldedTree(model.program)
    sums = ParameterSums(model.program)
  }

  /// The subjects that a claim may have, for near misses.
  static let subjects = [
    "parameters", "trainable parameters", "active parameters", "shape", "flops", "tokens per step",
    "tokens per parameter", "optimizer state", "steps", "epochs", "rate", "adapter parameters",
    "adapted parameters", "kv cache",
  ]

  /// - Throws: ``ClaimFault`` when the subject does not exist.
  package mutating func measure(_ claim: ElaboratedExpectation) throws(ClaimFault) -> ClaimValue {
    let words = claim.syntax.words.map(\.text).joined(separator: " ")
    if let path = claim.syntax.subjectPath {
      return try staticName(words, of: path, at: claim.syntax.words[0].range)
    }
    switch words {
    case "parameters": return try parameters(claim, trainable: false)
    case "trainable parameters": return try parameters(claim, trainable: true)
    case "active parameters":
      return .count(
        sums[model.program.root].elements - ActiveParameters.idle(in: model.program),
        derivation: nil)
    case "shape": return try shape(claim)
    case "flops": return try flops(claim)
    case "adapter parameters", "adapted parameters":
      return try adapter(claim, counts: words == "adapted parameters" ? \.all : \.trainable)
    case "kv cache":
      guard let cache = KeyValueCache(model.program) else {
        throw ClaimFault(
          id: "claim-undecided", message: "the model has no attention whose keys could be kept",
          range: claim.syntax.subjectRange)
      }
      return .count(
        cache.bytes.substituting(claim.sizes.mapValues { Dimension($0) }), derivation: nil)
    case "tokens per step", "tokens per parameter", "optimizer state", "steps", "epochs", "rate":
      return try planned(words, claim)
    default:
      let near = Nearest.match(words, in: ClaimMeter.subjects)
      throw ClaimFault(
        id: "unknown-claim",
        message: "nothing is known as `\(words)`" + (near.map { "; did you mean `\($0)`?" } ?? ""),
        range: claim.syntax.subjectRange,
        facts: near == nil ? [.line("known: " + ClaimMeter.subjects.joined(separator: ", "))] : [],
        fixes: ClaimFault.renaming(
          claim.syntax.words.dropFirst().reduce(claim.syntax.words[0].range) { $0.union($1.range) },
          to: near))
    }
  }

  // MARK: Parameters

  private func parameters(
    _ claim: ElaboratedExpectation, trainable: Bool
  ) throws(ClaimFault) -> ClaimValue {
    let arguments = claim.syntax.arguments ?? []
    if trainable {
      guard arguments.isEmpty else {
        throw ClaimFault(
          id: "unknown-claim", message: "`trainable parameters` takes no path",
          range: claim.syntax.subjectRange)
      }
      return .count(sums[model.program.root].trainable, derivation: nil)
    }
    if arguments.isEmpty {
      let derivation = try lookUp(FoldedPath(), range: claim.syntax.subjectRange)
      return .count(derivation.total, derivation: derivation)
    }
    var parts: [ParameterDerivation] = []
    for argument in arguments {
      guard let path = FoldedPath(argument.value) else {
        throw ClaimFault(
          id: "not-a-path", message: "a path of layers is needed, as in `decoder[0].cross`",
          range: argument.value.range)
      }
      parts.append(
        try lookUp(path, range: argument.value.range, components: argument.value.pathComponents))
    }
    guard parts.count > 1 else { return .count(parts[0].total, derivation: parts[0]) }
    var whole = parts[0]
    whole.path = parts.map(\.path).joined(separator: ", ")
    whole.block = nil
    whole.total = Dimension.sum(of: parts.map(\.total))
    whole.formula = Dimension.sum(of: parts.map(\.formula))
    whole.rows = parts.map { part in
      ParameterDerivation.Row(
        names: [part.path], block: part.block ?? "", total: part.total,
        formula: part.rows.count == 1 ? part.rows[0].formula : "", polynomial: part.formula)
    }
    return .count(whole.total, derivation: whole)
  }

  private func lookUp(
    _ path: FoldedPath, range: SourceRange, components: [SourceRange] = []
  ) throws(ClaimFault) -> ParameterDerivation {
    do {
      return try tree.parameters(at: path, sums: sums, separator: "_")
    } catch {
      throw fault(error, range: range, components: components)
    }
  }

  /// A path that leads nowhere, told at the component that does not exist.
  private func fault(
    _ error: PathFault, range: SourceRange, components: [SourceRange] = []
  ) -> ClaimFault {
    let place = components.indices.contains(error.component) ? components[error.component] : range
    var facts: [Fact] = []
    if error.nearest == nil, !error.candidates.isEmpty {
      facts = [.line("known: " + error.candidates.prefix(24).joined(separator: ", "))]
    }
    return ClaimFault(
      id: "unknown-path",
      message: error.message + (error.nearest.map { "; did you mean `\($0)`?" } ?? ""),
      range: place, facts: facts, fixes: ClaimFault.renaming(place, to: error.nearest))
  }

  // MARK: Names and shapes

  func definition(at path: Path) throws(ClaimFault) -> FoldedInstance {
    guard let folded = FoldedPath(path) else {
      throw ClaimFault(
        id: "not-a-path", message: "this path has an index that is not a number", range: path.range)
    }
    do {
      if case .instances(let found) = try tree.target(of: folded), let first = found.first {
        return first
      }
    } catch {
      throw fault(error, range: path.range, components: path.components.map(\.name.range))
    }
    throw ClaimFault(
      id: "unknown-path", message: "`\(folded)` is a weight, a layer is needed", range: path.range)
  }

  private func staticName(
    _ name: String, of path: Path, at range: SourceRange
  ) throws(ClaimFault) -> ClaimValue {
    let place = try definition(at: path)
    let definition = model.program[place.definition]
    guard let value = definition.statics[name] else {
      let names = Array(definition.statics.keys)
      let near = Nearest.match(name, in: names)
      throw ClaimFault(
        id: "unknown-name",
        message: "`\(definition.block)` has no static name `\(name)`"
          + (near.map { "; did you mean `\($0)`?" } ?? ""), range: range,
        facts: [.line("known: " + names.sorted().joined(separator: ", "))],
        fixes: ClaimFault.renaming(range, to: near))
    }
    return .count(Dimension(value), derivation: nil)
  }

  private func shape(_ claim: ElaboratedExpectation) throws(ClaimFault) -> ClaimValue {
    guard let argument = claim.syntax.arguments?.first, claim.syntax.arguments?.count == 1 else {
      throw ClaimFault(
        id: "unknown-claim", message: "`shape` needs one name, as in `shape(logits)`",
        range: claim.syntax.subjectRange)
    }
    var path = FoldedPath()
    var wanted = argument.value
    if case .of(let inner, let written) = argument.value.kind {
      guard let folded = FoldedPath(written) else {
        throw ClaimFault(
          id: "not-a-path", message: "this path has an index that is not a number",
          range: written.range)
      }
      path = folded
      wanted = inner
    }
    guard case .name(let name) = wanted.kind else {
      throw ClaimFault(
        id: "not-a-path", message: "`shape` needs the name of a tensor", range: wanted.range)
    }
    let found: [NamedValue]
    do {
      found = try tree.values(named: name, at: path)
    } catch {
      var fault = fault(error, range: wanted.range)
      if error.component == path.components.count { fault.id = "unknown-name" }
      throw fault
    }
    let sizes = claim.sizes.mapValues { Dimension($0) }
    let shapes = found.map { $0.value.type.substituting(sizes) }
    guard let first = shapes.first, shapes.allSatisfy({ $0.shape == first.shape }) else {
      let list = shapes.map(\.shapeText).joined(separator: ", ")
      throw ClaimFault(
        id: "claim-undecided", message: "`\(name)` has several shapes there: \(list)",
        range: wanted.range)
    }
    return .shape(first.shape, value: found[0].value)
  }

  // MARK: FLOPs

  private mutating func flops(_ claim: ElaboratedExpectation) throws(ClaimFault) -> ClaimValue {
    let arguments = claim.syntax.arguments ?? []
    var phase = "forward"
    for argument in arguments {
      guard case .name(let word) = argument.value.kind else { continue }
      switch argument.label?.text {
      case .none: phase = word
      case "count" where FlopConvention(rawValue: word) != nil: continue
      default:
        let known = FlopConvention.allCases.map(\.rawValue).joined(separator: ", ")
        throw ClaimFault(
          id: "unknown-claim", message: "there is no way of counting FLOPs called `\(word)`",
          range: argument.value.range, facts: [.line("known: \(known)")])
      }
    }
    var work = Work()
    switch phase {
    case "forward": work = try forwardWork(claim)
    case "backward", "step":
      let (program, root) = try backwardPass(claim)
      let sums = WorkSums(program)
      if phase == "step", let loss = program.loss { work = sums[loss] }
      let backward = sums[root]
      work = phase == "step" ? adding(work, backward) : backward
    default:
      throw ClaimFault(
        id: "unknown-claim",
        message: "FLOPs are of `forward`, `backward` or `step`, not `\(phase)`",
        range: claim.syntax.subjectRange)
    }
    let sizes = claim.sizes.mapValues { Dimension($0) }
    return .count(work.flops.substituting(sizes), derivation: nil)
  }

  private func adding(_ a: Work, _ b: Work) -> Work {
    var sum = a
    sum.multiplyAdds += b.multiplyAdds
    return sum
  }

  private func forwardWork(_ claim: ElaboratedExpectation) throws(ClaimFault) -> Work {
    guard let entry = model.program.entry else {
      throw ClaimFault(
        id: "unknown-claim", message: "the model has no forward", range: claim.syntax.subjectRange)
    }
    return WorkSums(model.program)[entry]
  }

  private mutating func backwardPass(
    _ claim: ElaboratedExpectation
  ) throws(ClaimFault) -> (program: Program, root: DerivativeID) {
    if let differentiated { return differentiated }
    var program = model.program
    do {
      let root = try program.differentiateLoss()
      differentiated = (program, root)
      return (program, root)
    } catch {
      throw ClaimFault(
        id: "no-backward-pass", message: "the backward pass can't be built: \(error.message)",
        range: claim.syntax.subjectRange)
    }
  }

  // MARK: Plans

  private func planned(
    _ words: String, _ claim: ElaboratedExpectation
  ) throws(ClaimFault) -> ClaimValue {
    func missing(_ what: String) -> ClaimFault {
      ClaimFault(
        id: "claim-undecided", message: "`\(words)` needs \(what) in the train section",
        range: claim.syntax.subjectRange)
    }
    if words == "optimizer state" {
      // Each moment takes four bytes for each trained weight; AdamW's two unless the plan says.
      let each = 4 * (model.plan?.optimizer?.moments ?? 2)
      return .count(sums[model.program.root].trainable * Dimension(each), derivation: nil)
    }
    guard let plan = model.plan else { throw missing("a plan") }
    switch words {
    case "tokens per step":
      guard let tokens = plan.tokensPerStep else { throw missing("a `batch` line") }
      return .count(Dimension(tokens), derivation: nil)
    case "tokens per parameter":
      guard let tokens = plan.tokens else { throw missing("`data … tokens`") }
      guard let count = sums[model.program.root].elements.constant, count > 0 else {
        throw missing("parameters")
      }
      return .number(tokens / Double(count))
    case "epochs":
      guard plan.lengthUnit == "epochs", let epochs = plan.length else {
        throw missing("an `epochs` line")
      }
      return .count(Dimension(epochs), derivation: nil)
    case "steps" where claim.syntax.arguments?.isEmpty == false:
      return try share(claim, plan)
    case "steps":
      if let steps = plan.length, plan.lengthUnit == "steps" {
        return .count(Dimension(steps), derivation: nil)
      }
      guard let steps = plan.optimizerSteps(in: model.program) else {
        throw missing("`batch` and `data`")
      }
      return .number(steps)
    default:
      guard let argument = claim.syntax.arguments?.first(where: { $0.label?.text == "at" }),
        case .integer(.some(let step), _) = argument.value.kind
      else {
        throw ClaimFault(
          id: "unknown-claim", message: "`rate` needs a step, as in `rate(at: 200)`",
          range: claim.syntax.subjectRange)
      }
      guard let schedule = plan.trainingSchedule else {
        throw missing(plan.peak == nil ? "an `optimizer` with a rate" : "a sound `schedule`")
      }
      return .number(schedule.rate(at: step))
    }
  }
}
