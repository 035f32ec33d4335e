// TrainingOverheadTests: what the loop costs beside the bare step, measured when somebody asks.
// Not part of every run: a busy machine would make it fail for no reason of ours.
import Foundation
import PlumblineKit
import Testing
import Training

@Suite struct TrainingOverheadTests {
  @Test(
    "the loop takes at most 5 % more than the bare step",
    .enabled(
      if: ProcessInfo.processInfo.environment["PLUMBLINE_MEASURE"] != nil,
      "PLUMBLINE_MEASURE=1 measures"))
  func overhead() throws {
    let folder = try TemporaryFolder()
    var request = TrainingRequest(data: try folder.file("text.txt", TrainingSample.text))
    request.settings.evaluateEvery = 0
    request.output = folder.path + "/run"
    let loaded = Workspace.load(
      path: "gpt.model", text: TrainingSample.gpt,
      settings: [Setting(name: "width", value: "64"), Setting(name: "B", value: "8")])
    let session = try TrainingSession(EffectiveModel(loaded, TrainingOverrides()), request)
    let loop = session.loop()
    _ = try loop.advance()
    let clock = ContinuousClock()
    var (bare, whole) = (Double.infinity, Double.infinity)
    // By turns, the fastest of many: what other programs take is in neither.
    for _ in 0..<60 {
      var start = clock.now
      try session.step.train(rate: 1e-4)
      bare = min(bare, Seconds.of(clock.now - start))
      start = clock.now
      _ = try loop.advance()
      whole = min(whole, Seconds.of(clock.now - start))
    }
    print("bare step \(bare * 1e3) ms, loop \(whole * 1e3) ms: \((whole / bare - 1) * 100) % more")
    #expect(whole <= bare * 1.05)
  }
}
