// LabelMaskingTests: labels that are left out of the loss, in one batch and over micro-batches.
// One batch of 2N rows must be two of N, however many labels of each count, on every kind of data.
import Foundation
import Interchange
import PlumblineKit
import Testing
import Training

@Suite struct LabelMaskingTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Rows of eight tokens with their labels: the first row keeps all, the last keeps one.
  private static let rows = (0..<8).map { row -> (tokens: [Int32], labels: [Int32]) in
    let tokens = (0..<9).map { Int32((row * 11 + $0 * (row + 3)) % 32) }
    let kept = [8, 7, 8, 1, 8, 8, 2, 1][row]
    return (
      Array(tokens.prefix(8)),
      tokens.dropFirst().enumerated().map { $0.offset < 8 - kept ? -100 : $0.element }
    )
  }

  /// The rows in batches of so many, by name.
  private func batches(of size: Int, masked: Set<Int> = []) throws -> String {
    var tensors: [SafetensorsTensor] = []
    for start in stride(from: 0, to: Self.rows.count, by: size) {
      let own = Self.rows[start..<start + size]
      let labels = own.flatMap(\.labels)
      tensors += [
        SafetensorsTensor(
          name: "batch\(start / size)/tokens", shape: [size, 8],
          integers: own.flatMap(\.tokens)),
        SafetensorsTensor(
          name: "batch\(start / size)/targets", shape: [size, 8],
          integers: masked.contains(start / size) ? labels.map { _ in -100 } : labels),
      ]
    }
    return try file(
      "rows-\(size)-\(masked.count).safetensors", Data(SafetensorsWriter(tensors).encoded()))
  }

  private func file(_ name: String, _ data: Data) throws -> String {
    let path = folder.path + "/" + name
    try data.write(to: URL(fileURLWithPath: path))
    return path
  }

  private func session(
    _ data: String, accumulate: Int, batch: Int, loss: String? = nil, ending: String = ""
  ) throws -> TrainingSession {
    var text = TrainingSample.model + ending
    if let loss {
      text = text.replacing("cross_entropy(logits : b t [v], targets: i32[B, T])", with: loss)
    }
    var overrides = TrainingOverrides()
    overrides.accumulate = accumulate
    overrides.batch = ["B": batch]
    overrides.allowed = ["ignored-target-is-a-token"]
    var request = TrainingRequest(data: data)
    request.settings.order = "sequential"
    request.settings.evaluateEvery = 0
    return try TrainingSession(
      EffectiveModel(Workspace.load(path: "tiny.model", text: text), overrides), request)
  }

  /// Runs both and compares what they report; the weights after it decide the next losses.
  private func agree(_ one: TrainingSession, _ two: TrainingSession) throws -> [Int] {
    let (first, second) = (one.loop(), two.loop())
    return try (0..<12).map { step in
      let (a, b) = (try first.advance(), try second.advance())
      #expect(abs(a.loss - b.loss) < 2e-6 * max(a.loss, 1), "step \(step)")
      #expect(abs(a.gradientNorm - b.gradientNorm) < 2e-5 * max(a.gradientNorm, 1), "step \(step)")
      #expect(a.targets == b.targets)
      return a.targets
    }
  }

  @Test("one batch of 2N rows is two of N with unequal numbers of labels that count")
  func halves() throws {
    let whole = try session(batches(of: 4), accumulate: 1, batch: 4)
    let halves = try session(batches(of: 2), accumulate: 2, batch: 2)
    #expect(try agree(whole, halves).prefix(2) == [24, 19])
    let kept = (0..<4).map { halves.source.batch($0).keptTargets }
    #expect(kept == [15, 9, 16, 3])
    // Weighed alike, the halves would be another step: the test can tell.
    let weights = try GradientAccumulation.tokenWeighted.weights(keptTargets: Array(kept[0..<2]))
    #expect(weights == [15.0 / 24, 9.0 / 24])
  }

  @Test("a micro-batch without any label that counts changes nothing")
  func empty() throws {
    let whole = try session(batches(of: 2), accumulate: 2, batch: 2)
    let first = try whole.loop().advance()
    let half = try session(batches(of: 2, masked: [1]), accumulate: 2, batch: 2)
    let other = try half.loop().advance()
    #expect(first.targets == 24 && other.targets == 15)
    let alone = try session(batches(of: 2), accumulate: 1, batch: 2)
    #expect(try alone.loop().advance().loss == other.loss)
  }

  @Test("a loss that scales its cross-entropy, or adds to it, still counts by its labels")
  func wrapped() throws {
    let ending = """

      block scaled() {
        forward(logits: [B, T, V], targets: i32[B, T]) -> loss: [] {
          return 0.5 * cross_entropy(logits, targets : b t [v])
        }
      }

      """
    func made(_ size: Int, _ accumulate: Int) throws -> TrainingSession {
      try session(
        batches(of: size), accumulate: accumulate, batch: size,
        loss: "scaled(logits, targets: i32[B, T])",
        ending: ending)
    }
    #expect(try agree(made(4, 1), made(2, 2)).prefix(2) == [24, 19])
  }

  @Test("a loss that sums is the sum over its micro-batches")
  func sums() throws {
    func made(_ size: Int, _ accumulate: Int) throws -> TrainingSession {
      try session(
        batches(of: size), accumulate: accumulate, batch: size,
        loss: #"cross_entropy(logits : b t [v], targets: i32[B, T], reduction: "sum")"#)
    }
    _ = try agree(made(4, 1), made(2, 2))
  }

  @Test("in tokens, the label that the loss ignores is left out and not counted")
  func tokens() throws {
    // Token 3 stands for padding; the second half of the file is full of it.
    let ids = (0..<600).map { place -> Int in
      place > 300 && place % 3 != 0 ? 3 : (place * 7 + place / 32) % 32
    }
    let data = try file("train.bin", tokenBytes(ids))
    let loss = "cross_entropy(logits : b t [v], targets: i32[B, T], ignore: 3)"
    let whole = try session(data, accumulate: 1, batch: 8, loss: loss)
    let parts = try session(data, accumulate: 4, batch: 2, loss: loss)
    let kept = try agree(whole, parts)
    #expect(Set(kept).count > 2)
    #expect(kept.allSatisfy { $0 < 64 })
  }
}
