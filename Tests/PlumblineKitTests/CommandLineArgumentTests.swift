// CommandLineArgumentTests: what the tool makes of words, before any model is read.
// Apart from the commands because all of them share one parser and one page of help.
import Commands
import Execution
import Kernels
import Testing

@Suite struct CommandLineArgumentTests {
  @Test("without a command the tool prints its help and exits with 2")
  func nothing() {
    let outcome = plumbline()
    #expect(outcome.status == .usage)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("usage: plumbline COMMAND"))
  }

  @Test("the version names the tool, a number, a machine and its instruction set")
  func version() {
    let words = plumbline("--version").output.split(separator: " ")
    #expect(words.count == 4)
    #expect(words[0] == "plumbline" && words[1] == "0.1.0" && words[2].hasPrefix("("))
    let levels = KernelChoice.available.map { $0.level.rawValue }
    #expect(levels.last.map { words[3] == "\($0))\n" } == true)
  }

  @Test("a forced instruction set is shown, and one that does not exist exits with 2")
  func forcedLevel() {
    func version(_ word: String) -> Outcome {
      CommandLineTool.run(
        ["--version"], in: Surroundings(color: false, environment: ["PLUMBLINE_SIMD": word]) { "" })
    }
    #expect(version("baseline").output.hasSuffix(", baseline)\n"))
    let refused = version("mmx")
    #expect(refused.status == .usage && refused.output.isEmpty)
    #expect(refused.errors.contains("PLUMBLINE_SIMD is `mmx`"))
  }

  @Test("help lists every command, and every command has a page with an example that runs")
  func help() {
    let overview = plumbline("--help")
    #expect(overview.status == .clean)
    #expect(plumbline("help") == overview)
    for command in CommandLineTool.commands.map(\.specification) {
      #expect(overview.output.contains("  \(command.name) "))
      let page = plumbline("help", command.name)
      #expect(page.status == .clean)
      #expect(plumbline(command.name, "--help") == page)
      for option in command.options { #expect(page.output.contains(option.usage)) }
      let words = command.example.split(separator: " ").map(String.init)
      #expect(Array(words.prefix(2)) == ["plumbline", command.name])
      #expect(page.output.contains(command.example))
      #expect(throws: Never.self) { try ArgumentParser.parse(words.dropFirst(2), as: command) }
    }
  }

  @Test("help fits a terminal of 100 columns")
  func helpWidth() {
    let pages =
      [plumbline("--help")]
      + CommandLineTool.commands.map { plumbline("help", $0.specification.name) }
    for page in pages {
      // An example is one line, to be copied.
      for line in page.output.split(separator: "\n") where !line.hasPrefix("  plumbline ") {
        #expect(line.count <= 100, "\(line)")
      }
    }
  }

  @Test(
    "a misspelt word is met with the one that was probably meant",
    arguments: [
      (["chekc"], "`check`"), (["--verison"], "`--version`"), (["help", "shaeps"], "`shapes`"),
      (["check", "x", "--stirct"], "`--strict`"), (["check", "x", "-strict"], "`--strict`"),
      (["check", "x", "--format", "jsno"], "`json`"), (["count", "x", "--by=blokc"], "`block`"),
      (["explain", "liner"], "`linear`"), (["explain", "shape-mismach"], "`shape-mismatch`"),
    ])
  func nearMiss(_ words: [String], _ meant: String) {
    let outcome = CommandLineTool.run(words, in: plumblineSurroundings)
    #expect(outcome.status == .usage)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("did you mean \(meant)?"), "\(outcome.errors)")
  }

  @Test(
    "a command line that asks for nothing is refused with a reason",
    arguments: [
      (["check"], "needs FILE"), (["shapes", "a", "b"], "takes one FILE"),
      (["check", "a", "--strict=yes"], "takes no value"),
      (["check", "a", "--format"], "needs a value"), (["check", "--format", "--strict"], "value"),
      (["check", "a", "--set", "width"], "NAME=VALUE"),
      (["check", "a", "--set", "B=many"], "is a dimension"),
      (["check", "a", "--set", "B=-1"], "is a dimension"),
      (["shapes", "a", "--depth", "two"], "whole number"),
      (["shapes", "a", "--depth", "-1"], "number of levels"),
      (["check", "a", "--format", "text", "--format", "json"], "given twice"),
      (["count", "a", "--formula", "--by", "tie"], "choose one"),
      (["frobnicate"], "no command"),
    ])
  func refused(_ words: [String], _ reason: String) {
    let outcome = CommandLineTool.run(words, in: plumblineSurroundings)
    #expect(outcome.status == .usage)
    #expect(outcome.errors.hasPrefix("plumbline: "))
    #expect(outcome.errors.contains(reason), "\(outcome.errors)")
  }

  @Test("values follow an equals sign or a space, and `--` ends the options")
  func forms() throws {
    let command = try #require(
      CommandLineTool.commands.first { $0.specification.name == "check" })
    let parsed = try ArgumentParser.parse(
      ["--set=a=1", "x", "--set", "b=2", "-", "--", "--strict"], as: command.specification)
    #expect(parsed.operands == ["x", "-", "--strict"])
    #expect(parsed.all("set") == ["a=1", "b=2"])
    #expect(!parsed.has("strict"))
  }

  @Test("control characters of a command line do not reach the terminal")
  func hostile() {
    let outcome = plumbline("che\u{1B}[31mck")
    #expect(!outcome.errors.contains("\u{1B}"))
  }
}
