// HouseTests: rules of the house that the compiler does not check.
// A rule that nobody checks is soon a wish.
import Foundation
import Testing

@Suite struct HouseTests {
  /// The Swift files of the package, by their path below its root.
  static let files: [String] = ["Sources", "Tests"].flatMap { folder in
    (FileManager.default.enumerator(atPath: packagePath(folder))?.compactMap { $0 as? String } ?? [])
      .filter { $0.hasSuffix(".swift") }.map { "\(folder)/\($0)" }
  }.sorted()

  static func text(_ path: String) throws -> String {
    try String(contentsOfFile: packagePath(path), encoding: .utf8)
  }

  @Test("the repository has what a visitor looks for")
  func visitors() throws {
    #expect(try HouseTests.text("LICENSE").contains("Apache License"))
    #expect(try HouseTests.text("CHANGELOG.md").contains("## [Unreleased]"))
    #expect(FileManager.default.isExecutableFile(atPath: packagePath(".ci/run")))
  }

  @Test("a file begins with two lines that say what it holds and why it is apart")
  func headers() throws {
    #expect(HouseTests.files.count > 100)
    for file in HouseTests.files {
      let lines = try HouseTests.text(file).split(separator: "\n", maxSplits: 2)
      #expect(lines.prefix(2).allSatisfy { $0.hasPrefix("// ") }, "\(file)")
    }
  }

  @Test("a file has at most 700 lines")
  func lengths() throws {
    for file in HouseTests.files {
      let lines = try HouseTests.text(file).utf8.count { $0 == UInt8(ascii: "\n") }
      #expect(lines <= 700, "\(file) has \(lines)")
    }
  }

  @Test("a target imports only what Package.swift puts above it")
  func imports() throws {
    let manifest = try HouseTests.text("Package.swift")
    var allowed: [String: Set<String>] = [:]
    for match in manifest.matches(of: /Room\(\s*name: "(\w+)",\s*imports: \[([^\]]*)\]/) {
      let names = match.2.matches(of: /"(\w+)"/).map { String($0.1) }
      allowed[String(match.1)] = Set(names)
    }
    #expect(allowed.count >= 13)
    let rooms = Set(allowed.keys).union(["Architectures"])
    for file in HouseTests.files where file.hasPrefix("Sources/") {
      let room = String(file.split(separator: "/")[1])
      guard let above = allowed[room] else { continue }
      let lines = try HouseTests.text(file).utf8.split(separator: UInt8(ascii: "\n"))
      let imported = lines.filter { $0.starts(with: "import ".utf8) }.compactMap { line in
        Substring(line).dropFirst("import ".count).split(separator: " ").first.map(String.init)
      }
      let forbidden = Set(imported).intersection(rooms).subtracting(above).subtracting([room])
      #expect(forbidden.isEmpty, "\(file) imports \(forbidden.sorted())")
    }
  }

  @Test("nothing traps on purpose without a message, and nothing is silenced")
  func escapes() throws {
    let patterns = ["try" + "!", "fatal" + "Error(", "nonisolated(" + "unsafe)"]
    for file in HouseTests.files where file.hasPrefix("Sources/") {
      let text = try HouseTests.text(file)
      for pattern in patterns { #expect(!text.contains(pattern), "\(file): \(pattern)") }
    }
  }
}
