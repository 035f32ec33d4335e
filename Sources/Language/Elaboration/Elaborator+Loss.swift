// Elaborator+Loss: the loss as a function: the model's inputs and the targets in, a scalar out.
// It calls the model's forward, so that what is differentiated is what was checked.
import Diagnostics
import Dimensions
import IR
import Operations

extension Elaborator {
  /// A frame in which the model has been applied to its inputs.
  private func lossFrame() -> (Frame, Function)? {
    guard let entry = program.entry else { return nil }
    let forward = program[entry]
    let root = program.root.index
    var frame = Frame(
      definition: root, file: contexts[root].file, statics: contexts[root].statics, weights: [:])
    for declared in program.dimensions {
      frame.dimensions[declared.symbol.name] = DimensionBinding(
        size: Dimension(declared.symbol),
        origin: .symbol(name: declared.symbol.name, range: declared.range))
    }
    var builder = RegionBuilder(prover: prover)
    var function = Function(definition: program.root)
    for (position, input) in forward.inputs.enumerated() {
      let value = builder.append(.input(position), types: [forward.type(of: input)])[0]
      let known = forward.values[input.index]
      builder.describe(value, name: known.name, origins: known.origins)
      function.inputs.append(value)
      function.inputNames.append(forward.inputNames[position])
      frame.tensors[forward.inputNames[position]] = .tensor(value)
    }
    let call = Call(function: entry, target: InstanceReference())
    let types = forward.outputs.map { forward.type(of: $0) }
    let results = builder.append(.call(call), operands: function.inputs, types: types)
    for (position, result) in results.enumerated() {
      let known = forward.values[forward.outputs[position].index]
      builder.describe(result, name: forward.outputNames[position], origins: known.origins)
      frame.tensors[forward.outputNames[position]] = .tensor(result)
      function.outputs.append(result)
      function.outputNames.append(forward.outputNames[position])
    }
    frame.builder = builder
    return (frame, function)
  }

  private mutating func close(
    _ function: Function, loss: Term, frame: Frame, range: SourceRange?
  ) -> FunctionID? {
    guard case .tensor(let value) = loss, let builder = frame.builder else { return nil }
    var function = function
    guard builder.type(of: value).rank == 0, builder.type(of: value).element.kind == .real else {
      report(
        Diagnostic(
          id: "loss-not-scalar", severity: .error,
          message: "a loss is one number, this is \(builder.type(of: value).shapeText)",
          range: range, label: builder.type(of: value).description))
      return nil
    }
    function.outputs.append(value)
    function.outputNames.append("loss")
    function.values = builder.values
    function.nodes = builder.nodes
    program.functions.append(function)
    return FunctionID(index: program.functions.count - 1)
  }

  /// The loss that a `train` section writes.
  mutating func lossFunction(_ expression: Expression, file: Int) -> FunctionID? {
    guard var (frame, function) = lossFrame() else { return nil }
    frame.file = file
    guard case .call(var call) = expression.kind else {
      report(
        Diagnostic(
          id: "loss-not-scalar", severity: .error,
          message: "a loss applies an operation or a block to the model's results",
          range: expression.range))
      return nil
    }
    for (position, argument) in call.arguments.enumerated() {
      guard case .type(let syntax) = argument.value.kind else { continue }
      guard let label = argument.label else {
        report(
          Diagnostic(
            id: "missing-argument", severity: .error,
            message: "a target needs a name, as in `targets: \(text(syntax.range))`",
            range: syntax.range))
        return nil
      }
      guard let type = resolve(syntax, frame: &frame) else { return nil }
      frame.builder?.range = syntax.range
      let input = function.inputs.count
      guard let value = frame.builder?.append(.input(input), types: [type]).first else {
        return nil
      }
      let origins = syntax.dimensions.map { origin(ofDimension: $0, frame: frame) }
      frame.builder?.describe(value, name: label.text, origins: origins)
      function.inputs.append(value)
      function.inputNames.append(label.text)
      frame.tensors[label.text] = .tensor(value)
      call.arguments[position].value = Expression(.name(label.text), syntax.range)
    }
    // A label that is no parameter of an operation is only the target's name.
    if case .name(let name) = call.callee.kind, let operation = Catalogue.operation(named: name) {
      let known = Set(operation.schema.attributes.map(\.name))
      for (position, argument) in call.arguments.enumerated() {
        if let label = argument.label, !known.contains(label.text) {
          call.arguments[position].label = nil
        }
      }
    } else if let block = blockReference(call.callee, frame: frame),
      case .block(let declaration) = library[block]
    {
      let known = Set(declaration.parameters.map(\.name.text))
      for (position, argument) in call.arguments.enumerated() {
        if let label = argument.label, !known.contains(label.text) {
          call.arguments[position].label = nil
        }
      }
    }
    let loss = evaluateCall(call, range: expression.range, frame: &frame)
    return close(function, loss: loss, frame: frame, range: expression.range)
  }

  /// Cross-entropy of `logits` with targets, or the mean square of the first result.
  mutating func standardLoss() -> FunctionID? {
    guard var (frame, function) = lossFrame(), let entry = program.entry else { return nil }
    let forward = program[entry]
    let range = forward.range ?? SourceRange(source: SourceID(index: 0), at: 0)
    frame.builder?.range = range
    if let position = forward.outputNames.firstIndex(of: "logits"),
      let type = frame.builder?.type(of: function.outputs[position]), type.rank >= 2
    {
      let target = TensorType(.i32, Array(type.shape.dropLast()))
      let name = forward.inputNames.contains("labels") ? "targets" : "labels"
      guard let value = frame.builder?.append(.input(function.inputs.count), types: [target]).first
      else { return nil }
      frame.builder?.describe(value, name: name)
      let logits = function.outputs[position]
      function.inputs.append(value)
      function.inputNames.append(name)
      var axes = (0..<(type.rank - 1)).map { PatternAxis.name("a\($0)") }
      axes.append(.bracket([.name("v")]))
      guard
        let operation = try? CrossEntropy(
          Attributes(pattern: Pattern(inputs: [axes], output: nil))),
        let loss = try? frame.builder?.emit(operation, [logits, value]).first
      else { return nil }
      return close(function, loss: .tensor(loss), frame: frame, range: range)
    }
    guard let first = function.outputs.first,
      let type = frame.builder?.type(of: first), type.element.kind == .real
    else { return nil }
    var loss = first
    if let square = try? frame.builder?.emit(Multiply(Attributes()), [first, first]).first {
      loss = square
    }
    if type.rank > 0 {
      let axes = (0..<type.rank).map { PatternAxis.name("a\($0)") }
      guard
        let mean = try? Mean(
          Attributes(pattern: Pattern(inputs: [[.bracket(axes)]], output: nil))),
        let result = try? frame.builder?.emit(mean, [loss]).first
      else { return nil }
      loss = result
    }
    return close(function, loss: .tensor(loss), frame: frame, range: range)
  }
}
