// FutureIsVisible: a position that is to predict the next token can read it.
// What the loss asks for is read from the loss's own graph; what a position reads, from the forward.
import Diagnostics
import Dimensions
import IR

/// Predictions can read what they predict: the loss would fall to nearly 0 and nothing be learnt.
///
/// The rule proves from the graph which positions of an input each output position reads: a mask
/// counts when it compares positions along the two axes of the scores, wherever it is written. It
/// speaks when a position reads later ones and
/// the loss shifts labels by one, so that later tokens are what is predicted (error); or
/// some layer hides the future and another gives it away; or
/// the plan's loss grades every position over the whole vocabulary without `ignore`, so that no
/// input is held back from the model (warning). A masked language model marks the positions that
/// count with `ignore`, and stays silent.
/// Norms and means over the sequence are found in the same way as a forgotten mask.
///
/// - Example: softmax(scores : b h t [s]) under `loss next_token_loss(logits, …)`
/// - Remedy: Hide later keys, `softmax(mask_future(scores) : b h t [s])`, or give the loss `ignore`.
/// - Catalogue: A30, A25
enum FutureIsVisible: Rule {
  static let id = "future-is-visible"

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let graph = subject.graph, let loss = LossReading(subject) else { return [] }
    let tokens = graph.sites.lookups.reduce(into: Set<Int>()) { $0.formUnion($1.inputs) }
    var seen: Set<Int> = []
    for (position, output) in graph.outputs.enumerated() where loss.graded.contains(position) {
      for (input, dependence) in output.reads
      where dependence.reach == .all && !dependence.axes.isEmpty && tokens.contains(input) {
        seen.insert(input)
      }
    }
    guard let input = seen.min() else { return [] }
    let masks = graph.sites.attentions.contains(where: \.hidesFuture)
    let leak = graph.sites.leaks.first { $0.input == input }
    var facts: [String] = []
    let isProved = loss.isShifted
    if isProved {
      facts.append("the loss grades position t by the label of t + 1")
    } else if masks, !subject.hasSeveralSequences {
      facts.append("other layers hide later positions, so what they hide comes in here")
    } else if subject.plan != nil, loss.gradesEverything, !masks, tokens.count == 1,
      loss.classes == subject.vocabulary(of: input)
    {
      facts.append(
        "the loss grades every position over the \(loss.classes.map(subject.grouped) ?? "") tokens"
          + " of the vocabulary")
      facts.append("if the targets are the next tokens, each is among what is read")
    } else {
      return []
    }
    let name = subject.inputName(input)
    facts.insert("position t of the output reads `\(name)` at every position", at: 0)
    var result = finding(
      "`\(leak?.operation ?? "the model")` lets each position read the later ones of `\(name)`",
      at: leak?.site.range ?? subject.model.range, facts: facts)
    if isProved { result.severity = .error }
    return [result]
  }
}

extension RuleSubject {
  func inputName(_ position: Int) -> String {
    guard let entry = program.entry, program[entry].inputNames.indices.contains(position) else {
      return "input"
    }
    return program[entry].inputNames[position]
  }

  /// The rows of the table in which an input's tokens are looked up.
  func vocabulary(of input: Int) -> Int? {
    sites.lookups.first { $0.inputs == [input] }?.table.declaration.type.shape.first?.constant
  }

  /// Whether tokens of more than one length come in, as in an encoder/decoder.
  var hasSeveralSequences: Bool {
    guard let entry = program.entry else { return false }
    let tokens = sites.lookups.reduce(into: Set<Int>()) { $0.formUnion($1.inputs) }
    let lengths = tokens.compactMap { position -> Dimension? in
      guard program[entry].inputs.indices.contains(position) else { return nil }
      return program[entry].type(of: program[entry].inputs[position]).shape.last
    }
    return Set(lengths).count > 1
  }
}
