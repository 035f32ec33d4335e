// Hostile input: large, deep, broken. The parser must be quick, must not crash, must not flood.
// Times are far above what is measured, so that a slow machine does not fail them.
import Diagnostics
import Language
import Testing

@Suite struct HostileInputTests {
  static let thousands = 10_000

  static func repeated(_ text: String, _ count: Int) -> String {
    String(repeating: text, count: count)
  }

  /// A name and a text; built on demand, because some are megabytes.
  struct Sample: Sendable, CustomTestStringConvertible {
    let name: String
    let text: @Sendable () -> String
    var most = 3
    var testDescription: String { name }
  }

  static let samples: [Sample] = [
    Sample(name: "nested parentheses") {
      "model m {\n let a = \(repeated("(", thousands))1\(repeated(")", thousands))\n}"
    },
    Sample(name: "open parentheses") { "model m {\n let a = \(repeated("(", 30_000))" },
    Sample(name: "nested brackets") { "model m {\n let a = \(repeated("[", 30_000))" },
    Sample(name: "nested calls") { "model m {\n let a = \(repeated("f(", 30_000))" },
    Sample(name: "nested member ifs") {
      "model m {\n\(repeated("if a {\n", thousands))\(repeated("}\n", thousands))}"
    },
    Sample(name: "open ifs") {
      "model m {\n forward(x: [B]) -> [B] {\n\(repeated("if a { ", thousands))"
    },
    Sample(name: "else-if chain") {
      "model m {\n forward() -> [B] {\n if a { }\(repeated(" else if a { }", thousands))\n}\n}"
    },
    Sample(name: "nested match") {
      "model m {\n let a = \(repeated("match s { else => ", thousands))1\(repeated("}", thousands))"
    },
    Sample(name: "sum") { "model m {\n let a = \(repeated("1 + ", 30_000))1\n}" },
    Sample(name: "signs") { "model m {\n let a = \(repeated("-", 30_000))1\n}" },
    Sample(name: "powers") { "model m {\n let a = \(repeated("1 ** ", 30_000))1\n}" },
    Sample(name: "members") { "model m {\n let a = x\(repeated(".y", 30_000))\n}" },
    Sample(name: "indices") { "model m {\n let a = x\(repeated("[0]", 30_000))\n}" },
    Sample(name: "axes") { "model m {\n let a = f(x : \(repeated("(", 30_000))" },
    Sample(name: "repeats") { "model m {\n let a = \(repeated("repeat 2 ", 30_000))f()\n}" },
    Sample(name: "one long line") { "model m {\n let a = [\(repeated("1, ", 350_000))1]\n}" },
    Sample(name: "one long path") { "model m {\n freeze \(repeated("a.", 30_000))b\n}" },
    Sample(name: "one long number") { "model m {\n let a = \(repeated("9", 1_000_000))\n}" },
    Sample(name: "opening braces") { repeated("{", 200_000) },
    Sample(name: "closing braces") { repeated("}", 200_000) },
    Sample(name: "comments") { repeated("// c\n", 50_000) },
    Sample(name: "commas") { "model m {\n let a = f(\(repeated(",", 30_000)))\n}" },
    Sample(
      name: "a hundred thousand errors",
      text: {
        "model m {\n\(repeated(" let = 3\n", 100_000))}"
      }, most: 101),
    Sample(
      name: "ten thousand declarations",
      text: {
        repeated("blok a() {}\n", thousands)
      }, most: 101),
    Sample(name: "nested blocks", text: { repeated("block a() {\n", thousands) }, most: 101),
    Sample(name: "signs without a meaning", text: { repeated("@ ", 100_000) }, most: 101),
    Sample(name: "quotes", text: { repeated("\"\n", 50_000) }, most: 101),
  ]

  @Test("large, deep and broken files", .timeLimit(.minutes(5)), arguments: samples)
  func survives(_ sample: Sample) {
    let parsed = Parsed(sample.text())
    #expect(parsed.diagnostics.count <= sample.most, "\(parsed.reports.prefix(5))")
    for diagnostic in parsed.diagnostics { #expect(diagnostic.message.count < 200) }
    // Walking the tree must be as safe as building it.
    _ = parsed.file.hashValue
    _ = SyntaxDump.text(of: parsed.file).count
  }

  @Test("ten megabytes of random bytes", .timeLimit(.minutes(5)))
  func garbage() {
    var random = SeededGenerator(seed: 1)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(10_000_000)
    for _ in 0..<100_000 {
      withUnsafeBytes(of: random.next()) { bytes.append(contentsOf: $0) }
    }
    while bytes.count < 10_000_000 { bytes += bytes }
    let parsed = Parsed(String(decoding: bytes, as: UTF8.self))
    #expect(parsed.diagnostics.count == 101)
  }

  @Test("an example cut off anywhere is reported, in bounds and without a flood")
  func truncation() throws {
    let text = try LanguageSamples.text(of: "gpt2-lora")
    let bytes = Array(text.utf8)
    for length in stride(from: 0, to: bytes.count, by: 5) {
      let parsed = Parsed(String(decoding: bytes.prefix(length), as: UTF8.self))
      #expect(parsed.diagnostics.count <= 3, "\(length): \(parsed.reports)")
      for range in parsed.diagnostics.compactMap(\.range) { #expect(range.upper <= length) }
    }
  }

  @Test("an example with random damage never crashes", arguments: 0..<60)
  func mutation(_ seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let names = LanguageSamples.names
    var bytes = try Array(LanguageSamples.text(of: names[seed % names.count]).utf8)
    let signs = Array("(){}[]:,=-+*\n\" .abc019/<>|é".utf8)
    for _ in 0..<(1 + seed % 12) {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<3, using: &random) {
      case 0: bytes.remove(at: place)
      case 1: bytes.insert(signs[Int.random(in: 0..<signs.count, using: &random)], at: place)
      default: bytes[place] = signs[Int.random(in: 0..<signs.count, using: &random)]
      }
    }
    let parsed = Parsed(String(decoding: bytes, as: UTF8.self))
    #expect(parsed.diagnostics.count < 40)
    for range in parsed.diagnostics.compactMap(\.range) { #expect(range.upper <= bytes.count + 40) }
  }
}
