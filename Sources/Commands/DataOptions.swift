// DataOptions: how a command is told which data to read, and how.
// Apart from any command, so that all of them understand the same words.
import PlumblineKit
import Training

extension OptionSpecification {
  /// `--data PATH` and what says how it is read.
  static var data: [OptionSpecification] {
    [
      OptionSpecification(
        "data", .text("PATH"), summary: "a text, a .bin of ids, or a directory of train and val"),
      OptionSpecification(
        "data-format", .choice("FORMAT", CorpusRequest.Format.allCases.map(\.rawValue)),
        summary: "what the files hold; by their names unless told"),
      OptionSpecification(
        "level", .choice("LEVEL", Vocabulary.Level.allCases.map(\.rawValue)),
        summary: "what a symbol of a text is"),
      OptionSpecification(
        "tokens", .choice("WIDTH", TokenWidth.allCases.map(\.rawValue)),
        summary: "the width of the ids of a .bin"),
      OptionSpecification(
        "validation", .text("SHARE"),
        summary: "the end of a single file that is kept for validation, 0.1 unless given"),
      OptionSpecification(
        "order", .choice("ORDER", SampleOrder.allCases.map(\.rawValue)),
        summary: "random crops, whole epochs, or blocks as they stand"),
    ]
  }
}

extension Invocation {
  /// What the data options ask for; `nil` without `--data`.
  ///
  /// - Throws: ``CommandFailure`` for a share that is no share.
  func corpusRequest() throws(CommandFailure) -> CorpusRequest? {
    guard let path = arguments.value("data") else { return nil }
    var request = CorpusRequest(path: path)
    request.format =
      arguments.value("data-format").flatMap { CorpusRequest.Format(rawValue: $0) } ?? .automatic
    request.level =
      arguments.value("level").flatMap { Vocabulary.Level(rawValue: $0) } ?? .character
    request.width = arguments.value("tokens").flatMap { TokenWidth(rawValue: $0) }
    if let text = arguments.value("validation") {
      guard let share = Double(text), (0..<1).contains(share) else {
        throw .usage(UsageError("`--validation` needs a share from 0 to below 1, found `\(text)`"))
      }
      request.validationShare = share
    }
    return request
  }

  /// The order of blocks.
  var sampleOrder: SampleOrder {
    arguments.value("order").flatMap { SampleOrder(rawValue: $0) } ?? .crops
  }
}
