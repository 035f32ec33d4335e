// SampleSession: the options of `plumbline sample`, and the text on its way to the terminal.
// Apart from the command's declaration, which is all that help needs.
import Execution
import Language
import PlumblineKit
import Training

/// What `plumbline sample` is asked for.
struct SampleRequest {
  let path: String
  let weights: String?
  let vocabulary: String?
  let text: String?
  let ids: [Int]?
  private(set) var writing = WritingOptions()
  private(set) var model = LanguageModelOptions()
  let wantsJSON: Bool

  /// - Throws: ``CommandFailure`` for options that say nothing sensible.
  init(_ invocation: Invocation) throws(CommandFailure) {
    let arguments = invocation.arguments
    path = arguments.operands.first ?? "-"
    weights = arguments.value("weights")
    vocabulary = arguments.value("vocabulary")
    text = arguments.value("prompt")
    ids = try arguments.value("ids").map { text throws(CommandFailure) in
      let parts = text.split(separator: ",", omittingEmptySubsequences: false)
      let ids = parts.compactMap { Int($0.filter { $0 != " " }) }
      guard ids.count == parts.count else {
        throw .usage(UsageError("`--ids` needs numbers such as 1,2,3, found `\(text)`"))
      }
      return ids
    }
    guard text == nil || ids == nil else {
      throw .usage(UsageError("`--prompt` and `--ids` both say how the text begins"))
    }
    wantsJSON = invocation.wantsJSON
    model.keepsRows = !arguments.has("no-cache")
    model.threads = try invocation.threads() ?? ProcessorCount.available()
    model.context = try Self.count(arguments, "context", least: 1)
    writing.tokens = try Self.count(arguments, "tokens", least: 0) ?? writing.tokens
    writing.samples = try Self.count(arguments, "samples", least: 1) ?? writing.samples
    writing.seed = UInt64(try Self.count(arguments, "seed", least: 0) ?? 0)
    writing.sampling.topK = try Self.count(arguments, "top-k", least: 1)
    if let temperature = try Self.number(arguments, "temperature") {
      guard temperature >= 0 else {
        throw .usage(UsageError("`--temperature` must be at least 0, found \(temperature)"))
      }
      writing.sampling.temperature = temperature
    }
    if let share = try Self.number(arguments, "top-p") {
      guard share > 0, share <= 1 else {
        throw .usage(UsageError("`--top-p` must be above 0 and at most 1, found \(share)"))
      }
      writing.sampling.topP = share
    }
    if arguments.has("greedy") {
      guard !arguments.has("temperature") || writing.sampling.temperature == 0 else {
        throw .usage(UsageError("`--greedy` takes the best, and `--temperature` chooses otherwise"))
      }
      writing.sampling.temperature = 0
    }
  }

  private static func number(
    _ arguments: ParsedArguments, _ option: String
  ) throws(CommandFailure) -> Double? {
    guard let text = arguments.value(option) else { return nil }
    guard let value = Double(text), value.isFinite else {
      throw .usage(UsageError("`--\(option)` needs a number, found `\(text)`"))
    }
    return value
  }

  private static func count(
    _ arguments: ParsedArguments, _ option: String, least: Int
  ) throws(CommandFailure) -> Int? {
    guard let value = arguments.integer(option) else { return nil }
    guard value >= least, value <= 1 << 40 else {
      throw .usage(UsageError("`--\(option)` must be at least \(least), found \(value)"))
    }
    return value
  }
}

/// One use of `plumbline sample`.
struct SampleSession {
  private let request: SampleRequest
  private let source: SampleSource
  private let surroundings: Surroundings

  init(_ request: SampleRequest, _ source: SampleSource, _ surroundings: Surroundings) {
    (self.request, self.source, self.surroundings) = (request, source, surroundings)
  }

  /// Writes all samples.
  ///
  /// - Throws: ``RunFailure`` when model, weights and prompt don't fit each other.
  func run(_ model: ElaboratedModel) throws(RunFailure) -> Outcome {
    var options = request.model
    options.weights = source.weights
    options.base = source.base
    // What is wrong with the prompt is said before the weights are read.
    let prompt: [Int]
    if let ids = request.ids {
      prompt = ids
    } else {
      prompt = try source.ids(of: request.text ?? "\n")
    }
    let ready = try LanguageModel(model, options)
    try source.check(prompt, classes: ready.classes)
    var report = SampleReport(
      model.program.name, source, prompt: prompt, request.writing, context: ready.context,
      keepsRows: options.keepsRows)
    // A model may have more classes than the text had symbols; nobody could read the others.
    var writing = request.writing
    writing.symbols = source.vocabulary?.count
    var writer = SampleWriter(ready, prompt: prompt, writing)
    var slides = 0
    for number in 0..<request.writing.samples {
      let sample: WrittenSample
      if request.wantsJSON {
        sample = try writer.write(number) { _ in }
      } else {
        sample = try show(number, prompt, &writer)
      }
      slides += sample.slides
      report.add(sample, source.vocabulary)
    }
    report.add(tokensPerSecond: writer.tokensPerSecond)
    if request.wantsJSON { return Outcome(output: report.json) }
    return Outcome(errors: summary(of: writer, ready, slides))
  }

  /// Writes one sample as text, or as ids, each as soon as it is there.
  private func show(
    _ number: Int, _ prompt: [Int], _ writer: inout SampleWriter
  ) throws(RunFailure) -> WrittenSample {
    if number > 0 { put("---------------\n") }
    var printer = TokenPrinter(source.vocabulary)
    put(prompt.map { printer.text(of: $0) }.joined())
    var last: Character?
    let sample = try writer.write(number) { token in
      let text = printer.text(of: token)
      last = text.last ?? last
      put(text)
    }
    let rest = printer.rest
    put(rest + ((rest.last ?? last) == "\n" ? "" : "\n"))
    return sample
  }

  private func put(_ text: String) {
    guard !text.isEmpty else { return }
    surroundings.announce(text)
  }

  private func summary(
    of writer: SampleWriter, _ model: LanguageModel, _ slides: Int
  ) -> String {
    var parts: [String] = []
    if let rate = writer.tokensPerSecond { parts.append("\(Self.short(rate)) tokens/s") }
    parts.append("prompt and first token in \(Self.short(writer.promptSeconds * 1000)) ms")
    parts.append(
      model.keptBytes > 0
        ? "\(Self.short(Double(model.keptBytes) / 1e6)) MB of keys and values kept"
        : "every row computed anew")
    if slides > 0 {
      parts.append(
        "the context of \(model.context) was full \(slides) time\(slides == 1 ? "" : "s"):"
          + " its last half was read anew")
    }
    return parts.joined(separator: ", ") + "\n"
  }

  /// Three digits that count.
  private static func short(_ value: Double) -> String {
    let places = value >= 100 ? 1.0 : value >= 10 ? 10.0 : 100.0
    let rounded = (value * places).rounded() / places
    return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
  }
}

/// Tokens as they are printed.
private struct TokenPrinter {
  private let vocabulary: Vocabulary?
  private var stream = TextStream()
  private var isFirst = true

  init(_ vocabulary: Vocabulary?) {
    self.vocabulary = vocabulary
  }

  mutating func text(of token: Int) -> String {
    guard let vocabulary else {
      defer { isFirst = false }
      return isFirst ? "\(token)" : " \(token)"
    }
    return stream.append(vocabulary.bytes(of: token))
  }

  /// What was held back.
  var rest: String {
    var stream = stream
    return stream.finish()
  }
}
