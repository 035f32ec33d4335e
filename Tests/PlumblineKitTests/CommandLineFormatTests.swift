// CommandLineFormatTests: `plumbline format`, which writes into users' files.
// So most of this is about what it must not write.
import Commands
import Foundation
import Testing

@Suite struct CommandLineFormatTests {
  private let untidy = SampleModel.sound.replacingOccurrences(
    of: "  let proj", with: "      let proj")

  @Test("standard input goes to standard output")
  func stream() {
    #expect(plumbline("format", "-", input: untidy) == Outcome(output: SampleModel.sound))
  }

  @Test("a file is rewritten in place, once, and keeps its permissions")
  func inPlace() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("a.model", untidy)
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file)
    #expect(plumbline("format", file) == Outcome(output: "formatted \(file)\n"))
    #expect(try folder.text(file) == SampleModel.sound)
    #expect(plumbline("format", file) == Outcome())
    let attributes = try FileManager.default.attributesOfItem(atPath: file)
    #expect(attributes[.posixPermissions] as? Int == 0o640)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.model"])
  }

  @Test("a link stays a link")
  func links() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("a.model", untidy)
    let link = folder.path + "/b.model"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
    #expect(plumbline("format", link).status == .clean)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == file)
    #expect(try folder.text(file) == SampleModel.sound)
  }

  @Test("--check lists what would change, writes nothing and exits with 1")
  func check() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("a.model", untidy)
    let tidy = try folder.file("b.model", SampleModel.sound)
    #expect(
      plumbline("format", "--check", file, tidy) == Outcome(.findings, output: "\(file)\n"))
    #expect(try folder.text(file) == untidy)
    #expect(plumbline("format", "--check", tidy) == Outcome())
  }

  @Test("a file with syntax errors is left alone")
  func syntaxErrors() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("a.model", SampleModel.unparsable)
    let outcome = plumbline("format", file)
    #expect(outcome.status == .findings)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("error[missing-expression]"))
    #expect(try folder.text(file) == SampleModel.unparsable)
  }

  @Test("bytes that are not UTF-8 are left alone")
  func notText() throws {
    let folder = try TemporaryFolder()
    let file = folder.path + "/a.model"
    let bytes = Data("// \u{E9}\n".unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
    try bytes.write(to: URL(fileURLWithPath: file))
    #expect(plumbline("format", file).status == .usage)
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == bytes)
  }
}
