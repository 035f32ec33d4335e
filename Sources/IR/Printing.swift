// Printing: functions, derivatives and flat graphs as text in SSA form.
// For tests and for `--emit`; operations are printed generically, by name and attributes.
import Dimensions

extension AttributeValue: CustomStringConvertible {
  package var description: String {
    switch self {
    case .integer(let value): "\(value)"
    case .float(let value): "\(value)"
    case .boolean(let value): "\(value)"
    case .string(let value): AttributeValue.quoted(value)
    case .dimension(let value): "\(value)"
    case .dimensions(let values): "[" + values.map(\.description).joined(separator: ", ") + "]"
    case .element(let value): value.rawValue
    }
  }

  /// The text in quotes, so that it can be read back.
  private static func quoted(_ text: String) -> String {
    let escaped = text.map { character in
      switch character {
      case "\"": "\\\""
      case "\\": "\\\\"
      case "\n": "\\n"
      default: String(character)
      }
    }
    return "\"\(escaped.joined())\""
  }
}

extension Attributes: CustomStringConvertible {
  /// `{b t [v], ignore = -100}`; empty without attributes.
  package var description: String {
    var parts: [String] = []
    if let pattern { parts.append(pattern.description) }
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      parts.append("\(name) = \(value)")
    }
    return parts.isEmpty ? "" : "{" + parts.joined(separator: ", ") + "}"
  }
}

extension Program {
  /// A function in SSA form, one line a node.
  package func text(of id: FunctionID) -> String {
    let function = self[id]
    let inputs = zip(function.inputs, function.inputNames).map { value, name in
      "\(value) \(name): \(function.type(of: value))"
    }
    let outputs = zip(function.outputs, function.outputNames).map { "\($1): \($0)" }
    var lines = [
      "function @\(id.index) of \(self[function.definition].block)"
        + "(\(inputs.joined(separator: ", "))) {"
    ]
    for node in function.nodes {
      if case .input = node.kind { continue }
      lines.append("  " + text(of: node, values: function.values, in: function))
    }
    lines.append("  return " + outputs.joined(separator: ", "))
    return (lines + ["}", ""]).joined(separator: "\n")
  }

  /// A derivative in SSA form; forward values keep the numbers of the function.
  package func text(of id: DerivativeID) -> String {
    let derivative = self[id]
    let function = self[derivative.function]
    var lines = ["derivative \(id.index) of @\(derivative.function.index) {"]
    for node in derivative.nodes {
      lines.append("  " + text(of: node, values: derivative.values, in: function))
    }
    for (name, gradient) in zip(function.inputNames, derivative.inputGradients) {
      if let gradient { lines.append("  gradient \(name): \(gradient)") }
    }
    for (reference, value) in derivative.parameterGradients {
      lines.append("  gradient \(text(of: reference, from: function.definition)): \(value)")
    }
    return (lines + ["}", ""]).joined(separator: "\n")
  }

  /// The path of a weight, as its definition would write it: `c_attn.weight`.
  package func text(of reference: ParameterReference, from definition: DefinitionID) -> String {
    let name = declaration(of: reference, from: definition)?.name ?? "?"
    if reference.instance == InstanceReference() { return name }
    return text(of: reference.instance, from: definition) + "." + name
  }

  private func text(of node: Node, values: [Value], in function: Function) -> String {
    let what: String
    switch node.kind {
    case .input(let position): what = "input \(position)"
    case .cotangent(let position): what = "cotangent \(function.outputNames[position])"
    case .parameter(let reference):
      what = "parameter \(text(of: reference, from: function.definition))"
    case .operation(let operation): what = operation.name + operation.attributes.description
    case .call(let call): what = "call \(text(of: call, from: function.definition))"
    case .callBackward(let index, let first, let rest):
      var target = "?"
      if case .call(let call) = function.nodes[index].kind {
        target = text(of: call, from: function.definition)
      }
      let which = first == rest ? "\(first.index)" : "\(first.index), \(rest.index)"
      what = "backward \(target) by derivative \(which)"
    }
    return line(
      results: node.results.map(\.index), what, operands: node.operands.map(\.index),
      types: node.results.map { values[$0.index].type },
      comment: node.results.compactMap { values[$0.index].name }.joined(separator: ", "))
  }

  private func text(of call: Call, from definition: DefinitionID) -> String {
    let elements = call.elements.map { "[\($0)]" } ?? ""
    return "@\(call.function.index) \(text(of: call.target, from: definition))\(elements)"
  }
}

extension FlatGraph {
  /// The graph in SSA form, each node with its scope.
  package var text: String {
    var lines: [String] = []
    lines += inputs.map { "input %\($0.value) \($0.name): \(values[$0.value].type)" }
    lines += parameters.map { "parameter %\($0.value) \($0.name): \($0.declaration.type)" }
    var phase: Phase?
    for node in nodes {
      if node.phase != phase {
        phase = node.phase
        lines.append("\(node.phase.rawValue):")
      }
      lines.append(
        "  "
          + line(
            results: node.results, node.operation.name + node.operation.attributes.description,
            operands: node.operands, types: node.results.map { values[$0].type },
            comment: path(of: node.scope)))
    }
    lines += outputs.map { "output %\($0.value) \($0.name)" }
    for (parameter, gradient) in zip(parameters, gradients) {
      if let gradient { lines.append("gradient %\(gradient) \(parameter.name)") }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

/// `%3 = einsum{b t d, v d -> b t v}(%1, %2) : f32[B, T, 50257]   // h.0.attn`.
private func line(
  results: [Int], _ what: String, operands: [Int], types: [TensorType], comment: String
) -> String {
  func names(_ values: [Int]) -> String { values.map { "%\($0)" }.joined(separator: ", ") }
  var text = results.isEmpty ? "" : names(results) + " = "
  text += what
  if !operands.isEmpty { text += "(\(names(operands)))" }
  if !types.isEmpty { text += " : " + types.map(\.description).joined(separator: ", ") }
  return comment.isEmpty ? text : text + "   // " + comment
}
