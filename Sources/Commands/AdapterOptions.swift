// AdapterOptions: the options of `plumbline lora` as a description with places.
// Every value keeps the option that it came from, so that a finding can point at it.
import Diagnostics
import PlumblineKit
import Validation

/// What was asked about an adapter.
struct AdapterRequest {
  var description = AdapterDescription()
  var diagnostics: [Diagnostic] = []
  var claims: [AdapterClaim] = []
  var serving: AdapterDescription?
  /// True when nothing was said of an adapter, so that only a total is to be explained.
  var isEmpty = true
}

/// The options of one invocation.
struct AdapterOptions {
  static var all: [OptionSpecification] {
    [
      .set,
      OptionSpecification("rank", .integer("R"), summary: "the rank; 8 unless told"),
      OptionSpecification(
        "alpha", .text("ALPHA"), summary: "the scale is alpha / rank; 8 unless told"),
      OptionSpecification(
        "targets", .text("NAMES"), summary: "layers by the ends of their names, or `all-linear`"),
      OptionSpecification(
        "pattern", .text("REGEX"), summary: "layers by an expression for the whole name"),
      OptionSpecification("exclude", .text("NAMES"), summary: "layers to leave out"),
      OptionSpecification(
        "exclude-pattern", .text("REGEX"), summary: "layers to leave out, by expression"),
      OptionSpecification("save", .text("NAMES"), summary: "layers to train in full"),
      OptionSpecification("layers", .text("INDICES"), summary: "only these layers: `0,3` or `0-5`"),
      OptionSpecification("layers-pattern", .text("NAMES"), summary: "the list that they index"),
      OptionSpecification(
        "rank-pattern", .text("REGEX=R"), isRepeatable: true, summary: "another rank for layers"),
      OptionSpecification(
        "alpha-pattern", .text("REGEX=ALPHA"), isRepeatable: true,
        summary: "another alpha for layers"),
      OptionSpecification("rslora", summary: "scale by alpha / √rank"),
      OptionSpecification("dora", summary: "train magnitudes apart (DoRA)"),
      OptionSpecification("bias", .text("KIND"), summary: "`none`, `all` or `lora_only`"),
      OptionSpecification("lora-bias", summary: "give the adapter a bias of its own"),
      OptionSpecification(
        "fan-in-fan-out", .choice("BOOL", ["false", "true"]),
        summary: "whether weights are stored [in, out]"),
      OptionSpecification("config", .text("FILE"), summary: "read PEFT's adapter_config.json"),
      OptionSpecification(
        "serve", .text("FILE"), summary: "the adapter_config.json that the adapter is used with"),
      OptionSpecification(
        "expect-trainable", .text("N"), summary: "a stated count of trainable weights"),
      OptionSpecification("expect-total", .text("N"), summary: "a stated count of all weights"),
      OptionSpecification(
        "explain-total", .text("N"), summary: "search ranks and targets that give a stated total"),
      OptionSpecification("strict", summary: "let warnings fail too"),
      .reportFormat,
    ]
  }

  private let arguments: ParsedArguments
  private let invocation: Invocation

  init(_ invocation: Invocation) {
    self.invocation = invocation
    arguments = invocation.arguments
  }

  /// A count that was stated: digits, grouped by `_` or `,`.
  func stated(_ option: String) throws(CommandFailure) -> Int? {
    guard let text = arguments.value(option) else { return nil }
    guard let value = Int(text.filter { $0 != "_" && $0 != "," }), value > 0 else {
      throw .usage(UsageError("`--\(option)` needs a positive count, found `\(text)`"))
    }
    return value
  }

  /// The description, the claims and what was found wrong with the files.
  func request(in sources: inout SourceMap) throws(CommandFailure) -> AdapterRequest {
    var request = AdapterRequest()
    if let path = arguments.value("config") {
      let reader = try read(path, &sources)
      request.description = reader.description
      request.diagnostics = reader.diagnostics
      request.isEmpty = false
    }
    if let path = arguments.value("serve") {
      let reader = try read(path, &sources)
      request.serving = reader.description
      request.diagnostics += reader.diagnostics
    }
    let adapting = [
      "rank", "alpha", "targets", "pattern", "exclude", "exclude-pattern", "save", "layers",
      "layers-pattern", "rank-pattern", "alpha-pattern", "rslora", "dora", "bias", "lora-bias",
      "fan-in-fan-out", "expect-trainable", "expect-total",
    ]
    if adapting.contains(where: { arguments.has($0) }) { request.isEmpty = false }
    try apply(to: &request.description, &sources)
    for (option, quantity) in [
      ("expect-trainable", AdapterClaim.Quantity.trainable), ("expect-total", .all),
    ] {
      guard let value = try stated(option) else { continue }
      let place = place(option, &sources)
      request.claims.append(AdapterClaim(quantity, Placed(value, place)))
    }
    return request
  }

  private func read(
    _ path: String, _ sources: inout SourceMap
  ) throws(CommandFailure) -> AdapterConfigReader {
    do throws(UnreadableFile) {
      let text = try Workspace.read(path)
      return AdapterConfigReader(sources.add(path: path, text: text), in: sources)
    } catch {
      throw .unreadable(error)
    }
  }

  /// The whole value of an option as a place.
  private func place(
    _ option: String, _ sources: inout SourceMap, value: String? = nil
  ) -> SourceRange {
    let text = value ?? arguments.value(option) ?? ""
    let source = sources.add(path: "--\(option)", text: text)
    return SourceRange(source: source, lower: 0, upper: text.utf8.count)
  }

  /// The words between the commas of an option, each with its place.
  private func list(_ option: String, _ sources: inout SourceMap) -> [Placed<String>]? {
    guard let text = arguments.value(option) else { return nil }
    let whole = place(option, &sources)
    var lower = 0
    return text.split(separator: ",", omittingEmptySubsequences: false).compactMap { part in
      defer { lower += part.utf8.count + 1 }
      let word = part.drop { $0 == " " }
      let start = lower + part.utf8.count - word.utf8.count
      let trimmed = String(word.reversed().drop { $0 == " " }.reversed())
      guard !trimmed.isEmpty else { return nil }
      return Placed(
        trimmed,
        SourceRange(source: whole.source, lower: start, upper: start + trimmed.utf8.count))
    }
  }

  private func apply(
    to description: inout AdapterDescription, _ sources: inout SourceMap
  ) throws(CommandFailure) {
    if let rank = arguments.integer("rank") {
      description.rank = Placed(rank, place("rank", &sources))
    }
    if let text = arguments.value("alpha") {
      guard let alpha = Double(text), alpha.isFinite else {
        throw .usage(UsageError("`--alpha` needs a number, found `\(text)`"))
      }
      description.alpha = Placed(alpha, place("alpha", &sources))
    }
    try applyNames(to: &description, &sources)
    description.layers = try layers(&sources) ?? description.layers
    if let names = list("layers-pattern", &sources) { description.layersPattern = names }
    let ranks = try overrides("rank-pattern", { Int($0) }, &sources)
    if !ranks.isEmpty { description.rankPattern = ranks }
    let alphas = try overrides("alpha-pattern", { Double($0) }, &sources)
    if !alphas.isEmpty { description.alphaPattern = alphas }
    if arguments.has("rslora") {
      description.isRankStabilised = Placed(true, place("rslora", &sources, value: "--rslora"))
    }
    if arguments.has("dora") {
      description.isDoRA = Placed(true, place("dora", &sources, value: "--dora"))
    }
    if arguments.has("lora-bias") {
      description.addsBias = Placed(true, place("lora-bias", &sources, value: "--lora-bias"))
    }
    if let bias = arguments.value("bias") {
      description.bias = Placed(bias, place("bias", &sources))
    }
    if let flag = arguments.value("fan-in-fan-out") {
      description.fanInFanOut = Placed(flag == "true", place("fan-in-fan-out", &sources))
    }
  }

  private func applyNames(
    to description: inout AdapterDescription, _ sources: inout SourceMap
  ) throws(CommandFailure) {
    for (one, other) in [("targets", "pattern"), ("exclude", "exclude-pattern")]
    where arguments.has(one) && arguments.has(other) {
      throw .usage(UsageError("`--\(one)` and `--\(other)` say the same thing twice: choose one"))
    }
    if let text = arguments.value("targets"), text.lowercased() == "all-linear" {
      description.targets = .allLinear(place("targets", &sources))
    } else if let names = list("targets", &sources) {
      description.targets = .names(.suffixes(names))
    } else if let pattern = arguments.value("pattern") {
      description.targets =
        pattern.lowercased() == "all-linear"
        ? .allLinear(place("pattern", &sources))
        : .names(.pattern(Placed(pattern, place("pattern", &sources))))
    }
    if let names = list("exclude", &sources) {
      description.excluded = .suffixes(names)
    } else if let pattern = arguments.value("exclude-pattern") {
      description.excluded = .pattern(Placed(pattern, place("exclude-pattern", &sources)))
    }
    if let names = list("save", &sources) { description.saved = names }
  }

  /// `0,3` and `0-5`.
  private func layers(_ sources: inout SourceMap) throws(CommandFailure) -> [Placed<Int>]? {
    guard let words = list("layers", &sources) else { return nil }
    var layers: [Placed<Int>] = []
    for word in words {
      if let index = Int(word.value) {
        layers.append(Placed(index, word.range))
        continue
      }
      let ends = word.value.split(separator: "-").map { Int($0) }
      guard ends.count == 2, let lower = ends[0], let upper = ends[1], lower <= upper,
        upper - lower < 100_000
      else {
        throw .usage(
          UsageError("`--layers` needs indices such as 0,3 or 0-5, found `\(word.value)`"))
      }
      layers += (lower...upper).map { Placed($0, word.range) }
    }
    return layers
  }

  private func overrides<Value: Hashable & Sendable>(
    _ option: String, _ read: (Substring) -> Value?, _ sources: inout SourceMap
  ) throws(CommandFailure) -> [AdapterDescription.Override<Value>] {
    var overrides: [AdapterDescription.Override<Value>] = []
    for text in arguments.all(option) {
      guard let equals = text.lastIndex(of: "="), equals != text.startIndex,
        let value = read(text[text.index(after: equals)...])
      else {
        throw .usage(UsageError("`--\(option)` needs NAME=VALUE, found `\(text)`"))
      }
      let whole = place(option, &sources, value: text)
      let name = String(text[..<equals])
      overrides.append(
        AdapterDescription.Override(
          pattern: Placed(
            name, SourceRange(source: whole.source, lower: 0, upper: name.utf8.count)),
          value: Placed(
            value,
            SourceRange(
              source: whole.source, lower: name.utf8.count + 1, upper: text.utf8.count))))
    }
    return overrides
  }
}
