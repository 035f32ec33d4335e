// The range, the keyword and the documentation of any declaration or member.
// Apart from the tree so that adding a kind of member shows here what else it needs.
import Diagnostics

extension Declaration {
  /// From the keyword to the closing brace.
  package var range: SourceRange {
    switch self {
    case .importFile(let node): node.range
    case .block(let node): node.range
    case .adapter(let node): node.block.range
    case .model(let node): node.range
    case .train(let node): node.range
    }
  }

  /// The lines that stand directly above, without their slashes.
  package var documentation: [String] {
    switch self {
    case .importFile, .train: []
    case .block(let node): node.documentation
    case .adapter(let node): node.block.documentation
    case .model(let node): node.documentation
    }
  }
}

extension Member {
  /// From the first to the last word.
  package var range: SourceRange {
    switch self {
    case .family(_, let range), .dtype(_, let range), .config(_, let range), .dim(_, let range),
      .require(_, let range), .freeze(_, let range):
      range
    case .binding(let node): node.range
    case .parameter(let node): node.range
    case .conditional(let node): node.range
    case .forward(let node): node.range
    case .expect(let node): node.range
    case .adapt(let node): node.range
    case .policy(let node): node.range
    }
  }

  /// The word at the start of a line that is a word and what it says.
  var keyword: String? {
    switch self {
    case .family: "family"
    case .dtype: "dtype"
    case .config: "config"
    case .dim: "dim"
    case .require: "require"
    case .freeze: "freeze"
    case .policy(let node): node.keyword
    default: nil
    }
  }

  /// Members of one group stand together when nobody has decided where blank lines are.
  var group: Int {
    switch self {
    case .family, .dtype, .config, .dim: 0
    case .require: 1
    case .binding, .parameter, .conditional: 2
    case .forward: 3
    case .freeze, .adapt: 4
    case .expect: 5
    case .policy: 6
    }
  }
}

extension TrainMember {
  /// From the first to the last word.
  package var range: SourceRange {
    switch self {
    case .batch(_, _, let range), .data(_, _, let range), .length(_, _, let range),
      .loss(_, let range), .optimizer(_, let range), .decay(_, let range),
      .schedule(_, _, let range), .clip(_, _, let range), .seed(_, let range),
      .precision(_, _, let range), .device(_, let range), .vary(_, _, let range):
      range
    case .expect(let node): node.range
    case .policy(let node): node.range
    }
  }

  /// The word at the start of the line.
  package var keyword: String {
    switch self {
    case .batch: "batch"
    case .data: "data"
    case .length(_, let unit, _): unit.text
    case .loss: "loss"
    case .optimizer: "optimizer"
    case .decay: "decay"
    case .schedule: "schedule"
    case .clip: "clip"
    case .seed: "seed"
    case .precision: "precision"
    case .device: "device"
    case .vary: "vary"
    case .expect: "expect"
    case .policy(let node): node.keyword
    }
  }
}
