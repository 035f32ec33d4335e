// StepInputs: the inputs of a step from a safetensors file, under a prefix such as `batch0/`.
// Every mismatch names both sides: what the model wants, and what the file has.
import Diagnostics
import Dimensions
import Execution
import IR
import Interchange
import Kernels

/// A file of inputs.
package struct StepInputs: Sendable {
  package let path: String
  /// For an input of the model, the tensor that fills it, where the names differ.
  package let renamed: [String: String]
  private let reader: SafetensorsReader

  /// - Parameters:
  ///   - path: a safetensors file.
  ///   - renamed: for an input of the model, the tensor's name after the prefix.
  /// - Throws: ``RunFailure`` when the file can't be read.
  package init(path: String, renamed: [String: String] = [:]) throws(RunFailure) {
    self.path = path
    self.renamed = renamed
    do {
      reader = try SafetensorsReader(path: path)
    } catch {
      throw RunFailure(error, in: path)
    }
  }

  /// The names of the tensors under a prefix, without it.
  package func names(under prefix: String) -> [String] {
    reader.entries.filter { $0.name.hasPrefix(prefix) }.map {
      String($0.name.dropFirst(prefix.count))
    }
  }

  /// The prefixes whose batches the steps of a training run cycle through.
  ///
  /// `batch0/` stands in a row with `batch1/`, `batch2/` and so on, as far as the file has them; the
  /// row begins with the prefix given. Any other prefix stands alone.
  package func batches(from prefix: String) -> [String] {
    guard let (stem, first) = Self.numbered(prefix) else { return [prefix] }
    var numbers: Set<Int> = [first]
    for entry in reader.entries {
      guard let slash = entry.name.dropFirst(stem.count).firstIndex(of: "/"),
        entry.name.hasPrefix(stem),
        let (other, number) = Self.numbered(String(entry.name[...slash])), other == stem
      else { continue }
      numbers.insert(number)
    }
    let sorted = numbers.sorted()
    let start = sorted.firstIndex(of: first) ?? 0
    return (sorted[start...] + sorted[..<start]).map { "\(stem)\($0)/" }
  }

  /// `batch12/` as `batch` and 12.
  private static func numbered(_ prefix: String) -> (stem: String, number: Int)? {
    guard prefix.hasSuffix("/") else { return nil }
    let body = prefix.dropLast()
    let digits = body.reversed().prefix { $0.isASCII && $0.isNumber }.count
    guard digits > 0, let number = Int(body.suffix(digits)),
      String(number).count == digits
    else { return nil }
    return (String(body.dropLast(digits)), number)
  }

  /// Whether every input of a graph is there.
  package func fills(_ graph: FlatGraph, prefix: String) -> Bool {
    let known = Set(names(under: prefix))
    return graph.inputs.allSatisfy {
      known.contains(renamed[$0.name] ?? $0.name) || ImpliedInputs.value(of: $0.name) != nil
    }
  }

  /// Reads the inputs of a graph.
  ///
  /// - Throws: ``RunFailure`` when an input is missing, has the wrong type, or names rows that a
  ///   table does not have.
  package func arrays<Scalar: KernelScalar>(
    for graph: FlatGraph, prefix: String, as scalar: Scalar.Type = Scalar.self
  ) throws(RunFailure) -> [String: NDArray<Scalar>] {
    let implied = impliedArrays(of: graph, prefix: prefix, as: scalar)
    let missing = graph.inputs.filter { port in
      reader.header[prefix + (renamed[port.name] ?? port.name)] == nil && implied[port.name] == nil
    }
    guard missing.isEmpty else {
      throw RunFailure(missing.map { self.missing($0, in: graph, prefix: prefix) })
    }
    var result = implied
    for port in graph.inputs where implied[port.name] == nil {
      result[port.name] = try array(port, of: graph, prefix: prefix)
    }
    let findings = TableCheck.diagnostics(of: graph, inputs: result)
    guard findings.isEmpty else { throw RunFailure(findings) }
    return result
  }

  /// Tensors under the prefix that no input takes.
  package func unused(by graph: FlatGraph, prefix: String) -> [Diagnostic] {
    let taken = Set(graph.inputs.map { renamed[$0.name] ?? $0.name })
    return names(under: prefix).filter {
      !taken.contains($0) && !(prefix.isEmpty && $0.contains("/"))
        && !saysNothing($0, prefix: prefix)
    }
    .map { name in
      Diagnostic(
        id: "unused-input", severity: .warning,
        message: "\(path) has `\(prefix)\(name)`, which the model does not take",
        facts: [.line("it takes " + graph.inputs.map(\.name).joined(separator: ", "))])
    }
  }

  /// What inputs hold that the file may leave out, and does.
  private func impliedArrays<Scalar: KernelScalar>(
    of graph: FlatGraph, prefix: String, as scalar: Scalar.Type
  ) -> [String: NDArray<Scalar>] {
    var sizes: [Dimension: Int] = [:]
    var absent: [(FlatPort, Int32)] = []
    for port in graph.inputs {
      let shape = graph.values[port.value].type.shape
      if let entry = reader.header[prefix + (renamed[port.name] ?? port.name)] {
        for (dimension, size) in zip(shape, entry.shape) { sizes[dimension] = size }
      } else if let value = ImpliedInputs.value(of: port.name) {
        absent.append((port, value))
      }
    }
    var result: [String: NDArray<Scalar>] = [:]
    for (port, value) in absent {
      let shape = graph.values[port.value].type.shape
      let extents = shape.compactMap { $0.constant ?? sizes[$0] }
      guard extents.count == shape.count, let count = try? Extents.count(extents) else { continue }
      result[port.name] = NDArray(extents: extents, index: Array(repeating: value, count: count))
    }
    return result
  }

  /// Whether a tensor that no input takes says only what a model without that input assumes: that
  /// nothing is padding.
  private func saysNothing(_ name: String, prefix: String) -> Bool {
    guard let value = ImpliedInputs.value(of: name),
      let values = try? reader.integers(prefix + name)
    else { return false }
    return values.allSatisfy { $0 == value }
  }

  private func array<Scalar: KernelScalar>(
    _ port: FlatPort, of graph: FlatGraph, prefix: String
  ) throws(RunFailure) -> NDArray<Scalar> {
    let name = prefix + (renamed[port.name] ?? port.name)
    let extents = reader.header[name]?.shape ?? []
    let stored = reader.header[name]?.dtype
    let type = graph.values[port.value].type
    do throws(SafetensorsError) {
      switch type.element.kind {
      case .real: return NDArray(extents: extents, real: try reader.reals(name))
      case .mask:
        let values = try reader.integers(name)
        return NDArray(extents: extents, mask: values.map { $0 != 0 })
      case .index:
        guard stored.map(Self.isWhole) == true else {
          throw SafetensorsError.file(
            path: path,
            reason: "`\(name)` holds \(stored?.rawValue ?? "nothing"), but `\(port.name)` is"
              + " \(type.element.rawValue)")
        }
        let values = try reader.integers(name)
        for (position, value) in values.enumerated() where Int32(exactly: value) == nil {
          throw SafetensorsError.file(
            path: path,
            reason: "`\(name)` holds \(value) at element \(position), which does not fit 32 bits")
        }
        return NDArray(extents: extents, index: values.map { Int32(truncatingIfNeeded: $0) })
      }
    } catch {
      throw RunFailure(error)
    }
  }

  private static func isWhole(_ type: SafetensorsType) -> Bool {
    switch type {
    case .bool, .u8, .i8, .i16, .u16, .i32, .u32, .i64, .u64: true
    default: false
    }
  }

  private func missing(_ port: FlatPort, in graph: FlatGraph, prefix: String) -> Diagnostic {
    let wanted = renamed[port.name] ?? port.name
    let type = graph.values[port.value].type
    let present = names(under: prefix)
    let taken = Set(graph.inputs.map { renamed[$0.name] ?? $0.name })
    let free = present.filter { !taken.contains($0) && !$0.contains("/") }
    var diagnostic = Diagnostic(
      id: "missing-input",
      message: "the model wants `\(port.name)` \(type), but \(path) has no `\(prefix)\(wanted)`")
    if !present.isEmpty {
      let names = present.prefix(12).map { prefix + $0 }.joined(separator: ", ")
      diagnostic.facts = [.line("it has \(names)\(present.count > 12 ? ", …" : "")")]
    }
    let elsewhere = reader.entries.map(\.name).first { $0.hasSuffix("/" + wanted) }
    if let near = Nearest.match(wanted, in: free) ?? (free.count == 1 ? free.first : nil) {
      diagnostic.fixes = [
        FixIt(message: "say which tensor it is: --input \(port.name)=\(near)", effect: .none)
      ]
    } else if let elsewhere, prefix.isEmpty || !present.contains(wanted) {
      diagnostic.fixes = [
        FixIt(
          message: "say where it is: --prefix \(elsewhere.dropLast(wanted.count))", effect: .none)
      ]
    } else if !free.isEmpty {
      diagnostic.fixes = [
        FixIt(
          message: "say which tensor it is: --input \(port.name)=NAME, one of "
            + free.prefix(6).joined(separator: ", "), effect: .none)
      ]
    }
    return diagnostic
  }
}

/// Inputs that callers of Hugging Face's models may leave out.
enum ImpliedInputs {
  /// What such an input holds then, in every element; nil for one that must be given.
  static func value(of name: String) -> Int32? {
    switch name {
    case "attention_mask", "decoder_attention_mask": 1
    case "token_type_ids": 0
    default: nil
    }
  }
}

/// Indices from a file against the tables that they look up.
enum TableCheck {
  /// One finding for each input with an index that some table does not have.
  static func diagnostics<Scalar: KernelScalar>(
    of graph: FlatGraph, inputs: [String: NDArray<Scalar>]
  ) -> [Diagnostic] {
    let ports = Dictionary(
      graph.inputs.map { ($0.value, $0.name) }, uniquingKeysWith: { first, _ in first })
    var found: [String: Diagnostic] = [:]
    for node in graph.nodes where node.operation.name == "gather" && node.operands.count == 2 {
      guard let name = ports[node.operands[1]], found[name] == nil,
        let rows = graph.values[node.operands[0]].type.shape.first?.constant,
        let values = inputs[name]?.indices,
        let position = values.firstIndex(where: { Int($0) < 0 || Int($0) >= rows })
      else { continue }
      let scope = graph.path(of: node.scope)
      found[name] = Diagnostic(
        id: "index-out-of-range",
        message: "`\(name)` holds \(values[position]), but `\(scope)` has \(rows) rows",
        facts: [.line("element \(position) of \(values.count); 0 to \(rows - 1) are allowed")])
    }
    return found.keys.sorted().compactMap { found[$0] }
  }
}
