// Elaborator+Training: the `train` section: its numbers, and its loss as a function.
// A model without one gets the usual loss, so that it can be run and verified all the same.
import Diagnostics
import Dimensions
import IR

extension Elaborator {
  mutating func elaboratePlan(
    chain: [(model: ModelDeclaration, file: Int)], file: Int, frame: Frame
  ) -> TrainingPlan? {
    var plan: TrainingPlan?
    var loss: (expression: Expression, file: Int)?
    // The plan is the model's own; a loss may come from the nearest base.
    for (position, level) in chain.reversed().enumerated() {
      let lookups = position == 0 ? [file, level.file] : [level.file]
      guard
        let reference = lookups.compactMap({ library.files[$0].trains[level.model.name.text] })
          .first,
        case .train(let declaration) = library[reference]
      else { continue }
      if position == 0 {
        var frame = frame
        frame.file = reference.file
        plan = elaborate(declaration, frame: &frame)
      }
      if loss == nil {
        for case .loss(let expression, _) in declaration.members {
          loss = (expression, reference.file)
        }
      }
    }
    if let loss {
      program.loss = lossFunction(loss.expression, file: loss.file)
    } else if program.entry != nil, !hasErrors {
      program.loss = standardLoss()
    }
    return plan
  }

  private mutating func elaborate(
    _ declaration: TrainDeclaration, frame: inout Frame
  ) -> TrainingPlan {
    var plan = TrainingPlan(model: declaration.model.text, range: declaration.range)
    var expectations: [Expectation] = []
    var schedule: ScheduleSyntax?
    for member in declaration.members {
      let before = errorCount
      defer { if errorCount > before { plan.faults.insert(member.keyword) } }
      switch member {
      case .batch(let bindings, let accumulate, _):
        for binding in bindings {
          guard let size = positive(binding.value, what: binding.name.text, frame: &frame) else {
            continue
          }
          let symbol = Symbol(binding.name.text)
          guard program.dimensions.contains(where: { $0.symbol == symbol }) else {
            reportUnknown(
              binding.name, kind: "dimension", candidates: program.dimensions.map(\.symbol.name))
            continue
          }
          if checkBatch(symbol, size: size, range: binding.range) { plan.batch[symbol] = size }
        }
        if let accumulate {
          plan.accumulate = positive(accumulate, what: "accumulate", frame: &frame) ?? 1
        }
      case .data(let amount, let unit, _):
        plan.dataAmount = number(amount, frame: &frame)
        plan.dataUnit = unit.text
      case .length(let amount, let unit, _):
        plan.length = positive(amount, what: unit.text, frame: &frame)
        plan.lengthUnit = unit.text
      case .optimizer(let expression, _): plan.optimizer = optimizer(expression, frame: &frame)
      case .decay(let selection, let range):
        plan.decay = DecayPlan(
          all: selection.all, paths: selection.paths.map { selector($0, id: 0, frame: &frame) },
          exceptions: selection.exceptions.map { selector($0, id: 0, frame: &frame) }, range: range)
      case .schedule(let phases, let convention, _):
        schedule = ScheduleSyntax(phases: phases, convention: convention)
      case .clip(let kind, let expression, _):
        if kind.text != "global_norm" {
          reportUnknown(kind, kind: "way of clipping", candidates: ["global_norm"])
        }
        plan.clip = number(expression, frame: &frame)
      case .seed(let expression, _):
        plan.seed = evaluateStatic(expression, frame: &frame).integerValue ?? 0
      case .precision(let name, let scaling, let range):
        plan.precision = precision(name, scaling, range, frame: &frame)
      case .device(let properties, let range):
        plan.device = device(properties, range, frame: &frame)
      case .vary(let name, let values, let range):
        if let axis = variation(name, values, range, frame: &frame) { plan.variations.append(axis) }
      case .expect(let expectation): expectations.append(expectation)
      case .policy(let policy):
        plan.policies.append(policy)
      case .loss: continue
      }
    }
    // The optimiser's line, which names the peak, may stand below.
    if let schedule {
      let before = errorCount
      elaborate(schedule, into: &plan, frame: frame)
      if errorCount > before { plan.faults.insert("schedule") }
    }
    plan.expectations = expectations.compactMap { elaborateExpectation($0, frame: &frame) }
    return plan
  }

  private var errorCount: Int { findings.count { $0.diagnostic.severity == .error } }

  /// Whether a dimension may have a size; says why not.
  private mutating func checkBatch(_ symbol: Symbol, size: Int, range: SourceRange) -> Bool {
    let bounds = program.assumptions.bounds(of: symbol)
    if let upper = bounds.upper, size > upper {
      report(
        Diagnostic(
          id: "batch-out-of-bounds", severity: .error,
          message: "\(symbol.name) = \(size) is beyond its bound, at most \(upper)", range: range,
          notes: boundSyntax[symbol.name].map {
            [Note(message: "the bound stands here", range: $0.range)]
          } ?? [],
          fixes: [
            FixIt(
              message: "set \(symbol.name) = \(upper) (changes the training)",
              edits: [Edit(range: range, replacement: "\(symbol.name) = \(upper)")],
              effect: .model)
          ]))
      return false
    }
    if let lower = bounds.lower, size < lower {
      report(
        Diagnostic(
          id: "batch-out-of-bounds", severity: .error,
          message: "\(symbol.name) = \(size) is below its bound, at least \(lower)", range: range))
      return false
    }
    return true
  }

  mutating func number(_ expression: Expression, frame: inout Frame) -> Double? {
    let value = evaluateStatic(expression, frame: &frame)
    if let number = value.asDouble, number.isFinite { return number }
    if value != .invalid {
      report(
        Diagnostic(
          id: "wrong-argument-type", severity: .error,
          message: "a number is needed, found \(value.kindName) \(value.text)",
          range: expression.range))
    }
    return nil
  }

  mutating func positive(
    _ expression: Expression, what: String, frame: inout Frame
  ) -> Int? {
    let value = evaluateStatic(expression, frame: &frame)
    if let number = value.integerValue, number >= 1 { return number }
    if value != .invalid {
      report(
        Diagnostic(
          id: "plan-out-of-range", severity: .error,
          message: "`\(what)` must be a whole number of at least 1, found \(value.text)",
          range: expression.range))
    }
    return nil
  }
}
