// StoriesCommand: `plumbline stories`, a text for a small model to learn to write.
// The stories are made in Training; this says how many and where they go.
import Analysis
import PlumblineKit
import Training

extension Command {
  /// `plumbline stories`.
  static var stories: Command {
    Command(
      CommandSpecification(
        name: "stories", summary: "Tell simple stories, a text for a small model to learn from",
        options: [
          OptionSpecification(
            "bytes", .text("N"), summary: "how long the text is, 1_000_000 unless given"),
          OptionSpecification(
            "seed", .integer("N"), summary: "the same seed tells the same stories, 1 unless given"),
          OptionSpecification(
            "output", .text("FILE.txt"), letter: "o",
            summary: "where the text goes; standard output unless given"),
        ],
        details: [
          "The text is the same on every machine. An empty line stands between two stories, and the",
          "last one is told to its end.",
        ],
        example: "plumbline stories --bytes 2_000 --seed 1")
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      let bytes = try invocation.bytes()
      let seed = invocation.arguments.integer("seed") ?? 1
      let text = StoryGenerator.text(bytes: bytes, seed: UInt64(bitPattern: Int64(seed)))
      guard let path = invocation.arguments.value("output") else { return Outcome(output: text) }
      do throws(UnreadableFile) {
        try Workspace.write(text, to: path)
      } catch {
        throw .unreadable(error)
      }
      return Outcome(output: "\(path): \(Figures.grouped(text.utf8.count)) bytes of stories\n")
    }
  }
}

extension Invocation {
  /// The value of `--bytes`, with or without underscores.
  fileprivate func bytes() throws(CommandFailure) -> Int {
    let text = arguments.value("bytes") ?? "1_000_000"
    let most = 1 << 30
    guard let bytes = Int(text.replacing("_", with: "")), (1...most).contains(bytes) else {
      throw .usage(UsageError("`--bytes` needs a number from 1 to \(most), found `\(text)`"))
    }
    return bytes
  }
}
