// SARIFLog: the part of SARIF 2.1.0 that a static checker fills in, as encodable values.
// Property names are the standard's. Source: OASIS SARIF 2.1.0, errata 01.

/// A log with one run.
struct SARIFLog: Encodable {
  let schema = "https://json.schemastore.org/sarif-2.1.0.json"
  let version = "2.1.0"
  let runs: [Run]

  enum CodingKeys: String, CodingKey {
    case schema = "$schema"
    case version, runs
  }

  struct Run: Encodable {
    let tool: Tool
    let columnKind = "unicodeCodePoints"
    let results: [Result]
  }

  struct Tool: Encodable {
    let driver: Driver
  }

  struct Driver: Encodable {
    let name: String
    let version: String?
    let rules: [Rule]
  }

  struct Rule: Encodable {
    let id: String
    let shortDescription: Message
  }

  struct Message: Encodable {
    let text: String
  }

  struct Result: Encodable {
    let ruleId: String
    let ruleIndex: Int
    let level: String
    let message: Message
    let locations: [Place]
    let relatedLocations: [Place]
    let fixes: [Fix]

    enum CodingKeys: CodingKey {
      case ruleId, ruleIndex, level, message, locations, relatedLocations, fixes
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(ruleId, forKey: .ruleId)
      try container.encode(ruleIndex, forKey: .ruleIndex)
      try container.encode(level, forKey: .level)
      try container.encode(message, forKey: .message)
      try container.encode(locations, forKey: .locations)
      if !relatedLocations.isEmpty {
        try container.encode(relatedLocations, forKey: .relatedLocations)
      }
      if !fixes.isEmpty { try container.encode(fixes, forKey: .fixes) }
    }
  }

  struct Place: Encodable {
    let id: Int?
    let message: Message?
    let physicalLocation: PhysicalLocation
  }

  struct PhysicalLocation: Encodable {
    let artifactLocation: ArtifactLocation
    let region: Region
  }

  struct ArtifactLocation: Encodable, Hashable {
    let uri: String
  }

  struct Region: Encodable {
    let startLine: Int
    let startColumn: Int
    let endLine: Int
    let endColumn: Int
  }

  struct Fix: Encodable {
    let description: Message
    let artifactChanges: [ArtifactChange]
  }

  struct ArtifactChange: Encodable {
    let artifactLocation: ArtifactLocation
    let replacements: [Replacement]
  }

  struct Replacement: Encodable {
    let deletedRegion: Region
    let insertedContent: Message
  }
}
