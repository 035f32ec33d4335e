// MemoryReportTests: peaks, folded layers, tables and pictures of schedules that are written here.
// No model and no planner: every number can be added up by hand.
import Analysis
import Foundation
import Testing

#if canImport(FoundationXML)
import FoundationXML
#endif

@Suite struct MemoryReportTests {
  /// Two layers forward and backward, one update; the peak is at step 2.
  static let schedule = MemorySchedule(
    buffers: [
      .init("h.0.weight", .weights, bytes: 400),
      .init("h.1.weight", .weights, bytes: 400),
      .init("h.2.weight", .weights, bytes: 400),
      .init("moments", .optimiser, bytes: 2_400),
      .init("h.0.hidden", .kept, bytes: 1_000, lifetime: 0...3),
      .init("h.1.hidden", .kept, bytes: 2_000, lifetime: 1...2),
      .init("logits", .working, bytes: 5_000, lifetime: 2...2),
      .init("h.1.weight", .gradients, bytes: 400, lifetime: 2...4),
      .init("h.0.weight", .gradients, bytes: 400, lifetime: 3...4),
      .init("nothing", .workspace, bytes: 0, lifetime: 0...4),
    ],
    steps: [
      .init("affine", path: "h.0", phase: .forward),
      .init("affine", path: "h.1", phase: .forward),
      .init("cross_entropy", phase: .backward),
      .init("affine", path: "h.0", phase: .backward),
      .init("adamw", phase: .update),
    ],
    arenaBytes: 12_288)

  static let report = MemoryReport(
    model: "tiny", sizes: ["T": 4, "B": 2], threads: 2, notes: ["T is a small one"],
    schedule: schedule)

  @Test("the bytes at each step are those of the buffers alive there")
  func levels() {
    let levels = Self.schedule.levels
    #expect(levels[.weights] == [1_200, 1_200, 1_200, 1_200, 1_200])
    #expect(levels[.kept] == [1_000, 3_000, 3_000, 1_000, 0])
    #expect(levels[.gradients] == [0, 0, 400, 800, 800])
    #expect(levels[.workspace] == nil)
  }

  @Test("the peak is the step with the most bytes, and the table adds up to the arena")
  func peak() {
    let report = Self.report
    #expect(report.peakStep == 2)
    #expect(report.peakBytes == 1_200 + 2_400 + 3_000 + 5_000 + 400)
    #expect(report.rows.reduce(0) { $0 + $1.bytesAtPeak } == report.peakBytes)
    #expect(report.peakBytes + report.gapBytes == report.schedule.arenaBytes)
    #expect(report.rows.first { $0.use == .gradients }?.largestBytes == 800)
    #expect(report.rows.first { $0.use == .gradients }?.bytesAtPeak == 400)
  }

  @Test("layers that differ in their number are one line")
  func groups() {
    let groups = Self.report.alive.map { "\($0.path) × \($0.count) = \($0.bytes)" }
    #expect(
      groups == [
        "logits × 1 = 5000", "h[0..<2].hidden × 2 = 3000", "moments × 1 = 2400",
        "h[0..<3].weight × 3 = 1200", "h[1].weight × 1 = 400",
      ])
    let scattered = MemoryReport(
      model: "m", sizes: [:], threads: 1,
      schedule: MemorySchedule(
        buffers: [0, 2, 4, 9].map { .init("a.\($0).b.1.c", .kept, bytes: 1) }, steps: [],
        arenaBytes: 4))
    #expect(scattered.alive.map(\.path) == ["a[0, 2, 4, …].b[1].c"])
    #expect(scattered.peakStep == nil && scattered.peakBytes == 4)
  }

  @Test("the table names the sizes, the peak and every use")
  func text() {
    let text = Self.report.text
    #expect(text.hasPrefix("tiny at B = 2, T = 4: one training step on 2 threads, as planned\n"))
    #expect(text.contains("note: T is a small one"))
    #expect(text.contains("peak: cross_entropy, backward, operation 3 of 5"))
    #expect(text.contains("kept activations"))
    #expect(text.contains("12,288  12.288  12.000"))
  }

  @Test("the JSON has the promised keys, and all groups")
  func document() throws {
    let document = try json(Self.report.json())
    #expect(document["arena_bytes"] as? Int == 12_288)
    #expect(document["gap_bytes"] as? Int == 288)
    #expect(document["steps"] as? Int == 5)
    #expect(document["threads"] as? Int == 2)
    #expect((document["sizes"] as? [String: Int]) == ["B": 2, "T": 4])
    let peak = try #require(document["peak"] as? [String: Any])
    #expect(peak["bytes"] as? Int == 12_000 && peak["step"] as? Int == 2)
    #expect(peak["operation"] as? String == "cross_entropy")
    let uses = try #require(document["memory"] as? [[String: Any]])
    #expect(uses.map { $0["name"] as? String } == MemoryUse.allCases.map(\.rawValue))
    #expect((document["alive_at_peak"] as? [Any])?.count == 5)
  }

  /// What a parser sees in a picture.
  final class Seen: NSObject, XMLParserDelegate {
    var elements: [String: Int] = [:]
    var texts = ""
    var paths: [String] = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      elements[name, default: 0] += 1
      if name == "path" { paths.append(attributes["d"] ?? "") }
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) { texts += text }

    /// `nil` when the text is no well-formed XML.
    static func parsing(_ text: String) -> Seen? {
      let (seen, parser) = (Seen(), XMLParser(data: Data(text.utf8)))
      parser.delegate = seen
      return parser.parse() ? seen : nil
    }
  }

  @Test("the picture is well-formed XML with an area for each use, the passes and the peak")
  func picture() throws {
    let seen = try #require(Seen.parsing(MemoryPlot(Self.report).svg))
    #expect(seen.elements["path"] == 5)
    #expect(seen.elements["circle"] == 1)
    for word in ["forward", "backward", "update", "peak 12.000 kB at cross_entropy", "weights"] {
      #expect(seen.texts.contains(word), "\(word)")
    }
    // Steps, not slopes: what is alive between two operations is no average of theirs.
    #expect(seen.paths.allSatisfy { !$0.contains("L") })
  }

  @Test("names that XML would read as tags stay text", arguments: ["<&>\"", "\u{1}", "\u{FFFF}"])
  func hostileNames(_ name: String) throws {
    var schedule = Self.schedule
    schedule.steps[2].path = name
    let plot = MemoryPlot(
      MemoryReport(model: name + "x", sizes: [:], threads: 1, schedule: schedule))
    #expect(Seen.parsing(plot.svg) != nil)
  }

  @Test("updates between the operations of the backward pass are no bands of their own")
  func earlyUpdates() throws {
    let phases: [MemoryPhase] =
      [.forward, .forward] + (0..<40).flatMap { _ in [.backward, .update] } + [.update]
    let schedule = MemorySchedule(
      buffers: [.init("w", .weights, bytes: 1_000_000)],
      steps: phases.map { MemorySchedule.Step("add", phase: $0) }, arenaBytes: 1_000_000)
    let report = MemoryReport(model: "early", sizes: [:], threads: 1, notes: [], schedule: schedule)
    let svg = MemoryPlot(report).svg
    #expect(svg.components(separatedBy: #"class="phase""#).count - 1 == 3)
    #expect(svg.contains(">backward and updates</text>"))
  }

  @Test("a long schedule is drawn in fewer columns and keeps its peak")
  func longSchedule() throws {
    let steps = (0..<50_000).map { _ in MemorySchedule.Step("add", phase: .forward) }
    let buffers = steps.indices.map {
      MemorySchedule.Buffer("b", .working, bytes: $0 == 31_415 ? 900 : 100, lifetime: $0...$0)
    }
    let report = MemoryReport(
      model: "long", sizes: [:], threads: 1,
      schedule: MemorySchedule(buffers: buffers, steps: steps, arenaBytes: 1_000))
    #expect(report.peakStep == 31_415)
    let svg = MemoryPlot(report).svg
    #expect(svg.utf8.count < 100_000)
    let seen = try #require(Seen.parsing(svg))
    // Up to the peak and down again: the level changes there alone.
    #expect(seen.paths.first?.count { $0 == "V" } == 4)
  }

  @Test("nothing at all has a report and a picture")
  func empty() {
    let report = MemoryReport(
      model: "none", sizes: [:], threads: 1,
      schedule: MemorySchedule(buffers: [], steps: [], arenaBytes: 0))
    #expect(report.peakBytes == 0)
    #expect(report.text.contains("arena"))
    #expect(Seen.parsing(MemoryPlot(report).svg) != nil)
  }
}
