// AdapterDescription: what a person says about a LoRA adapter, each value with its place.
// The fields and defaults are PEFT's `LoraConfig`; places let every finding point at its cause.
import Diagnostics

/// A value and where it was written.
package struct Placed<Value: Hashable & Sendable>: Hashable, Sendable {
  package var value: Value
  package var range: SourceRange?

  package init(_ value: Value, _ range: SourceRange? = nil) {
    self.value = value
    self.range = range
  }
}

/// A LoRA adapter as it is described.
package struct AdapterDescription: Hashable, Sendable {
  /// Names by suffix, or one regular expression for whole names.
  package enum Names: Hashable, Sendable {
    case suffixes([Placed<String>])
    case pattern(Placed<String>)
  }

  /// Which layers get an adapter.
  package enum Targets: Hashable, Sendable {
    case names(Names)
    /// Every linear layer but the head.
    case allLinear(SourceRange?)
    /// What PEFT takes for the family when nothing is said.
    case familyDefault
  }

  /// A value for layers whose name a pattern matches.
  package struct Override<Value: Hashable & Sendable>: Hashable, Sendable {
    package var pattern: Placed<String>
    package var value: Placed<Value>

    package init(pattern: Placed<String>, value: Placed<Value>) {
      self.pattern = pattern
      self.value = value
    }
  }

  package var targets: Targets = .familyDefault
  package var excluded: Names?
  package var rank = Placed(8)
  package var alpha = Placed(8.0)
  package var rankPattern: [Override<Int>] = []
  package var alphaPattern: [Override<Double>] = []
  package var saved: [Placed<String>] = []
  /// `layers_to_transform`; `nil` when nothing is said, which differs from an empty list.
  package var layers: [Placed<Int>]?
  package var layersPattern: [Placed<String>] = []
  package var bias = Placed("none")
  package var isRankStabilised = Placed(false)
  package var isDoRA = Placed(false)
  /// `lora_bias`: the adapter has a bias of its own.
  package var addsBias = Placed(false)
  /// `nil` when nothing is said; PEFT then takes false and corrects it with a warning.
  package var fanInFanOut: Placed<Bool>?
  /// Fields that change what is counted and that are not read.
  package var unread: [Placed<String>] = []

  package init() {}

  /// `alpha / r`, or `alpha / √r` when rank-stabilised.
  package func scaling(alpha: Double, rank: Int) -> Double {
    isRankStabilised.value ? alpha / Double(rank).squareRoot() : alpha / Double(rank)
  }

  /// The targets as PEFT prints them; the order of a set in Python is open.
  package var targetText: String {
    switch targets {
    case .names(.pattern(let pattern)): return pattern.value
    case .names(.suffixes(let names)):
      let unique = names.map(\.value).uniqued()
      return unique.isEmpty
        ? "set()" : "{" + unique.map(PythonText.quoted).joined(separator: ", ") + "}"
    case .allLinear: return "all-linear"
    case .familyDefault: return "None"
    }
  }
}

/// Values as Python prints them.
enum PythonText {
  /// `repr` of a text, for names without control characters.
  static func quoted(_ text: String) -> String {
    let sign = text.contains("'") && !text.contains("\"") ? "\"" : "'"
    var result = sign
    for character in text {
      if character == "\\" || String(character) == sign { result += "\\" }
      result.append(character)
    }
    return result + sign
  }
}

extension Array where Element: Hashable {
  /// Each element once, at its first place.
  func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
