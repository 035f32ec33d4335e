// ShapeReport: the tree of blocks with what goes in and comes out, for `plumbline shapes`.
// Data only; the text and the JSON are extensions in files of their own.
import Dimensions
import IR

/// What a report of shapes shows.
package struct ShapeOptions: Hashable, Sendable {
  /// How many levels below the model; `nil` for all.
  package var depth: Int?
  /// Every value of every forward, with its operation.
  package var values: Bool
  /// Sizes put in place of symbols.
  package var sizes: [Symbol: Dimension]
  /// The most rows.
  package var limit: Int

  package init(
    depth: Int? = nil, values: Bool = false, sizes: [Symbol: Dimension] = [:],
    limit: Int = ParameterLedger.rowLimit
  ) {
    self.depth = depth
    self.values = values
    self.sizes = sizes
    self.limit = limit
  }
}

/// The blocks of a model and their shapes.
package struct ShapeReport: Sendable {
  /// A named input, output or weight.
  package struct Port: Hashable, Sendable {
    package var name: String
    package var type: TensorType
  }

  /// A value inside a forward.
  package struct Inner: Hashable, Sendable {
    package var name: String?
    /// The operation's name, the path of a called layer, or that of a weight.
    package var operation: String
    package var type: TensorType
  }

  /// One way in which a block is called.
  package struct Signature: Hashable, Sendable {
    package var function: FunctionID
    /// The instances called so, when they are not all of the row's.
    package var part: FoldedPath?
    package var inputs: [Port]
    package var outputs: [Port]
    /// How often it runs, all instances and repetitions together.
    package var times: Dimension
    package var values: [Inner]
    /// For each input its gradient, and the weights' gradients; `nil` without a backward pass.
    package var gradients: Gradients?
  }

  /// The gradients that a block's backward computes.
  package struct Gradients: Hashable, Sendable {
    package var inputs: [TensorType?]
    package var parameters: [Port]
  }

  /// One block, or one run of alike blocks.
  ///
  /// A layer that adds nothing to the path, such as the one inside an adapter, has its owner's.
  package struct Row: Hashable, Sendable {
    package var place: FoldedInstance
    package var path: FoldedPath
    package var block: String
    package var depth: Int
    /// The name in the tree: `h[0..<12]`, `(base)`.
    package var name: String
    /// How many instances stand side by side in one owner.
    package var siblings: Int
    package var signatures: [Signature]
    /// Elements that one instance owns itself.
    package var own: Dimension
    /// Elements of one instance with everything below.
    package var parameters: Dimension
    /// Whether a weight of it has a second place, or a name of it stands for another's weight.
    package var isTied: Bool
    /// For another name of a layer: whose.
    package var alias: FoldedPath?
  }

  package let program: Program
  package let options: ShapeOptions
  package let rows: [Row]
  package let totals: ParameterLedger.Totals
  /// Forward work of the function that was reported on; `nil` for a model without one.
  package let forward: Work?
  package let backward: Work?

  /// - Parameters:
  ///   - program: the model.
  ///   - function: whose calls are shown; `nil` shows parameters alone.
  ///   - derivative: the root derivative of that function, to show gradients.
  ///   - options: what to show.
  /// - Throws: ``AnalysisError`` when a total does not fit, or the tree is too large to list.
  package init(
    _ program: Program, of function: FunctionID?, backward derivative: DerivativeID? = nil,
    options: ShapeOptions = ShapeOptions()
  ) throws(AnalysisError) {
    self.program = program
    self.options = options
    let ledger = try ParameterLedger(program, limit: options.limit)
    totals = ledger.totals
    let work = WorkSums(program)
    forward = function.map { work[$0].substituting(options.sizes) }
    backward = derivative.map { work[$0].substituting(options.sizes) }
    var collector = try ShapeCollector(
      ledger, function: function, derivative: derivative, options: options)
    rows = try collector.rows()
  }
}

/// The walk that fills a report.
private struct ShapeCollector {
  let program: Program
  let tree: FoldedTree
  let sums: ParameterSums
  let options: ShapeOptions
  let tied: Set<FoldedInstance>
  var signatures: [FoldedInstance: [ShapeReport.Signature]] = [:]

  init(
    _ ledger: ParameterLedger, function: FunctionID?, derivative: DerivativeID?,
    options: ShapeOptions
  ) throws(AnalysisError) {
    program = ledger.program
    tree = ledger.tree
    sums = ledger.sums
    self.options = options
    var tied: Set<FoldedInstance> = []
    for group in ledger.ties {
      tied.insert(ledger.tree.widened(group.owner.owner))
      for member in group.members where member.isName { tied.insert(member.site) }
    }
    // The model itself is not marked for a name that one of its layers carries.
    tied.remove(ledger.tree.root)
    self.tied = tied
    guard let function else { return }
    let walk = try Applications(
      of: function, backward: derivative, in: program, limit: options.limit)
    for application in walk.forward { add(application) }
    for application in walk.backward { add(application) }
    for place in signatures.keys {
      // Functions are numbered in the order in which the source calls them.
      signatures[place]?.sort { $0.function.index < $1.function.index }
    }
  }

  private mutating func add(_ application: Application) {
    let function = program[application.function]
    let row = tree.widened(application.place)
    signatures[row, default: []].append(
      ShapeReport.Signature(
        function: application.function,
        part: row == application.place ? nil : application.place.path,
        inputs: zip(function.inputNames, function.inputs).map {
          port($0, function.type(of: $1))
        },
        outputs: zip(function.outputNames, function.outputs).map {
          port($0, function.type(of: $1))
        },
        times: application.times,
        values: options.values ? values(of: function) : [], gradients: nil))
  }

  private mutating func add(_ application: BackwardApplication) {
    let derivative = program[application.derivative]
    let row = tree.widened(application.place)
    guard var known = signatures[row] else { return }
    for index in known.indices where known[index].function == derivative.function {
      var gradients =
        known[index].gradients
        ?? ShapeReport.Gradients(
          inputs: known[index].inputs.map { _ in nil }, parameters: [])
      // A chain's first element may need other gradients than the rest: show what any computes.
      for (input, value) in derivative.inputGradients.enumerated() {
        guard let value, gradients.inputs.indices.contains(input) else { continue }
        gradients.inputs[input] = type(derivative.values[value.index].type)
      }
      let inOrder = derivative.parameterGradients.sorted {
        ($0.reference.instance.steps.count, $0.reference.parameter)
          < ($1.reference.instance.steps.count, $1.reference.parameter)
      }
      for (reference, value) in inOrder {
        let name = name(of: reference, in: derivative.function)
        guard !gradients.parameters.contains(where: { $0.name == name }) else { continue }
        gradients.parameters.append(port(name, derivative.values[value.index].type))
      }
      known[index].gradients = gradients
    }
    signatures[row] = known
  }

  private func port(_ name: String, _ type: TensorType) -> ShapeReport.Port {
    ShapeReport.Port(name: name, type: self.type(type))
  }

  private func type(_ type: TensorType) -> TensorType {
    options.sizes.isEmpty ? type : type.substituting(options.sizes)
  }

  /// A weight as the block that reads it would write it.
  private func name(of reference: ParameterReference, in function: FunctionID) -> String {
    let definition = program[function].definition
    let weight = program.declaration(of: reference, from: definition)?.name ?? "?"
    let path = program.text(of: reference.instance, from: definition)
    return path == "self" ? weight : "\(path).\(weight)"
  }

  private func values(of function: Function) -> [ShapeReport.Inner] {
    function.nodes.flatMap { node -> [ShapeReport.Inner] in
      let operation: String
      switch node.kind {
      case .input: operation = "input"
      case .parameter(let reference):
        let weight = program.declaration(of: reference, from: function.definition)?.name ?? "?"
        let path = program.text(of: reference.instance, from: function.definition)
        operation = "param " + (path == "self" ? weight : "\(path).\(weight)")
      case .operation(let operation_): operation = operation_.name
      case .call(let call):
        let path = program.text(of: call.target, from: function.definition)
        operation = path == "self" ? "forward" : path
      case .cotangent, .callBackward: return []
      }
      return node.results.map {
        let value = function.values[$0.index]
        return ShapeReport.Inner(name: value.name, operation: operation, type: type(value.type))
      }
    }
  }

  /// The rows in source order, owners before what they own.
  mutating func rows() throws(AnalysisError) -> [ShapeReport.Row] {
    var rows: [ShapeReport.Row] = []
    var pending: [(place: FoldedInstance, alias: (path: FoldedPath, depth: Int)?)] = [
      (tree.root, nil)
    ]
    while let (place, alias) = pending.popLast() {
      guard rows.count < options.limit else {
        throw .tooManyRows(what: "blocks", limit: options.limit)
      }
      let definition = program[place.definition]
      let sum = sums[place.definition]
      if let alias {
        rows.append(
          ShapeReport.Row(
            place: place, path: alias.path, block: definition.block, depth: alias.depth,
            name: alias.path.components.last?.description ?? "", siblings: place.siblings,
            signatures: [], own: 0, parameters: sum.elements,
            isTied: true, alias: place.path))
        continue
      }
      rows.append(
        ShapeReport.Row(
          place: place, path: place.path, block: definition.block, depth: place.levels.count,
          name: tree.name(of: place), siblings: place.siblings, signatures: signatures[place] ?? [],
          own: Dimension.sum(
            of: definition.parameters.filter { !$0.isBuffer }.map(\.type.elementCount)),
          parameters: sum.elements, isTied: tied.contains(place), alias: nil))
      if let depth = options.depth, place.levels.count >= depth { continue }
      for (index, child) in definition.children.enumerated().reversed() {
        if case .alias(let reference) = child.content {
          let path = place.path.appending(child.name)
          for layer in tree.resolve(reference, from: place).reversed() {
            pending.append((layer, (path, place.levels.count + 1)))
          }
        } else {
          for instance in tree.instances(of: index, in: place).reversed()
          where options.values || !isExpression(child, instance) {
            pending.append((instance, nil))
          }
        }
      }
    }
    return rows
  }

  /// A block without weights that was applied where it was written, like `mask_future(x)`: to a
  /// reader an operation, and no layer.
  private func isExpression(_ child: Child, _ instance: FoldedInstance) -> Bool {
    child.transparent && sums[instance.definition].weights == 0
  }
}
