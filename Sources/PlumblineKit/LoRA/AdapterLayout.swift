// AdapterLayout: which weights of a model are its adapters, and what each does to the layer it wraps.
// What a LoRA run saves, restores and merges goes by this; found by running the adapters' own forwards.
import Analysis
import Dimensions
import Execution
import IR
import Interchange
import Kernels
import Language
import Validation

/// The adapters of a model.
package struct AdapterLayout: Sendable {
  /// A matrix of an adapter.
  package struct Matrix: Hashable, Sendable {
    /// The weight's name in the model.
    package var parameter: String
    /// False for `[rank, in]` and `[out, rank]`, as PEFT stores them.
    package var isTransposed: Bool
  }

  /// One adapted layer.
  package struct Site: Hashable, Sendable {
    /// The layer's name in the model.
    package var module: String
    /// The weight that the adapter leaves alone; for a head that shares a table, that table.
    package var weight: String
    package var down: Matrix
    package var up: Matrix
    package var rank: Int
    package var scaling: Double
    package var base: ModuleShape
    /// What the file calls alpha, if it does.
    package var alpha: Double?
  }

  package let sites: [Site]
  /// Layers that are trained in full beside the adapters, with the names of all their weights.
  package let saved: [(module: String, parameters: [String])]
  /// Weights that have a second name: more than one layer reads them.
  private let shared: Set<String>
  /// Every layer of the model, for names that mean the adapted ones alone.
  private let modules: [String]

  /// Finds the adapters of a model that was found sound.
  ///
  /// - Throws: ``RunFailure`` when there are none, when a block that is adapted is no LoRA, or when
  ///   something is trained that PEFT has no place for.
  package init(_ model: ElaboratedModel) throws(RunFailure) {
    let program = model.program
    let inventory: ModuleInventory
    let step = try StepGraph(program, .forward)
    do throws(AnalysisError) {
      inventory = try ModuleInventory(program)
    } catch {
      throw RunFailure("too-large-to-run", error.message)
    }
    let parameters = step.graph.parameters
    let declared = Dictionary(
      parameters.map { ($0.name, $0.declaration) }, uniquingKeysWith: { first, _ in first })
    let ties = step.ties
    shared = Set(ties.values)
    modules = inventory.modules.map(\.name)
    var known: [DefinitionID: AdapterAlgebra] = [:]
    var sites: [Site] = []
    for module in inventory.modules where !module.alias {
      guard let id = module.definition, AdapterAlgebra.wrapped(by: id, in: program) != nil
      else { continue }
      let algebra: AdapterAlgebra
      if let found = known[id] {
        algebra = found
      } else {
        algebra = try Self.algebra(of: id, named: module.name, in: program)
        known[id] = algebra
      }
      let weight = module.name + ".weight"
      sites.append(
        Site(
          module: module.name, weight: ties[weight] ?? weight,
          down: Matrix(
            parameter: module.name + "." + algebra.down.name,
            isTransposed: algebra.down.isTransposed),
          up: Matrix(
            parameter: module.name + "." + algebra.up.name,
            isTransposed: algebra.up.isTransposed),
          rank: algebra.rank, scaling: algebra.scaling, base: algebra.base,
          alpha: Self.alpha(model, id)))
    }
    guard !sites.isEmpty else {
      throw RunFailure(
        "no-adapter", "\(program.name) adapts no layer, so there is no adapter to save",
        help: "write `adapt PATH with lora(rank: 8, alpha: 16)` in the model")
    }
    self.sites = sites
    saved = try Self.saved(sites, parameters, declared, ties)
  }

  private static func algebra(
    of id: DefinitionID, named name: String, in program: Program
  ) throws(RunFailure) -> AdapterAlgebra {
    let sizes: [Symbol: Int]
    do throws(VerificationRefusal) {
      sizes = try SampleSizes(program, given: [:]).sizes
    } catch {
      throw RunFailure("adapter-not-lora", "`\(name)` can't be run: \(error.message)")
    }
    do throws(AdapterAlgebra.Refusal) {
      return try AdapterAlgebra(of: id, in: program, sizes: sizes)
    } catch {
      throw RunFailure(
        "adapter-not-lora", "`\(program[id].block)` around `\(name)` is no LoRA: \(error.reason)",
        facts: [.line("PEFT's layout holds base(x) + scaling · (x · down) · up, and nothing else")],
        help: "save the whole model, or write the adapter as LoRA")
    }
  }

  private static func alpha(_ model: ElaboratedModel, _ id: DefinitionID) -> Double? {
    guard model.statics.indices.contains(id.index) else { return nil }
    return switch model.statics[id.index]["alpha"]?.value {
    case .integer(let value, _): Double(value)
    case .float(let value): value
    default: nil
    }
  }

  /// Layers whose weights are all trained; what is trained in part has no place in PEFT's files.
  private static func saved(
    _ sites: [Site], _ parameters: [FlatParameter],
    _ declared: [String: ParameterDeclaration], _ ties: [String: String]
  ) throws(RunFailure) -> [(module: String, parameters: [String])] {
    let own = Set(sites.flatMap { [$0.down.parameter, $0.up.parameter] })
    let adapted = Set(sites.map(\.module))
    func module(_ name: String) -> String {
      name.split(separator: ".").dropLast().joined(separator: ".")
    }
    var owners: [String] = []
    for parameter in parameters where parameter.declaration.trainable {
      guard !own.contains(parameter.name) else { continue }
      let owner = module(parameter.name)
      if !owners.contains(owner) { owners.append(owner) }
    }
    var result: [(module: String, parameters: [String])] = []
    for owner in owners {
      let weights = parameters.filter { module($0.name) == owner && !$0.declaration.isBuffer }
      let frozen = weights.filter { !$0.declaration.trainable }.map(\.name)
      let shared = weights.map(\.name).filter { ties.values.contains($0) }
      guard !adapted.contains(owner), !owner.isEmpty, frozen.isEmpty, shared.isEmpty else {
        let trained = weights.first { $0.declaration.trainable && !own.contains($0.name) }
        let name = trained?.name ?? owner
        let reason =
          adapted.contains(owner)
          ? "its layer has an adapter"
          : owner.isEmpty
            ? "it belongs to no layer"
            : frozen.isEmpty
              ? "another layer shares it" : "its layer keeps `\(frozen[0])` frozen"
        throw RunFailure(
          "adapter-trains-more", "`\(name)` is trained beside the adapters, and \(reason)",
          facts: [.line("PEFT stores adapters, and layers that are trained as a whole")],
          help: "freeze it, or train its whole layer")
      }
      result.append((owner, weights.map(\.name)))
    }
    return result
  }

  /// The names of the adapters' matrices, which no checkpoint of the base model holds.
  package var parameters: Set<String> {
    Set(sites.flatMap { [$0.down.parameter, $0.up.parameter] })
  }

  /// The weights of every adapter of a model, LoRA or not: what a checkpoint of the base lacks.
  ///
  /// - Throws: ``RunFailure`` when there are too many layers to name.
  package static func parameters(in program: Program) throws(RunFailure) -> Set<String> {
    // Most models have no adapter, and need no list of their layers.
    let adapters = program.definitions.indices.contains { index in
      AdapterAlgebra.wrapped(by: DefinitionID(index: index), in: program) != nil
    }
    guard adapters else { return [] }
    var result: Set<String> = []
    do throws(AnalysisError) {
      for module in try ModuleInventory(program).modules where !module.alias {
        guard let id = module.definition, AdapterAlgebra.wrapped(by: id, in: program) != nil
        else { continue }
        result.formUnion(program[id].parameters.map { module.name + "." + $0.name })
      }
    } catch {
      throw RunFailure("too-large-to-run", error.message)
    }
    return result
  }

  /// Whether other layers read the weight of a site, so that it can't be changed for one alone.
  package func isShared(_ site: Site) -> Bool { shared.contains(site.weight) }

  /// The adapters in PEFT's words.
  ///
  /// - Parameters:
  ///   - names: what the base model's checkpoint calls its weights, by their names in the model;
  ///     the model's own names where it says nothing.
  ///   - base: the base model's name or folder.
  ///   - task: `CAUSAL_LM` and the like.
  /// - Returns: one layer for each site, in their order, and what the config says of them.
  package func peft(
    named names: [String: String] = [:], base: String? = nil, task: String? = nil
  ) -> PEFTAdapter {
    let layers = sites.map { site in
      PEFTLayer(
        module: module(of: site, named: names), rank: site.rank, scaling: site.scaling,
        input: site.base.input, output: site.base.output,
        isFanInFanOut: site.base.kind == .conv1D)
    }
    return PEFTAdapter(
      layers: layers, targets: targets(layers), isRankStabilised: isRankStabilised,
      saved: saved.map { Self.module(of: names[$0.parameters[0]] ?? $0.parameters[0]) },
      base: base, task: task)
  }

  /// Whether every scaling is alpha over the root of the rank, and not alpha over the rank.
  private var isRankStabilised: Bool {
    func isClose(_ a: Double, _ b: Double) -> Bool { (a - b).magnitude <= 1e-6 * b.magnitude }
    return sites.contains { $0.rank > 1 }
      && sites.allSatisfy { site in
        site.alpha.map { isClose(site.scaling, $0 / Double(site.rank).squareRoot()) } ?? false
      }
  }

  private func module(of site: Site, named names: [String: String]) -> String {
    // A head that shares a table is called by its own name, the weight by the table's.
    guard site.weight == site.module + ".weight", let name = names[site.weight] else {
      return site.module
    }
    return Self.module(of: name)
  }

  /// The layer to which a tensor belongs, in the base model's spelling.
  private static func module(of tensor: String) -> String {
    CheckpointNames.canonical(tensor).split(separator: ".").dropLast().joined(separator: ".")
  }

  /// Ends of names that mean the adapted layers alone; whole names where there are none.
  private func targets(_ layers: [PEFTLayer]) -> [String] {
    let adapted = Set(sites.map(\.module))
    for length in 1...2 {
      func end(_ name: String) -> String {
        name.split(separator: ".").suffix(length).joined(separator: ".")
      }
      let ends = Set(adapted.map(end))
      let hit = modules.filter { name in ends.contains { name == $0 || name.hasSuffix("." + $0) } }
      // An index at the end of a name would be one layer of every list.
      let isNumbered = ends.contains { $0.split(separator: ".").contains { Int($0) != nil } }
      if Set(hit) == adapted, !isNumbered { return ends.sorted() }
    }
    return layers.map(\.module)
  }
}
