// AdaptersInModel: the adapters that a model file itself makes with `adapt`, for the same rules.
// Found by shape: two matrices beside a wrapped layer that share one inner size, the rank.
import Analysis
import Diagnostics
import Dimensions
import IR
import Language

/// What a training plan says about the weights that it trains.
package struct AdapterTraining: Sendable {
  package var plan: TrainingPlan
  package var trainable: Int
  package var total: Int
  /// What the model derives from, and the rate of that model's own plan.
  package var base: (name: String, rate: Placed<Double>)?

  package init(
    plan: TrainingPlan, trainable: Int, total: Int,
    base: (name: String, rate: Placed<Double>)? = nil
  ) {
    self.plan = plan
    self.trainable = trainable
    self.total = total
    self.base = base
  }
}

extension AdapterSubject {
  /// The adapters of a model, as its file declares them; `nil` when there are none to judge.
  ///
  /// - Parameters:
  ///   - model: the elaborated model.
  ///   - declaration: the model as it was written.
  ///   - training: its plan, if it has one.
  package init?(
    adaptedIn model: ElaboratedModel, declaration: ModelDeclaration?, training: AdapterTraining?
  ) {
    let program = model.program
    // Most models have no adapter, and need no list of their layers.
    let adapters = program.definitions.indices.compactMap { index in
      AdapterForm(program, DefinitionID(index: index), model.statics)
    }
    guard !adapters.isEmpty || training?.trainable == 0 else { return nil }
    guard let inventory = try? ModuleInventory(program) else { return nil }
    let forms = Dictionary(adapters.map { ($0.block, $0) }) { first, _ in first }
    var description = AdapterDescription()
    description.targets = .names(.suffixes([]))
    var sites: [AdapterSite] = []
    for (index, module) in inventory.modules.enumerated() {
      guard let definition = module.definition,
        let form = adapters.first(where: { $0.definition == definition })
      else { continue }
      let alpha = form.alpha ?? Double(form.rank)
      sites.append(
        AdapterSite(
          module: index, name: module.name, shape: form.base, rank: form.rank, alpha: alpha,
          scaling: alpha / Double(form.rank), pattern: -1))
    }
    if let adapt = declaration?.adapts.first {
      description.rank.range = adapt.argument("rank")?.range ?? adapt.range
      description.alpha.range = adapt.argument("alpha")?.range ?? adapt.range
    }
    if let first = sites.first, let form = forms[inventory.modules[first.module].block] {
      description.rank.value = form.rank
      description.alpha.value = first.alpha
      // Other ranks of the same file are pointed at where they stand.
      for adapt in declaration?.adapts.dropFirst() ?? [] {
        guard let rank = adapt.argument("rank"), case .integer(.some(let value), _) = rank.kind
        else { continue }
        description.rankPattern.append(
          AdapterDescription.Override(
            pattern: Placed("", adapt.range), value: Placed(value, rank.range)))
        guard let alpha = adapt.argument("alpha"), let number = alpha.number else { continue }
        description.alphaPattern.append(
          AdapterDescription.Override(
            pattern: Placed("", adapt.range), value: Placed(number, alpha.range)))
      }
    }
    self.init(
      description: description, inventory: inventory,
      resolution: AdapterResolution(sites: sites), training: training)
    place = declaration?.adapts.first?.range ?? declaration?.freezes.first
  }
}

/// An adapter's definition: what it wraps, and its rank.
private struct AdapterForm {
  var definition: DefinitionID
  var block: String
  var base: ModuleShape
  var rank: Int
  var alpha: Double?

  init?(_ program: Program, _ id: DefinitionID, _ statics: [[String: StaticBinding]]) {
    let definition = program[id]
    guard let wrapped = definition.children.first(where: \.transparent),
      case .layer(let layer) = wrapped.content
    else { return nil }
    let base = ModuleShape.of(layer.definition, in: program)
    guard base.isAdaptable else { return nil }
    let matrices = definition.parameters.map { $0.type.shape.compactMap(\.constant) }
      .filter { $0.count == 2 }
    var found: Int?
    for (first, second) in [(0, 1), (1, 0)] where matrices.count == 2 {
      let down = matrices[first]
      let up = matrices[second]
      if down[1] == base.input, up[0] == base.output, down[0] == up[1] { found = down[0] }
      if down[0] == base.input, up[1] == base.output, down[1] == up[0] { found = found ?? down[1] }
    }
    guard let rank = found, rank > 0 else { return nil }
    self.definition = id
    block = definition.block
    self.base = base
    self.rank = rank
    let known = statics.indices.contains(id.index) ? statics[id.index] : [:]
    switch known["alpha"]?.value {
    case .integer(let value, _): alpha = Double(value)
    case .float(let value): alpha = value
    default: alpha = nil
    }
  }
}

extension ModelDeclaration {
  /// The `adapt` lines.
  var adapts: [AdaptMember] {
    members.compactMap { if case .adapt(let adapt) = $0 { adapt } else { nil } }
  }

  /// The `freeze` lines.
  var freezes: [SourceRange] {
    members.compactMap { if case .freeze(_, let range) = $0 { range } else { nil } }
  }
}

extension AdaptMember {
  /// The value of an argument of the adapter.
  fileprivate func argument(_ label: String) -> Expression? {
    guard case .call(let call) = adapter.kind else { return nil }
    return call.arguments.last { $0.label?.text == label }?.value
  }
}

extension Expression {
  /// The value of a literal number.
  var number: Double? {
    switch kind {
    case .integer(.some(let value), _): Double(value)
    case .float(let value, _): value
    default: nil
    }
  }
}
