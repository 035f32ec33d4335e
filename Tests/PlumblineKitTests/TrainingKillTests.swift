// TrainingKillTests: the tool killed at random moments, a hundred times, and nothing lost.
// A process of its own each time: what a kill leaves behind can't be tried in any other way.
import Foundation
import PlumblineKit
import Synchronization
import Testing
import Training

/// The executable of this build, beside the tests; `nil` when only the tests were built.
private let executable: String? = {
  let beside = URL(fileURLWithPath: CommandLine.arguments.first ?? "")
    .resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("plumbline").path
  let candidates = [beside, packagePath(".build/debug/plumbline")]
  return candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
}()

/// A run of the tool as a process.
private func start(_ arguments: [String]) throws -> Process {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: try #require(executable))
  process.arguments = arguments
  process.standardOutput = FileHandle.nullDevice
  process.standardError = FileHandle.nullDevice
  try process.run()
  return process
}

/// Numbers that a test can be run again with.
private struct Dice {
  var state: UInt64

  mutating func next() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) / Double(1 << 53)
  }
}

@Suite(.enabled(if: executable != nil, "the tool was not built"), .serialized)
struct TrainingKillTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func arguments(_ model: String, _ data: String, _ out: String) -> [String] {
    [
      "train", model, "--data", data, "--out", folder.path + "/" + out, "--steps", "150",
      "--schedule", "warmup 5 steps, then cosine to 1e-3 at step 150", "--eval-every", "25",
      "--save-every", "3", "--resume",
    ]
  }

  /// When the log of a run was written to last.
  private func logDate(of out: String) -> Date? {
    let log = folder.path + "/" + out + "/log.jsonl"
    return (try? FileManager.default.attributesOfItem(atPath: log)[.modificationDate]) as? Date
  }

  /// Waits until a run writes into its log, or is over.
  private func waitForLog(of out: String, since before: Date?, _ run: Process) {
    while run.isRunning, logDate(of: out) == before { Thread.sleep(forTimeInterval: 0.002) }
  }

  @Test(
    "killed at a hundred random moments, a run ends with the bytes of one that never was",
    .timeLimit(.minutes(10)), arguments: [UInt64(20_261_121)])
  func kills(seed: UInt64) throws {
    let model = try folder.file("tiny.model", TrainingSample.model)
    let data = try folder.file("text.txt", TrainingSample.text)
    let clock = ContinuousClock()
    let begun = clock.now
    let whole = try start(arguments(model, data, "whole") + ["--threads", "1"])
    waitForLog(of: "whole", since: nil, whole)
    let starting = Seconds.of(clock.now - begun)
    whole.waitUntilExit()
    #expect(whole.terminationStatus == 0)
    let training = Seconds.of(clock.now - begun) - starting
    let expected = try TrainingSample.files(folder.path + "/whole")
    #expect(expected.count == 5)

    var dice = Dice(state: seed)
    var kills = 0
    var runs = 0
    var moments: Set<Int> = []
    while kills < 100 {
      runs += 1
      let out = "run\(runs)"
      let wanted = arguments(model, data, out)
      while true {
        let before = logDate(of: out)
        let child = try start(wanted + ["--threads", "\(runs % 2 + 1)"])
        if dice.next() < 0.25 {
          // Before the first file, or while what a kill left behind is cleared.
          Thread.sleep(forTimeInterval: dice.next() * starting)
        } else {
          // How long a start takes depends on what else the machine does; an update does not.
          waitForLog(of: out, since: before, child)
          Thread.sleep(forTimeInterval: dice.next() * training * 0.4)
        }
        guard kills < 100, child.isRunning else {
          child.waitUntilExit()
          #expect(child.terminationStatus == 0, "run \(runs) after \(kills) kills, seed \(seed)")
          break
        }
        kill(child.processIdentifier, SIGKILL)
        child.waitUntilExit()
        kills += 1
        if let state = try? RunState(of: RunFolder(folder.path + "/" + out)) {
          moments.insert(state.step)
        }
      }
      let files = try TrainingSample.files(folder.path + "/" + out)
      #expect(files.keys.sorted() == expected.keys.sorted(), "run \(runs), seed \(seed)")
      for (name, bytes) in expected {
        #expect(files[name] == bytes, "\(name) of run \(runs), seed \(seed)")
      }
    }
    // A test whose kills all came too early or too late would show nothing.
    #expect(moments.count > 5, "\(moments.sorted())")
  }

  @Test(
    "Ctrl-C, a closed terminal and the system's wish end with a checkpoint and the signal's number",
    arguments: [SIGINT, SIGTERM, SIGHUP])
  func signals(number: Int32) throws {
    let model = try folder.file("tiny.model", TrainingSample.model)
    let data = try folder.file("text.txt", TrainingSample.text)
    var words = arguments(model, data, "run")
    words[words.firstIndex(of: "150") ?? 0] = "1000000"
    words[words.firstIndex(of: "3") ?? 0] = "1000000"
    let child = try start(words + ["--threads", "1"])
    let log = folder.path + "/run/log.jsonl"
    let clock = ContinuousClock()
    let begun = clock.now
    while clock.now - begun < .seconds(60),
      ((try? FileManager.default.attributesOfItem(atPath: log)[.size] as? Int) ?? 0) ?? 0 < 2000
    {
      Thread.sleep(forTimeInterval: 0.02)
    }
    // Twice, as `timeout` does: to the process and to its group.
    kill(child.processIdentifier, number)
    Thread.sleep(forTimeInterval: 0.001)
    kill(child.processIdentifier, number)
    child.waitUntilExit()
    #expect(child.terminationStatus == 128 + number && child.terminationReason == .exit)
    let state = try RunState(of: RunFolder(folder.path + "/run"))
    #expect(state.step > 10 && state.files.count == 2)
    #expect(try folder.text(log).split(separator: "\n").count == state.step)
  }

  @Test("a file that can't grow stops the run, and the checkpoint before it stands")
  func full() throws {
    let model = try folder.file("tiny.model", TrainingSample.model)
    let data = try folder.file("text.txt", TrainingSample.text)
    let tool = try #require(executable)
    let out = folder.path + "/run"
    // The log outgrows the limit after some updates, as it would a disk.
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = [
      "-c",
      "ulimit -f 48; exec '\(tool)' train '\(model)' --data '\(data)' --out '\(out)'"
        + " --save-every 5 --steps 5000 --schedule constant --threads 1",
    ]
    let pipe = Pipe()
    shell.standardOutput = pipe
    shell.standardError = FileHandle.nullDevice
    try shell.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    shell.waitUntilExit()
    #expect(shell.terminationStatus == 1)
    #expect(output.contains("can't be written") || output.contains("cannot be written"))
    let state = try RunState(of: RunFolder(out))
    #expect(state.step > 0 && state.files.count == 2)
    let run = try TrainingRun(resuming: RunFolder(out))
    #expect(run.step == state.step)
  }

  @Test("a run whose output nobody reads any more keeps what it has done, and says nothing")
  func unread() throws {
    let model = try folder.file("tiny.model", TrainingSample.model)
    let data = try folder.file("text.txt", TrainingSample.text)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(executable))
    process.arguments =
      arguments(model, data, "run").map { $0 == "150" ? "100000" : $0 }
      .filter { $0 != "--schedule" && !$0.hasPrefix("warmup") } + ["--schedule", "constant"]
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // The section is printed first; then the reader goes away.
    _ = output.fileHandleForReading.availableData
    try output.fileHandleForReading.close()
    let told = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 128 + SIGPIPE)
    #expect(told.isEmpty, "\(String(decoding: told, as: UTF8.self))")
    #expect(try RunState(of: RunFolder(folder.path + "/run")).step > 0)
  }

  @Test("a text that can't be printed is no success", arguments: ["stories", "sample"])
  func unprinted(command: String) throws {
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    let session = try TrainingSample.session(folder, out: "run")
    _ = try TrainingRun(beginning: session).finish()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(executable))
    process.arguments =
      command == "stories" ? ["stories", "--bytes", "1000"] : ["sample", folder.path + "/run"]
    process.standardOutput = FileHandle(forWritingAtPath: "/dev/full")
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 2)
  }
}
