// The parser on what is right: every construct of the language, and the example files.
// What is wrong stands in ParserDiagnosticTests.
import Language
import Testing

@Suite struct ParserTests {
  @Test("the example files parse without a diagnostic", arguments: LanguageSamples.names)
  func examples(_ name: String) throws {
    let parsed = try Parsed(LanguageSamples.text(of: name))
    #expect(parsed.reports == [])
    #expect(!parsed.file.declarations.isEmpty)
  }
}
