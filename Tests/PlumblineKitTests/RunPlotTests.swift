// RunPlotTests: pictures of runs, of every shape that a log can have.
// How they look was looked at; what can be counted is counted here.
import Analysis
import Foundation
import PlumblineKit
import Testing
import Training
import Validation

@Suite struct RunPlotTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// A log of falling losses with a noise that needs no randomness.
  private func log(
    _ name: String = "log.jsonl", steps: Int, lost: Set<Int> = [], validating each: Int = 10
  ) throws -> String {
    let lines = (0..<steps).map { step -> String in
      let noise = Double((step * 7919) % 101 - 50) / 250
      var line = RunLogLine(step: step, loss: 1 + 3 / (1 + Double(step) / 20) + noise)
      if lost.contains(step) { line.loss = .nan }
      line.rate = 1e-3 * Double(step + 1) / Double(steps)
      line.norm = 0.5 + noise
      if step % each == 0 { line.validation = 1.1 + 3 / (1 + Double(step) / 20) }
      return line.json + "\n"
    }
    return try folder.file(name, lines.joined())
  }

  private func svg(_ paths: [String]) throws -> String {
    let svg = try #require(RunPlot(try RunLogs(paths).logs).svg)
    // Numbers that are none would spoil the picture in some viewers only.
    #expect(svg.firstMatch(of: /[ "ML,](-?nan|-?inf)/) == nil)
    #expect(svg.hasPrefix("<?xml") && svg.hasSuffix("</svg>\n"))
    #expect(svg.count { $0 == "<" } == svg.count { $0 == ">" })
    return svg
  }

  private func count(_ text: String, in svg: String) -> Int { svg.ranges(of: text).count }

  @Test("one run: losses, rate and norm over one axis, the noise faint behind the mean")
  func one() throws {
    let svg = try svg([log(steps: 500)])
    for title in [">loss<", ">learning rate<", ">gradient norm<", ">train loss<", ">0<", ">500<"] {
      #expect(svg.contains(title), "\(title)")
    }
    #expect(count("class=\"curve\"", in: svg) == 4)
    #expect(count("class=\"noise\"", in: svg) == 2)
    #expect(count("class=\"point\"", in: svg) == 50)
    #expect(count("step (optimiser update)", in: svg) == 1)
  }

  @Test("several runs have a colour and a name each, and losses of three and more a panel each")
  func several() throws {
    for runs in [2, 3, 10, 12] {
      let paths = try (0..<runs).map { try log("run-\($0).jsonl", steps: 60) }
      let svg = try svg(paths)
      for index in 0..<runs { #expect(svg.contains(">run-\(index) ("), "\(index) of \(runs)") }
      #expect(count("class=\"curve\"", in: svg) == runs * 4)
      #expect(svg.contains(">validation loss</text>"))
      #expect(svg.contains(">loss</text>") == (runs == 2))
    }
  }

  @Test("a hundred thousand steps make no more lines than a picture shows")
  func long() throws {
    let svg = try svg([log(steps: 20_000, validating: 1_000)])
    #expect(svg.utf8.count < 300_000, "\(svg.utf8.count)")
    #expect(svg.contains(">20,000<"))
  }

  @Test("losses that are none leave a gap and a cross, and many of them one row")
  func lost() throws {
    let svg = try svg([log(steps: 200, lost: Set(100..<150), validating: 50)])
    #expect(svg.contains(">not a number<"))
    #expect((10...50).contains(count("class=\"lost\"", in: svg)))
    #expect(count("class=\"curve\"", in: svg) == 5)
  }

  @Test("logs with one line, one column or one value are drawn too")
  func small() throws {
    #expect(count("class=\"point\"", in: try svg([log(steps: 1)])) == 4)
    let level = try folder.file("level.csv", "step,loss\n" + (0..<9).map { "\($0),2.5\n" }.joined())
    #expect(try svg([level]).contains(">2.5<"))
    let rates = try folder.file("rates.csv", "step,lr\n0,0\n1,1e-3\n")
    #expect(try !svg([rates]).contains(">loss<"))
    let huge = try folder.file("huge.csv", "step,loss\n0,1e300\n1,1\n2,-1e12\n3,1e-300\n")
    _ = try svg([huge])
  }

  @Test("losses that fall far are drawn by powers of ten, or as they are told")
  func scales() throws {
    let text = (0..<60).map { "\($0),\(100.0 / Double(1 << ($0 / 4)))\n" }.joined()
    let logs = try RunLogs([folder.file("far.csv", "step,loss\n" + text)]).logs
    #expect(RunPlot(logs).svg?.contains("loss (log scale)") == true)
    #expect(RunPlot(logs, scaling: .linear).svg?.contains("log scale") == false)
    let scale = AxisScale(logarithmicFrom: 0.02, to: 30, ticks: 7)
    #expect(scale.ticks.map(scale.label) == ["0.03", "0.1", "0.3", "1", "3", "10", "30"])
    #expect(abs(scale.share((0.02 * 30).squareRoot()) - 0.5) < 1e-12)
    let even = AxisScale(from: 0.9, to: 4.3, ticks: 7)
    #expect(even.ticks.map(even.label) == ["1.0", "1.5", "2.0", "2.5", "3.0", "3.5", "4.0"])
    #expect(AxisScale(from: 0, to: 4_999, ticks: 8).completed.upper == 5_000)
  }

  @Test("names of files may be anything")
  func hostileNames() throws {
    let name = "a<b>&\"c\u{1B}[31m.jsonl"
    let svg = try svg([log(name, steps: 5), log("b.jsonl", steps: 5)])
    #expect(svg.contains("a&lt;b&gt;&amp;&quot;c"))
    #expect(!svg.contains("\u{1B}"))
  }

  @Test("names that are long or alike stay apart")
  func names() throws {
    let long = (1...3).map { "run with warm-up of 200 steps and a rate of 0.000\($0) and one seed" }
    let svg = try svg(long.map { try log("\($0).csv.jsonl", steps: 3) })
    for index in 1...3 { #expect(svg.contains(">… 0.000\(index) and one seed.csv (")) }
    let one = try log("log.jsonl", steps: 3)
    let twice = try self.svg([one, one])
    #expect(twice.contains(" #2 ("))
  }

  @Test("the command draws, prints, and says what it can't read")
  func command() throws {
    let path = try log(steps: 80)
    let picture = folder.path + "/loss.svg"
    #expect(plumbline("plot", path, "-o", picture).status == .clean)
    #expect(try folder.text(picture).contains("<svg"))
    // A folder of a run holds its log.
    #expect(plumbline("plot", folder.path, "--output", picture).status == .clean)
    let drawn = plumbline("plot", path)
    #expect(drawn.status == .clean && drawn.output.hasPrefix("train loss, smoothed, 1."))
    #expect(drawn.output.contains("┤") && drawn.output.contains("validation loss, "))
    let table = plumbline("plot", path, try log("other.jsonl", steps: 40))
    #expect(table.output.contains("other") && table.output.contains("█"))

    let empty = try folder.file("empty.jsonl", "")
    #expect(plumbline("plot", empty, "-o", picture).status == .findings)
    #expect(plumbline("plot", empty).output.contains("error[log-unreadable]"))
    let other = plumbline("plot", empty, path, "-o", picture)
    #expect(other.status == .clean && other.errors.contains("log-unreadable"))
    let lost = try folder.file("lost.csv", "step,loss\n0,nan\n1,nan\n")
    #expect(plumbline("plot", lost, "-o", picture).errors.contains("no log has a loss, a rate"))
    #expect(plumbline("plot", lost).status == .findings)
    #expect(plumbline("plot", folder.path + "/none.jsonl").status == .usage)
    #expect(plumbline("plot", path, "--smooth", "-1").status == .usage)
    #expect(plumbline("plot", path, "-o", "loss.png").errors.contains("`-o loss.svg`"))
    #expect(plumbline("plot", path, "-o", "/nowhere/x.svg").status == .usage)
  }
}
