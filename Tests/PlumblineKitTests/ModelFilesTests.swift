// ModelFilesTests: the files of `models/`: embedded, sound, in the one layout; and the wrong claims.
// The numbers are in the files themselves, as claims; here it is shown that they are decided.
import Architectures
import Diagnostics
import Foundation
import Language
import PlumblineKit
import Testing

@Suite struct ModelFilesTests {
  static let names: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: packagePath("models"))) ?? [])
    .filter { $0.hasSuffix(".model") }.sorted()

  static func text(_ path: String) throws -> String {
    try String(contentsOfFile: packagePath(path), encoding: .utf8)
  }

  @Test("every file of the folder is embedded, as it stands there")
  func index() throws {
    #expect(ModelFilesTests.names.contains("gpt2.model"))
    #expect(Architectures.all.map(\.name).sorted() == ModelFilesTests.names)
    for model in Architectures.all {
      #expect(try model.text == ModelFilesTests.text("models/\(model.name)"))
    }
  }

  @Test("a model has no finding, and claims that hold", arguments: names)
  func sound(_ name: String) throws {
    let loaded = try Workspace.load(packagePath("models/\(name)"))
    let page = TerminalRenderer(color: false).render(loaded.diagnostics, in: loaded.sources)
    #expect(loaded.diagnostics.isEmpty, "\(page)")
    let model = try #require(loaded.model)
    let claims = model.expectations.count + (model.plan?.expectations.count ?? 0)
    #expect(claims > 0)
    #expect(loaded.heldExpectations == claims)
  }

  @Test("a model is in the layout of the formatter", arguments: names)
  func formatted(_ name: String) throws {
    let text = try ModelFilesTests.text("models/\(name)")
    var map = SourceMap()
    let source = map.add(path: name, text: text)
    let (syntax, diagnostics) = Parser.parse(source, in: map)
    #expect(diagnostics.isEmpty)
    #expect(Formatter.format(syntax, map) == text)
  }

  @Test("the slip of the encoder/decoder's report is found, and nothing else")
  func wrongClaim() throws {
    let loaded = try Workspace.load(packagePath("Fixtures/models/encoder-decoder-claim.model"))
    let found = try #require(loaded.diagnostics.first)
    #expect(loaded.diagnostics.map(\.id) == ["expectation-failed"])
    #expect(
      found.message == "parameters of decoder[0] are 7_617_024, expected 7_617_192 (168 less)")
    let page = TerminalRenderer(color: false).render(loaded.diagnostics, in: loaded.sources)
    #expect(page.contains("no single config value gives 7_617_192"))
    #expect(page.contains("524_800 + 262_656 + 525_312"))
  }

  @Test("8 heads keep every shape and break the claims, which know that 6 are meant")
  func wrongHeads() throws {
    let loaded = try Workspace.load(packagePath("Fixtures/models/encoder-decoder-heads.model"))
    #expect(!loaded.diagnostics.isEmpty)
    #expect(loaded.diagnostics.allSatisfy { $0.id == "expectation-failed" })
    let page = TerminalRenderer(color: false).render(loaded.diagnostics, in: loaded.sources)
    #expect(page.contains("parameters of decoder[0] are 9_715_712, expected 7_617_024"))
    #expect(page.contains("heads = 6 gives 7_617_024 exactly"))
  }

  @Test(
    "a wrong figure in a report's model is refuted",
    arguments: [
      ("encoder-decoder", "[32, 6, 4_096, 128]", "[32, 8, 4_096, 128]"),
      ("encoder-decoder", "== [B, 6, T, S]", "== [B, 6, S, S]"),
      ("encoder-decoder", "2_361_600", "2_359_296"),
      ("encoder-decoder", "87_731_712", "87_731_713"),
      ("tinystories", "198_272", "198_273"), ("tinystories", "2644.86", "2645.86"),
      ("tinystories", "== 21.7", "== 21.8"),
      ("tinystories", "rate(at: 265)", "rate(at: 264)"),
      ("tinystories-untied", "4_277_504", "2_997_504"),
      ("gpt2-lora", "== 294_912", "== 294_913"), ("character-gpt", "5e-4", "6e-4"),
    ])
  func refuted(_ name: String, _ right: String, _ wrong: String) throws {
    let text = try ModelFilesTests.text("models/\(name).model")
    try #require(text.contains(right))
    let loaded = Workspace.load(
      path: "models/\(name).model", text: text.replacing(right, with: wrong))
    #expect(loaded.hasErrors)
    #expect(Set(loaded.diagnostics.map(\.id)) == ["expectation-failed"])
  }
}
