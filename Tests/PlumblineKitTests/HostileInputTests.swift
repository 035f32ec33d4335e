// HostileInputTests: models that nobody would write in good faith, through the door users use.
// Each must end in a result or a diagnostic, soon and in little memory; the parser has its own.
import Diagnostics
import Foundation
import PlumblineKit
import Testing

@Suite struct HostileInputTests {
  /// A model and the finding that it must have: `nil` when it is merely strange, `*` for any error.
  struct Sample: Sendable, CustomTestStringConvertible {
    let name: String
    let finding: String?
    let text: @Sendable () -> String
    var testDescription: String { name }

    init(_ name: String, _ finding: String?, _ text: @escaping @Sendable () -> String) {
      self.name = name
      self.finding = finding
      self.text = text
    }
  }

  static func repeated(_ text: String, _ count: Int) -> String {
    String(repeating: text, count: count)
  }

  static func lines(_ range: Range<Int>, _ line: (Int) -> String) -> String {
    range.map(line).joined(separator: "\n")
  }

  /// A model with some members, and blocks before it.
  static func model(_ members: String, before: String = "") -> String {
    "\(before)\nmodel m {\n\(members)\n}\n"
  }

  static let identity = "forward(x: [B, 8]) -> [B, 8] {\n return x\n}"
  static let chained = "forward(x: [B, 8]) -> [B, 8] {\n return h(x)\n}"

  /// A repeat of a small layer.
  static func stack(_ count: String) -> String {
    model("let h = repeat \(count) linear(8, 8)\n\(chained)")
  }

  /// Blocks `b0`, `b1`, … each made of the one before, and a model of the last.
  static func tower(_ levels: Int, base: String, level: (Int) -> String) -> String {
    let blocks = lines(1..<levels) { "block b\($0)() {\n\(level($0 - 1))\n}" }
    return model(
      "let h = b\(levels - 1)()\n\(chained)", before: "block b0() {\n\(base)\n}\n\(blocks)")
  }

  /// Processor time that this thread has used, in seconds; unlike the clock it does not see others.
  static func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Checks a text: that takes seconds at most, even unoptimised, and its findings can be told.
  static func check(_ text: String) -> LoadedModel {
    let start = processorSeconds()
    let loaded = Workspace.load(path: "hostile.model", text: text)
    let page = TerminalRenderer(color: false).render(loaded.diagnostics, in: loaded.sources)
    #expect(page.isEmpty == loaded.diagnostics.isEmpty)
    let seconds = processorSeconds() - start
    #expect(seconds < 20)
    return loaded
  }

  static let all: [Sample] =
    counts + numbers + recursions + sizes + names + selections + shapes + plans

  @Test("nothing that can be written makes the check fail", arguments: all)
  func survives(_ sample: Sample) {
    let loaded = HostileInputTests.check(sample.text())
    if sample.finding == "*" {
      #expect(loaded.hasErrors)
    } else if let finding = sample.finding {
      #expect(
        loaded.diagnostics.contains { $0.id == finding }, "found \(loaded.diagnostics.map(\.id))")
    } else {
      #expect(!loaded.hasErrors, "\(loaded.diagnostics.first.map(\.message) ?? "")")
    }
    #expect(loaded.diagnostics.count <= 1_000)
  }

  @Test(
    "ten megabytes of anything", arguments: ["bytes", "letters"])
  func garbage(_ kind: String) {
    // A linear congruence is random enough, and quick without the optimiser.
    var state: UInt32 = 1
    var piece: [UInt8] = []
    for _ in 0..<100_000 {
      state = state &* 1_664_525 &+ 1_013_904_223
      let byte = UInt8(truncatingIfNeeded: state >> 16)
      piece.append(kind == "bytes" ? byte : 9 + byte % 118)
    }
    var bytes: [UInt8] = []
    for _ in 0..<100 { bytes += piece }
    let loaded = HostileInputTests.check(String(decoding: bytes, as: UTF8.self))
    #expect(loaded.hasErrors)
    #expect(loaded.diagnostics.count <= 1_000)
  }

  @Test("a file that imports itself, whatever it is called")
  func cyclicImports() throws {
    let folder = try TemporaryFolder()
    for path in ["self.model", "./self.model", "../self.model/../self.model"] {
      let text = "import \"\(path)\"\n" + HostileInputTests.model(HostileInputTests.identity)
      let loaded = try Workspace.load(folder.file("self.model", text))
      #expect(loaded.hasErrors)
      #expect(loaded.diagnostics.count == 1)
    }
    _ = try folder.file("b.model", "import \"a.model\"\nblock b() {\n}\n")
    let loaded = try Workspace.load(
      folder.file(
        "a.model", "import \"b.model\"\n" + HostileInputTests.model(HostileInputTests.identity)))
    #expect(loaded.diagnostics.map(\.id) == ["cyclic-import"])
  }

  @Test("an import of a device, a folder or nothing is a finding")
  func strangeImports() {
    for path in ["/dev/zero", "/", "", "\\u{0}", "nothing.model"] {
      let loaded = HostileInputTests.check(
        "import \"\(path)\"\n" + HostileInputTests.model(HostileInputTests.identity))
      #expect(loaded.hasErrors)
    }
  }
}
