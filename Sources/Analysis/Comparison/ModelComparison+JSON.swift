// ModelComparison+JSON: the comparison for programs.
// Apart from the text, because names here are promised and words there are not.
import Foundation

extension ModelComparison {
  private struct Document: Encodable {
    struct Side: Encodable {
      let path: String
      let model: String
      let family: String?
      let parameters: Int
      let flops: Int?

      init(_ side: ModelComparison.Side) {
        path = side.path
        model = side.name
        family = side.family
        parameters = side.parameters
        flops = side.flops
      }
    }

    struct Field: Encodable {
      let name: String
      let key: String?
      let first: String?
      let second: String?
      let firstIsDefault: Bool
      let secondIsDefault: Bool
      let follows: Bool

      enum CodingKeys: String, CodingKey {
        case name, key, first, second, follows
        case firstIsDefault = "first_is_default"
        case secondIsDefault = "second_is_default"
      }
    }

    struct Key: Encodable {
      let key: String
      let first: String
      let second: String
    }

    struct Weight: Encodable {
      let name: String
      let first: String?
      let second: String?
    }

    struct Block: Encodable {
      let change: String
      let first: String?
      let second: String?
      let firstBlock: String?
      let secondBlock: String?
      let weights: [Weight]
      let dropped: [String]
      let gained: [String]
      let parameters: Int
      let flops: Int

      enum CodingKeys: String, CodingKey {
        case change, first, second, weights, dropped, gained, parameters, flops
        case firstBlock = "first_block"
        case secondBlock = "second_block"
      }
    }

    struct Cost: Encodable {
      let label: String
      let parameters: Int
      let flops: Int?

      init(_ cost: ModelComparison.Cost) {
        label = cost.label
        parameters = cost.parameters
        flops = cost.flops
      }
    }

    struct Tensor: Encodable {
      let name: String
      let count: Int
      let first: String?
      let second: String?
    }

    let same: Bool
    let first: Side
    let second: Side
    let sizes: [String: Int]
    let config: [Field]
    let unreadKeys: [Key]
    let blocks: [Block]
    let tensors: [Tensor]
    let division: String
    let costs: [Cost]
    let total: Cost

    enum CodingKeys: String, CodingKey {
      case same, first, second, sizes, config, blocks, tensors, division, costs, total
      case unreadKeys = "unread_keys"
    }
  }

  /// The comparison as JSON; `costs` sum to `total`.
  package func json() throws -> String {
    let document = Document(
      same: isSame, first: Document.Side(first), second: Document.Side(second),
      sizes: Dictionary(uniqueKeysWithValues: sizes.map { ($0.key.name, $0.value) }),
      config: fields.map { field in
        Document.Field(
          name: field.name, key: field.key, first: field.first?.text, second: field.second?.text,
          firstIsDefault: field.first?.isDefault ?? true,
          secondIsDefault: field.second?.isDefault ?? true, follows: field.follows)
      },
      unreadKeys: keys.map { Document.Key(key: $0.key, first: $0.first, second: $0.second) },
      blocks: blocks.rows.filter(\.differs).map { row in
        Document.Block(
          change: row.change.rawValue, first: row.firstPath, second: row.secondPath,
          firstBlock: row.firstBlock, secondBlock: row.secondBlock,
          weights: row.weights.map {
            Document.Weight(name: $0.name, first: $0.first, second: $0.second)
          }, dropped: row.dropped, gained: row.gained, parameters: row.ownParameters,
          flops: row.ownFlops)
      },
      tensors: (tensors?.rows ?? []).map { row in
        Document.Tensor(name: row.name, count: row.count, first: row.first, second: row.second)
      }, division: division.rawValue, costs: costs.map(Document.Cost.init),
      total: Document.Cost(total))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
  }
}
