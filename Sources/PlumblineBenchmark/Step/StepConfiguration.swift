// StepConfiguration: the three training steps that are timed, the same as the peer's.
// Each is a file of `models/` at one batch; the work is counted by one convention on both sides.

/// A training step of one size.
enum StepConfiguration: String, CaseIterable {
  case seed
  case char
  case small = "124M"

  /// The file in `models/`.
  var file: String {
    switch self {
    case .seed: "tinystories.model"
    case .char: "character-gpt.model"
    case .small: "gpt2.model"
    }
  }

  var batch: Int { self == .char ? 8 : 4 }

  var length: Int {
    switch self {
    case .seed: 512
    case .char: 256
    case .small: 64
    }
  }

  var tokens: Int { batch * length }

  var vocabulary: Int {
    switch self {
    case .seed: 10_000
    case .char: 96
    case .small: 50_257
    }
  }

  /// FLOPs of a step: `(6·(12·L·d² + V·d) + 12·L·T·d)·tokens`, not halved for the causal mask.
  var flops: Double {
    let (layers, width) =
      switch self {
      case .seed: (8, 128)
      case .char: (6, 384)
      case .small: (12, 768)
      }
    let weights = 12 * layers * width * width + vocabulary * width
    return Double((6 * weights + 12 * layers * length * width) * tokens)
  }

  /// What the step has to reach, and what it should.
  var wanted: (time: Wanted, megabytes: Wanted) {
    switch self {
    case .seed: (Wanted(most: 0.34, aim: 0.27), Wanted(most: 250, aim: 180))
    case .char: (Wanted(most: 0.80, aim: 0.72), Wanted(most: 450, aim: 400))
    case .small: (Wanted(most: 0.77, aim: 0.68), Wanted(most: 2_200, aim: 1_800))
    }
  }
}

/// Two bounds for a figure of which less is better.
struct Wanted {
  /// More than this is a failure.
  let most: Double
  let aim: Double

  /// The verdict in one word.
  func verdict(_ value: Double) -> String {
    value <= aim ? "aim reached" : value <= most ? "reached" : "MISSED"
  }
}
