// The JSON of shape and count reports.
// The only file with Foundation, so that the reports stay plain Swift.
import Dimensions
import Foundation
import IR

/// A dimension in JSON: a number, or its formula.
private struct Size: Encodable {
  let dimension: Dimensions.Dimension

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let constant = dimension.constant {
      try container.encode(constant)
    } else {
      try container.encode(dimension.description)
    }
  }
}

private func sizes(_ type: TensorType) -> [Size] { type.shape.map(Size.init(dimension:)) }

private func document(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
}

private struct TotalsDocument: Encodable {
  let total: Int
  let trainable: Int
  let tiedApart: Int

  enum CodingKeys: String, CodingKey {
    case total, trainable
    case tiedApart = "tied_apart"
  }

  init(_ totals: ParameterLedger.Totals) {
    total = totals.total
    trainable = totals.trainable
    tiedApart = totals.tiedApart
  }
}

extension ShapeReport {
  private struct Document: Encodable {
    struct Row: Encodable {
      let path: String
      let block: String
      let inputs: [[Size]]
      let outputs: [[Size]]
      let parameters: Size
      let count: Size
      let tied: Bool
      let alias: String?
      let gradients: Gradients?
      let values: [Inner]?
    }

    struct Gradients: Encodable {
      let inputs: [[Size]?]
      let parameters: [Named]
    }

    struct Named: Encodable {
      let name: String
      let shape: [Size]
    }

    struct Inner: Encodable {
      let name: String?
      let operation: String
      let shape: [Size]
      let dtype: String
    }

    let model: String
    let rows: [Row]
    let parameters: TotalsDocument
    let flops: [String: Size]
  }

  /// The report as JSON: a row for each block and each way in which it is called.
  ///
  /// `parameters` are those of one instance, `count` is how many instances the path stands for.
  package func json() throws -> String {
    var flops: [String: Size] = [:]
    if let forward { flops["forward"] = Size(dimension: forward.flops) }
    if let backward { flops["backward"] = Size(dimension: backward.flops) }
    return try document(
      Document(
        model: program.name, rows: rows.flatMap { documents(of: $0) },
        parameters: TotalsDocument(totals), flops: flops))
  }

  private func documents(of row: Row) -> [Document.Row] {
    func make(_ signature: Signature?) -> Document.Row {
      let gradients = signature?.gradients.map { gradients in
        Document.Gradients(
          inputs: gradients.inputs.map { $0.map(sizes) },
          parameters: gradients.parameters.map {
            Document.Named(name: $0.name, shape: sizes($0.type))
          })
      }
      let values = signature?.values.map {
        Document.Inner(
          name: $0.name, operation: $0.operation, shape: sizes($0.type),
          dtype: $0.type.element.rawValue)
      }
      return Document.Row(
        path: (signature?.part ?? row.path).description, block: row.block,
        inputs: signature?.inputs.map { sizes($0.type) } ?? [],
        outputs: signature?.outputs.map { sizes($0.type) } ?? [],
        parameters: Size(dimension: row.parameters), count: Size(dimension: row.place.count),
        tied: row.isTied, alias: row.alias?.description, gradients: gradients,
        values: options.values ? values : nil)
    }
    return row.signatures.isEmpty ? [make(nil)] : row.signatures.map { make($0) }
  }
}

extension CountReport {
  private struct Document: Encodable {
    struct Tensor: Encodable {
      let name: String
      let shape: [Size]
      let dtype: String
      let trainable: Bool
      let tiedTo: String?

      enum CodingKeys: String, CodingKey {
        case name, shape, dtype, trainable
        case tiedTo = "tied_to"
      }

      func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(shape, forKey: .shape)
        try container.encode(dtype, forKey: .dtype)
        try container.encode(trainable, forKey: .trainable)
        // Written also when there is none, so that every tensor has the same keys.
        try container.encode(tiedTo, forKey: .tiedTo)
      }
    }

    struct Share: Encodable {
      let name: String
      let weights: Int
      let elements: Int
    }

    let model: String
    let parameters: TotalsDocument
    let formula: String
    let tensors: [Tensor]
    let by: String?
    let shares: [Share]?
  }

  /// The totals, every tensor under its unfolded name, and one division of the total if asked.
  ///
  /// - Throws: ``AnalysisError`` when there are more tensors than `limit`.
  package func json(
    by view: ParameterView? = nil, decay: DecayRule = .rank(atLeast: 2),
    limit: Int = ParameterLedger.tensorLimit
  ) throws -> String {
    let tensors = try ledger.tensors(limit: limit).map { tensor in
      Document.Tensor(
        name: tensor.name, shape: sizes(tensor.declaration.type),
        dtype: tensor.declaration.type.element.rawValue, trainable: tensor.declaration.trainable,
        tiedTo: tensor.tiedTo)
    }
    let shares = try view.map { view in
      try ledger.shares(by: view, decay: decay).map {
        Document.Share(name: $0.name, weights: $0.weights, elements: $0.elements)
      }
    }
    return try document(
      Document(
        model: ledger.program.name, parameters: TotalsDocument(ledger.totals),
        formula: ledger.formula.description, tensors: tensors, by: view?.rawValue,
        shares: shares))
  }
}
