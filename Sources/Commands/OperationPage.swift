// OperationPage: what `explain` says of an operation, all of it from the schema.
// The law tests hold the schema to what the operation does, so this page can't go stale.
import IR
import Operations

/// The explanation of an operation.
struct OperationPage {
  private let schema: OperationSchema

  init(_ schema: OperationSchema) {
    self.schema = schema
  }

  var text: String {
    var lines = ["operation \(schema.name)", "  " + schema.summary, "", "shapes:"]
    lines.append("  " + schema.shapes)
    lines += section("operands", operands)
    lines += section("attributes", attributes)
    switch schema.pattern {
    case .none: break
    case .arrow: lines += ["", "pattern: axes of the operands, an arrow, axes of the result"]
    case .bracket: lines += ["", "pattern: axes of the operand, the ones worked on in brackets"]
    }
    let faults = schema.faults.sorted { $0.key < $1.key }
    lines += section("rejected when", faults.map { ($0.key, $0.value) })
    return lines.joined(separator: "\n") + "\n"
  }

  private var operands: [(String, String)] {
    schema.operands.enumerated().map { index, operand in
      var words = operand.kinds.map(\.rawValue).joined(separator: " or ")
      if operand.optional { words += ", optional" }
      if schema.variadic, index == schema.operands.count - 1 { words += ", may be repeated" }
      return (operand.name, words)
    }
  }

  private var attributes: [(String, String)] {
    var rows = schema.attributes.map { attribute in
      (attribute.name, attribute.kind.rawValue + (attribute.optional ? ", optional" : ""))
    }
    if schema.acceptsSizes {
      rows.append(("AXIS", "dimension: the size of an axis in the pattern"))
    }
    return rows
  }

  private func section(_ title: String, _ rows: [(String, String)]) -> [String] {
    guard !rows.isEmpty else { return [] }
    return ["", title + ":"] + TextColumns.lines(rows)
  }
}
