// CommandLineScheduleTests: `plumbline schedule`, as text, as JSON and as a picture.
// What is true of schedules is tested where they are; here only what a user sees.
import Commands
import Foundation
import Testing

@Suite struct CommandLineScheduleTests {
  private let plan = packagePath("models/tinystories.model")

  @Test("draws the rate, lists it, and decides what is true of the run")
  func text() {
    let outcome = plumbline("schedule", plan)
    #expect(outcome.status == .clean, "\(outcome.errors)")
    for part in [
      "tinystories: warmup → linear, counted as plumbline does",
      "peak 6e-4, floor 6e-5, 2,645 steps", "6e-4 ┤", "1,000", "⠀",
      "proved   reaches the peak 6e-4 at step 265",
      "refuted  1 update changes nothing, at a rate of zero: step 0",
      "proved from the closed forms: 2 pieces",
    ] {
      #expect(outcome.output.contains(part), "\(part) is missing from\n\(outcome.output)")
    }
    let widest = outcome.output.split(separator: "\n").filter { $0.contains("┤") }.map(\.count)
    #expect((widest.max() ?? 0) <= 90)
  }

  @Test("gives every rate and every verdict to machines")
  func json() throws {
    let outcome = plumbline("schedule", plan, "--format", "json", "--steps", "300")
    let root = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    let schedules = try #require((root as? [String: Any])?["schedules"] as? [[String: Any]])
    let schedule = try #require(schedules.first)
    let rates = try #require(schedule["rates"] as? [Double])
    #expect(rates.count == 300 && rates[0] == 0 && rates[265] == 6e-4)
    #expect(schedule["peak"] as? Double == 6e-4)
    let claims = try #require(schedule["claims"] as? [[String: Any]])
    #expect(
      claims.contains {
        $0["id"] as? String == "reaches-floor" && $0["verdict"] as? String == "refuted"
      })
  }

  @Test("compares conventions and schedules of the command line in one picture")
  func plot() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/rates.svg"
    let outcome = plumbline(
      "schedule", plan, "--as", "nanogpt", "--as", "transformers", "--with",
      "torch.OneCycleLR(max_lr: 1e-3, total_steps: 2_645)", "--plot", path)
    #expect(outcome.status == .clean, "\(outcome.errors)")
    let svg = try String(contentsOfFile: path, encoding: .utf8)
    #expect(
      try !FileManager.default.contentsOfDirectory(atPath: folder.path).contains {
        $0.hasPrefix(".")
      })
    for part in [
      ">tinystories as nanogpt<", ">tinystories as transformers<", ">step (optimiser update)<",
      ">learning rate<", ">6e-4<", ">2,000<",
    ] {
      #expect(svg.contains(part), "\(part) is missing")
    }
    #expect(svg.matches(of: /class="rate"/).count == 3)
    let parser = XMLParserProbe(svg)
    #expect(parser.isWellFormed)
  }

  @Test("says what is wrong instead of drawing")
  func faults() throws {
    #expect(plumbline("schedule", plan, "--steps", "0").status == .usage)
    #expect(plumbline("schedule", plan, "--as", "nanogtp").errors.contains("nanogpt"))
    let outcome = plumbline("schedule", plan, "--with", "cosin to 0 at step 9")
    #expect(outcome.status == .usage && outcome.errors.contains("did you mean `cosine`?"))
    let missing = plumbline("schedule", packagePath("models/gpt2-small.model"))
    #expect(missing.status == .usage && missing.errors.contains("no `train` section"))
    let folder = try TemporaryFolder()
    let refused = plumbline("schedule", plan, "--plot", folder.path + "/none/rates.svg")
    #expect(refused.status == .usage)
  }
}

/// Whether a document is well formed, by counting its elements.
private struct XMLParserProbe {
  let isWellFormed: Bool

  init(_ text: String) {
    var open: [Substring] = []
    var isSound = text.hasPrefix("<?xml")
    for match in text.matches(of: /<(\/?)([A-Za-z]+)[^<>]*?(\/?)>/) {
      if match.1 == "/" {
        isSound = isSound && open.popLast() == match.2
      } else if match.3.isEmpty {
        open.append(match.2)
      }
    }
    isWellFormed = isSound && open.isEmpty
  }
}
