// AdaptedModel: the adapters that a model file makes itself, with its plan, before the rules.
// Apart from adapters of the command line, which no model file knows of.
import Analysis
import Diagnostics
import Language
import Validation

/// A model and the lines by which it adapts its layers.
struct AdaptedModel {
  private let model: ElaboratedModel
  private let library: ModuleLibrary
  private let file: Int

  init(_ model: ElaboratedModel, library: ModuleLibrary, file: Int) {
    self.model = model
    self.library = library
    self.file = file
  }

  /// What the rules find in the adapters, and in the plan for them.
  var findings: [Diagnostic] {
    guard library.files.indices.contains(file) else { return [] }
    var declaration: ModelDeclaration?
    for case .model(let found) in library.files[file].syntax.declarations
    where found.name.text == model.program.name {
      declaration = found
    }
    return AdapterRules.findings(
      in: model, declaration: declaration, training: training(declaration))
  }

  private func training(_ declaration: ModelDeclaration?) -> AdapterTraining? {
    guard let plan = model.plan, let declaration,
      library.files[file].trains[declaration.name.text] != nil,
      let totals = try? ParameterLedger(model.program).totals
    else { return nil }
    var training = AdapterTraining(
      plan: plan, trainable: totals.trainable, total: totals.total)
    guard let base = declaration.base?.text, let reference = library.files[file].trains[base],
      case .train(let section) = library[reference]
    else { return training }
    for case .optimizer(let expression, _) in section.members {
      guard case .call(let call) = expression.kind,
        let rate = call.arguments.last(where: { $0.label?.text == "rate" })?.value,
        case .float(let value, _) = rate.kind
      else { continue }
      training.base = (base, Placed(value, rate.range))
    }
    return training
  }
}
