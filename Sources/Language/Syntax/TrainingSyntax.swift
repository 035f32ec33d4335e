// Expectations, selections of tensors, adaptation and the `train` section.
// Apart from the model's own syntax: a training plan never changes a shape.
import Diagnostics

/// `expect SUBJECT == VALUE [UNIT]`.
package struct Expectation: Hashable, Sendable {
  /// The words before the arguments: `["trainable", "parameters"]`, `["tokens", "per", "step"]`.
  package var words: [Name]
  /// `(encoder, decoder)`, `(forward, count: matmul, B = 1)`; `nil` without parentheses.
  package var arguments: [Argument]?
  /// `B = 1` among the arguments.
  package var bindings: [SizeBinding]
  /// `of decoder[0].cross` after the words.
  package var subjectPath: Path?
  package var comparison: BinaryOperator
  package var value: Expression
  /// The unit of the value, such as `bytes` or `steps`.
  package var unit: Name?
  /// From the first word to the end of the subject.
  package var subjectRange: SourceRange
  package var range: SourceRange

  package init(
    words: [Name], arguments: [Argument]?, bindings: [SizeBinding], subjectPath: Path?,
    comparison: BinaryOperator, value: Expression, unit: Name?, subjectRange: SourceRange,
    range: SourceRange
  ) {
    self.words = words
    self.arguments = arguments
    self.bindings = bindings
    self.subjectPath = subjectPath
    self.comparison = comparison
    self.value = value
    self.unit = unit
    self.subjectRange = subjectRange
    self.range = range
  }
}

/// `all except *.bias, *.ln_*.weight`, or a list of paths.
package struct Selection: Hashable, Sendable {
  /// True for `all`; then `paths` is empty.
  package var all: Bool
  package var paths: [Path]
  package var exceptions: [Path]
  package var range: SourceRange

  package init(all: Bool, paths: [Path], exceptions: [Path], range: SourceRange) {
    self.all = all
    self.paths = paths
    self.exceptions = exceptions
    self.range = range
  }
}

/// `adapt h[*].attn.c_attn, h[*].mlp.c_fc with lora(rank: 8, alpha: 16)`.
package struct AdaptMember: Hashable, Sendable {
  package var selection: Selection
  /// The call of the adapter.
  package var adapter: Expression
  package var range: SourceRange

  package init(selection: Selection, adapter: Expression, range: SourceRange) {
    self.selection = selection
    self.adapter = adapter
    self.range = range
  }
}

/// `train model { members }`.
package struct TrainDeclaration: Hashable, Sendable {
  package var model: Name
  package var members: [TrainMember]
  package var range: SourceRange

  package init(model: Name, members: [TrainMember], range: SourceRange) {
    self.model = model
    self.members = members
    self.range = range
  }
}

/// A line of the `train` section.
package enum TrainMember: Hashable, Sendable {
  /// `batch B = 8, T = 512, accumulate 4`
  case batch([SizeBinding], accumulate: Expression?, range: SourceRange)
  /// `data 65_000_000 tokens`, `data 2_000 examples`
  case data(Expression, unit: Name, range: SourceRange)
  /// `steps 10_000` or `epochs 5`
  case length(Expression, unit: Name, range: SourceRange)
  /// `loss cross_entropy(logits : b t [v], targets: i32[B, T])`
  case loss(Expression, range: SourceRange)
  /// `optimizer adamw(rate: 2e-4, …)`
  case optimizer(Expression, range: SourceRange)
  /// `decay all except *.bias`
  case decay(Selection, range: SourceRange)
  /// `schedule warmup 200 steps, then cosine to 2e-5 at step 10_000 as nanogpt`
  case schedule([SchedulePhase], convention: Name?, range: SourceRange)
  /// `clip global_norm 1.0`
  case clip(Name, Expression, range: SourceRange)
  /// `seed 1337`
  case seed(Expression, range: SourceRange)
  /// `precision f16 scaled by 65_536`, `precision bf16`
  case precision(Name, scaling: LossScaling?, range: SourceRange)
  /// `device memory 16 GiB, peak 312e12, mfu 0.4, count 8`
  case device([DeviceProperty], range: SourceRange)
  /// `vary rate = 1e-4, 3e-4, 1e-3`
  case vary(Name, [Expression], range: SourceRange)
  case expect(Expectation)
  /// `allow matrix-not-decayed because "…"`
  case policy(FindingPolicy)
}

/// `warmup 200 steps`, `cosine to 2e-5 at step 10_000`, `torch.StepLR(step_size: 30)`.
package struct SchedulePhase: Hashable, Sendable {
  /// One word, or a tool's name, a dot and the name of a schedule of it.
  package var kind: Name
  /// How long it lasts, as in `200 steps`.
  package var length: Expression?
  /// The rate that it starts at, as in `from 1e-6`.
  package var from: Expression?
  /// The rate that it ends at, as in `to 2e-5`.
  package var to: Expression?
  /// The step that it ends at, as in `at step 10_000`.
  package var until: Expression?
  /// `(power: 2)` after the kind.
  package var arguments: [Argument]
  package var range: SourceRange

  package init(
    kind: Name, length: Expression?, from: Expression?, to: Expression?, until: Expression?,
    arguments: [Argument], range: SourceRange
  ) {
    self.kind = kind
    self.length = length
    self.from = from
    self.to = to
    self.until = until
    self.arguments = arguments
    self.range = range
  }
}

/// `scaled by 65_536`, or `scaled` alone for a factor that whoever trains finds.
package struct LossScaling: Hashable, Sendable {
  package var factor: Expression?
  package var range: SourceRange

  package init(factor: Expression?, range: SourceRange) {
    self.factor = factor
    self.range = range
  }
}

/// `memory 16 GiB`, one of the properties of the machine that trains.
package struct DeviceProperty: Hashable, Sendable {
  package var name: Name
  package var value: Expression
  package var unit: Name?
  package var range: SourceRange

  package init(name: Name, value: Expression, unit: Name?, range: SourceRange) {
    self.name = name
    self.value = value
    self.unit = unit
    self.range = range
  }
}
