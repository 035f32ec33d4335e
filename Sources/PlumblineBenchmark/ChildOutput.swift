// ChildOutput: what a child process printed.
// Apart from ChildRun, which throws the output away and reads the resource usage instead.
import Foundation

/// The output of one run of a program.
struct ChildOutput {
  let text: String
  let errors: String
  let exitCode: Int32

  /// Runs a program to its end.
  ///
  /// - Throws: ``BenchmarkFailure`` when the program can't be started.
  init(_ program: String, _ arguments: [String]) throws(BenchmarkFailure) {
    let process = Process()
    let output = Pipe()
    // Errors go to a file: a second pipe would have to be read at the same time as the first.
    let log = FileManager.default.temporaryDirectory
      .appendingPathComponent("plumbline-benchmark-\(getpid()).log")
    defer { try? FileManager.default.removeItem(at: log) }
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = output
    do {
      try Data().write(to: log)
      process.standardError = try FileHandle(forWritingTo: log)
      try process.run()
    } catch {
      throw BenchmarkFailure("\(program) can't be started: \(error.localizedDescription)")
    }
    text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    errors = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
    exitCode = process.terminationStatus
  }
}
