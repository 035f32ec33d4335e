// SyntaxDump: a syntax tree as text, without ranges and comments.
// Two files mean the same to the elaborator exactly when their dumps are equal.

/// Writes syntax trees as S-expressions.
package enum SyntaxDump {
  /// One line for each declaration.
  package static func text(of file: SyntaxFile) -> String {
    file.declarations.map { text(of: $0) + "\n" }.joined()
  }

  /// One declaration on one line.
  package static func text(of declaration: Declaration) -> String {
    switch declaration {
    case .importFile(let node): form("import", [quoted(node.path)])
    case .block(let node): form("block", block(node))
    case .adapter(let node):
      form("adapter", block(node.block) + [form("for", [node.base.text, node.baseType.text])])
    case .model(let node):
      form(
        "model", [node.name.text, optional("from", node.base?.text)] + node.members.map(member))
    case .train(let node): form("train", [node.model.text] + node.members.map(trainMember))
    }
  }

  private static func block(_ node: BlockDeclaration) -> [String] {
    let parameters = node.parameters.map { parameter in
      let value = parameter.defaultValue.map(text)
      return form(
        "parameter", [parameter.name.text, parameter.type.text, optional("default", value)])
    }
    let config = node.config == nil ? "" : "config"
    return [node.name.text, config, form("parameters", parameters)] + node.members.map(member)
  }

  static func form(_ head: String, _ parts: [String]) -> String {
    "(" + ([head] + parts.filter { !$0.isEmpty }).joined(separator: " ") + ")"
  }

  static func optional(_ head: String, _ text: String?) -> String {
    text.map { form(head, [$0]) } ?? ""
  }

  static func quoted(_ text: String) -> String { text.debugDescription }
}

// MARK: - Members

extension SyntaxDump {
  private static func member(_ member: Member) -> String {
    switch member {
    case .family(let value, _): form("family", [quoted(value)])
    case .dtype(let name, _): form("dtype", [name.text])
    case .config(let fields, _): form("config", fields.map(field))
    case .dim(let bounds, _): form("dim", bounds.map(bound))
    case .require(let condition, _): form("require", [text(of: condition)])
    case .binding(let node): form("let", [node.name.text, text(of: node.value)])
    case .parameter(let node):
      form(
        "param",
        [node.name.text, type(node.type), optional("by", node.initialiser.map(text))])
    case .conditional(let node):
      form(
        "if",
        [
          text(of: node.condition), form("then", node.then.map(self.member)),
          form("else", node.otherwise.map(self.member)),
        ])
    case .forward(let node):
      form(
        "forward",
        [
          form("inputs", node.inputs.map(item)), form("results", node.results.map(item)),
          code(node.body),
        ])
    case .expect(let node): expectation(node)
    case .freeze(let node, _): form("freeze", [selection(node)])
    case .policy(let node): policy(node)
    case .adapt(let node):
      form("adapt", [selection(node.selection), text(of: node.adapter)])
    }
  }

  private static func field(_ field: ConfigField) -> String {
    form(
      "field",
      [field.name.text, optional("type", field.type?.text), text(of: field.value)]
        + field.keys.map { quoted($0.text) } + (field.acceptsNone ? ["none"] : []))
  }

  private static func bound(_ bound: DimensionBound) -> String {
    switch bound.condition {
    case .none: bound.name.text
    case .comparison(let comparison, let value):
      form(comparison.rawValue, [bound.name.text, text(of: value)])
    case .within(let lower, let upper, let closed):
      form(closed ? "..." : "..<", [bound.name.text, text(of: lower), text(of: upper)])
    case .divisible(let divisor): form("divisible", [bound.name.text, text(of: divisor)])
    }
  }

  private static func item(_ item: SignatureItem) -> String {
    form("item", [item.name?.text ?? "_", type(item.type)])
  }

  private static func expectation(_ node: Expectation) -> String {
    let arguments = node.arguments.map { form("arguments", $0.map(argument)) } ?? ""
    return form(
      "expect",
      node.words.map(\.text) + [
        arguments, bindings(node.bindings), optional("of", node.subjectPath.map(path)),
        node.comparison.rawValue, text(of: node.value), optional("unit", node.unit?.text),
      ])
  }

  private static func selection(_ node: Selection) -> String {
    form(
      node.all ? "all" : "paths", node.paths.map(path) + [form("except", node.exceptions.map(path))]
    )
  }

  private static func trainMember(_ member: TrainMember) -> String {
    switch member {
    case .batch(let sizes, let accumulate, _):
      form("batch", [bindings(sizes), optional("accumulate", accumulate.map(text))])
    case .data(let amount, let unit, _): form("data", [text(of: amount), unit.text])
    case .length(let count, let unit, _): form("length", [text(of: count), unit.text])
    case .loss(let loss, _): form("loss", [text(of: loss)])
    case .optimizer(let optimizer, _): form("optimizer", [text(of: optimizer)])
    case .decay(let node, _): form("decay", [selection(node)])
    case .schedule(let phases, let convention, _):
      form("schedule", phases.map(phase) + [optional("as", convention?.text)])
    case .clip(let name, let bound, _): form("clip", [name.text, text(of: bound)])
    case .seed(let seed, _): form("seed", [text(of: seed)])
    case .precision(let name, let scaling, _):
      form(
        "precision",
        [name.text, optional("scaled", scaling.map { $0.factor.map(text) ?? "freely" })])
    case .device(let properties, _):
      form(
        "device",
        properties.map {
          form($0.name.text, [text(of: $0.value), optional("unit", $0.unit?.text)])
        })
    case .vary(let name, let values, _): form("vary", [name.text] + values.map(text))
    case .expect(let node): expectation(node)
    case .policy(let node): policy(node)
    }
  }

  private static func policy(_ node: FindingPolicy) -> String {
    form(node.keyword, [node.id.text, optional("as", node.severity?.text), node.reason.text])
  }

  private static func phase(_ phase: SchedulePhase) -> String {
    form(
      phase.kind.text,
      phase.arguments.map(argument) + [
        optional("steps", phase.length.map(text)), optional("from", phase.from.map(text)),
        optional("to", phase.to.map(text)), optional("at", phase.until.map(text)),
      ])
  }
}
