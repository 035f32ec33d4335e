// StoryTemplate: a few sentences with blanks, and the plots that are made of them.
// Plots are texts, so that whoever writes one sees how it will read.

/// Sentences with blanks.
///
/// `{A}` is a thing of the story, `{A.his}` one of its forms, `{#color}` any word of a list, `{@walk}`
/// any template of a list, and `[red|blue]` one of the words.
struct StoryTemplate: Sendable {
  indirect enum Part: Sendable {
    case text(String)
    case thing(name: String, form: String)
    case word(list: String)
    case fragment(list: String)
    case choice([[Part]])
  }

  let parts: [Part]

  init(_ text: String) {
    // Where the friend is told about, the friend is made known.
    let text = text.contains("{B.a}") ? text.replacing("{B}", with: "{B.name}") : text
    var rest = Substring(text)
    parts = Self.parts(&rest, until: [])
    guard rest.isEmpty else { preconditionFailure("`\(rest)` is left of `\(text)`") }
  }

  private static func parts(_ rest: inout Substring, until ends: [Character]) -> [Part] {
    var parts: [Part] = []
    while let next = rest.first, !ends.contains(next) {
      switch next {
      case "{":
        let name = rest.dropFirst().prefix { $0 != "}" }
        rest = rest.dropFirst(name.count + 2)
        parts.append(slot(name))
      case "[":
        var choices: [[Part]] = []
        repeat {
          rest = rest.dropFirst()
          choices.append(Self.parts(&rest, until: ["|", "]"]))
        } while rest.first == "|"
        rest = rest.dropFirst()
        parts.append(.choice(choices))
      default:
        let text = rest.prefix { $0 != "{" && $0 != "[" && !ends.contains($0) }
        rest = rest.dropFirst(text.count)
        parts.append(.text(String(text)))
      }
    }
    return parts
  }

  private static func slot(_ text: Substring) -> Part {
    switch text.first {
    case "#": return .word(list: String(text.dropFirst()))
    case "@": return .fragment(list: String(text.dropFirst()))
    default:
      let halves = text.split(separator: ".", maxSplits: 1).map(String.init)
      return .thing(name: halves.first ?? "", form: halves.dropFirst().first ?? "")
    }
  }
}

/// One step of a plot.
struct StoryScene: Sendable {
  /// Whether the story may do without it.
  var isOptional: Bool
  var versions: [StoryTemplate]
}

/// Who and what a story has, and its scenes in order.
struct StoryPlot: Sendable {
  /// The name of a thing, and the list that it is drawn from.
  let things: [(name: String, list: String)]
  let scenes: [StoryScene]

  /// Reads a plot.
  ///
  /// The first paragraph lists things as `x toy, p place`; every other is a scene, of which each line
  /// that begins with a dash is a version, and one with a question mark a version of an optional
  /// scene. Other lines go on with the one above.
  init(_ text: String) {
    var paragraphs = text.split(separator: "\n\n").map {
      $0.split(separator: "\n").map { String($0) }
    }
    let names = paragraphs.removeFirst().joined(separator: " ").split(separator: ",")
    things = names.map { entry in
      let words = entry.split(separator: " ").map(String.init)
      guard words.count == 2 else { preconditionFailure("`\(entry)` is no thing and list") }
      return (words[0], words[1])
    }
    scenes = paragraphs.map { lines in
      StoryScene(
        isOptional: lines.first?.hasPrefix("?") ?? false,
        versions: Self.versions(lines).map(StoryTemplate.init))
    }
  }

  /// The versions of a paragraph, each on one line.
  static func versions(_ lines: [String]) -> [String] {
    var versions: [String] = []
    for line in lines {
      if line.hasPrefix("- ") || line.hasPrefix("? ") {
        versions.append(String(line.dropFirst(2)))
      } else if versions.isEmpty {
        preconditionFailure("`\(line)` is no version of a scene")
      } else {
        versions[versions.count - 1] += " " + line.drop { $0 == " " }
      }
    }
    return versions
  }
}
