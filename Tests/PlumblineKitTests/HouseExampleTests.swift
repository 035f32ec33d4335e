// HouseExampleTests: the worked examples of the documentation pages, as they stand there.
// An example that no longer works teaches the wrong thing.
import Architectures
import Foundation
import Interchange
import IR
import Language
import PlumblineKit
import Schedules
import Testing
import Training

@Suite struct HouseExampleTests {
  @Test("IR: a forward of one line, printed")
  func printing() throws {
    let loaded = Workspace.load(
      path: "twice.model",
      text: "model twice {\n  forward(x: [B, 8]) -> [B, 8] {\n    return x + x\n  }\n}\n")
    let program = try #require(loaded.model?.program)
    let text = program.text(of: try #require(program.entry))
    #expect(text.hasPrefix("function @0 of twice(%0 x: f32[B, 8]) {"))
    #expect(text.contains("add"))
  }

  @Test("Language: a file that imports nothing, parsed and elaborated")
  func elaborating() {
    var library = ModuleLibrary { _, _ in nil }
    let file = library.load(
      path: "small.model",
      text: "model small {\n  let h = repeat 3 linear(8, 8)\n"
        + "  forward(x: [B, 8]) -> [B, 8] {\n    return h(x)\n  }\n}\n")
    var elaborator = Elaborator(library: library)
    let (model, findings) = elaborator.elaborate(file: file)
    #expect(model?.program.definitions.count == 2)
    #expect(findings.isEmpty)
  }

  @Test("Schedules: a warm-up, then half a cosine wave")
  func scheduling() throws {
    let schedule = try Schedule(peak: 2e-4, [.warmup(200), .cosine(9_800, to: 2e-5)])
    #expect(schedule.rate(at: 100) == 1e-4)
    #expect(schedule.rate(at: 200) == 2e-4)
    #expect(schedule.rate(at: 10_000) == 2e-5)
    #expect(schedule.pieces(until: 10_000)?.map(\.trend) == [.rising, .falling])
    #expect(TrainingSettings(schedule: schedule).schedule?.rate(at: 100) == 1e-4)
    let line = "warmup 200 steps, then cosine to 2e-5 at step 10_000"
    let rates = try LearningRates(line, peak: 2e-4)
    #expect(rates.rates(201) == schedule.rates(201))
    #expect(rates.report(steps: 10_000).contains("proved: reaches the peak 2e-4 at step 200"))
    #expect(throws: LearningRates.Refusal.self) { try LearningRates("cosin to 0", peak: 1) }
  }

  @Test("Validation: a claim that is false by a bias")
  func claiming() {
    let loaded = Workspace.load(
      path: "claim.model",
      text: "model claim {\n  let h = linear(8, 8)\n  forward(x: [B, 8]) -> [B, 8] {\n"
        + "    return h(x)\n  }\n  expect parameters == 64\n}\n")
    #expect(
      loaded.diagnostics.map(\.message) == ["parameters of claim are 72, expected 64 (8 more)"])
  }

  @Test("Interchange: two numbers, written and read back")
  func exchanging() throws {
    let tensor = SafetensorsTensor(name: "weight", shape: [2], floats: [1, 2])
    let folder = try TemporaryFolder()
    let path = folder.path + "/two.safetensors"
    try SafetensorsWriter([tensor]).write(to: path)
    #expect(try SafetensorsReader(path: path).floats("weight") == [1, 2])
  }

  @Test("PlumblineKit: three layers, checked from a program")
  func checking() {
    let checked = Plumbline.check(
      "model small {\n  let h = repeat 3 linear(8, 8)\n"
        + "  forward(x: [B, 8]) -> [B, 8] {\n    return h(x)\n  }\n}\n")
    #expect(checked.isSound)
    #expect(checked.parameters == 216)
  }

  @Test("Architectures: GPT-2 travels with the program")
  func embedding() throws {
    let text = try #require(Architectures.file(named: "gpt2.model")?.text)
    #expect(text.hasPrefix("// GPT-2 (Radford et al. 2019)"))
  }

  @Test("every library target has a page, with an example and topics")
  func pages() throws {
    let manifest = try HouseTests.text("Package.swift")
    let rooms = manifest.matches(of: /Room\(\s*name: "(\w+)"/).map { String($0.1) }
    #expect(rooms.count >= 13)
    for room in rooms + ["Architectures"] {
      let page = try HouseTests.text("Sources/\(room)/\(room).docc/\(room).md")
      #expect(page.hasPrefix("# ``\(room)``\n"), "\(room)")
      #expect(page.contains("```swift\n") && page.contains("## Topics"), "\(room)")
    }
  }
}
