// StoryGenerator: simple English stories from a seed, as many bytes as a small model wants to read.
// Made on demand and the same on every machine, so that no text has to travel with the program.
import Execution

/// A source of stories that never ends.
///
/// Each story has a plot, which says in which order scenes come and in which words each may be told;
/// names, animals, things and places are drawn, and pronouns, articles and verbs agree with them.
package struct StoryGenerator: Sendable {
  private var bits: RandomBits
  /// The plots that are still to come before one comes again.
  private var upcoming: [Int] = []

  package init(seed: UInt64) {
    bits = RandomBits(seed: seed, name: "stories")
  }

  /// The next story: paragraphs of one line each, without an empty one.
  package mutating func story() -> String {
    let plots = StoryPlot.all
    if upcoming.isEmpty { upcoming = order(plots.count) }
    let plot = plots[upcoming.removeLast()]
    var world = StoryWorld(plot.things, &bits)
    var paragraphs: [StoryText] = [StoryText()]
    for scene in plot.scenes {
      if scene.isOptional, bits.below(2) == 0 { continue }
      // A paragraph that is long enough ends with its scene.
      if paragraphs[paragraphs.count - 1].count > 320 { paragraphs.append(StoryText()) }
      let template = scene.versions[bits.below(scene.versions.count)]
      paragraphs[paragraphs.count - 1].beginSentence()
      world.tell(template, into: &paragraphs[paragraphs.count - 1], &bits)
    }
    return paragraphs.map(\.string).joined(separator: "\n")
  }

  /// Stories with an empty line between them.
  ///
  /// - Parameters:
  ///   - bytes: how many there shall be; the last story is told to its end.
  ///   - seed: the same seed tells the same stories.
  /// - Returns: at least as many bytes, ending in a line feed.
  package static func text(bytes: Int, seed: UInt64) -> String {
    var generator = StoryGenerator(seed: seed)
    var text = ""
    while text.utf8.count < bytes {
      if !text.isEmpty { text += "\n" }
      text += generator.story() + "\n"
    }
    return text
  }

  /// The numbers below a count in a random order (Fisher and Yates).
  private mutating func order(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in order.indices.reversed() { order.swapAt(last, bits.below(last + 1)) }
    return order
  }
}

/// Text that knows where a sentence begins.
struct StoryText {
  private var bytes: [UInt8] = []
  private var isQuoted = false
  private var startsSentence = true

  var count: Int { bytes.count }
  var string: String { String(decoding: bytes, as: UTF8.self) }

  /// A space behind what stands there.
  mutating func beginSentence() {
    if !bytes.isEmpty { append(" ") }
    startsSentence = true
  }

  /// Adds a text; the first letter of a sentence, and of what somebody says, becomes a capital.
  mutating func append(_ text: String) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""):
        isQuoted.toggle()
        if isQuoted {
          // Behind a comma somebody goes on, or the words say where they begin.
          if bytes.suffix(2) != [UInt8(ascii: ","), UInt8(ascii: " ")] { startsSentence = true }
        } else if bytes.last != UInt8(ascii: ".") {
          // A question or a cry goes on with who says it.
          startsSentence = false
        }
        bytes.append(byte)
      case UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "?"):
        startsSentence = true
        bytes.append(byte)
      case UInt8(ascii: "a")...UInt8(ascii: "z") where startsSentence:
        startsSentence = false
        bytes.append(byte - 0x20)
      case UInt8(ascii: " "):
        bytes.append(byte)
      default:
        startsSentence = false
        bytes.append(byte)
      }
    }
  }
}
