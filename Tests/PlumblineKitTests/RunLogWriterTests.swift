// RunLogWriterTests: logs that survive what happens to runs, read back by the reader of `review`.
// A killed run leaves half a line; a resumed one takes steps again.
import Foundation
import PlumblineKit
import Testing
import Training
import Validation

@Suite struct RunLogWriterTests {
  let folder: TemporaryFolder
  private var path: String { folder.path + "/log.jsonl" }

  init() throws {
    folder = try TemporaryFolder()
  }

  private func write(_ steps: Range<Int>, keepingBelow step: Int = 0) throws {
    let writer = try RunLogWriter(path: path, keepingBelow: step)
    for step in steps { try writer.append(RunLogLine(step: step, loss: Double(step) / 8)) }
    try writer.synchronise()
  }

  private func steps() throws -> [Int] {
    try RunLogs([path]).logs.flatMap { $0.entries.map(\.step) }
  }

  @Test("a line holds what is known, and the reader gives every number back")
  func roundTrip() throws {
    let line = RunLogLine(
      step: 7, loss: 4.1744, rate: 6e-05, norm: 0.1, validation: 1.0 / 3, tokens: 4_096,
      seconds: 1.23456)
    #expect(
      line.json == #"{"step":7,"loss":4.1744,"lr":6e-05,"grad_norm":0.1,"#
        + #""val_loss":0.3333333333333333,"tokens":4096,"seconds":1.235}"#)
    #expect(RunLogLine(step: 0).json == #"{"step":0}"#)
    let writer = try RunLogWriter(path: path)
    try writer.append(line)
    let entry = try #require(try RunLogs([path]).logs.first?.entries.first)
    #expect(entry.step == 7 && entry.loss == 4.1744 && entry.rate == 6e-05)
    #expect(entry.norm == 0.1 && entry.validation == 1.0 / 3)
  }

  @Test("numbers that are none are written as the reader takes them")
  func notFinite() throws {
    let writer = try RunLogWriter(path: path)
    try writer.append(RunLogLine(step: 0, loss: .nan, norm: .infinity, validation: -.infinity))
    let read = try RunLogs([path])
    let entry = try #require(read.logs.first?.entries.first)
    #expect(read.diagnostics.isEmpty)
    #expect(entry.loss?.isNaN == true && entry.norm == .infinity && entry.validation == -.infinity)
  }

  @Test("a line is in the file as soon as it is appended")
  func flushed() throws {
    let writer = try RunLogWriter(path: path)
    for step in 0..<3 {
      try writer.append(RunLogLine(step: step, loss: 1))
      #expect(try folder.text(path).split(separator: "\n").count == step + 1)
    }
  }

  @Test("a run that goes on keeps the steps before it, and a new run none")
  func resuming() throws {
    try write(0..<10)
    try write(6..<12, keepingBelow: 6)
    #expect(try steps() == Array(0..<12))
    #expect(try folder.text(path).split(separator: "\n").count == 12)
    try write(0..<2)
    #expect(try steps() == [0, 1])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["log.jsonl"])
  }

  @Test("half a line, and lines of other writers, are seen for what they are")
  func damaged() throws {
    try write(0..<4)
    let whole = try folder.text(path)
    for cut in 1..<20 {
      _ = try folder.file("log.jsonl", String(whole.dropLast(cut)))
      try write(4..<5, keepingBelow: 4)
      // Without its line feed even the last brace may be missing.
      #expect(try steps() == [0, 1, 2, 4], "\(cut)")
    }
    _ = try folder.file(
      "log.jsonl", "\n{\"loss\": NaN, \"step\": 2}\nno json\n{\"step\":30}\n{\"step\":3,\n")
    try write(5..<6, keepingBelow: 5)
    #expect(try folder.text(path).hasPrefix("{\"loss\": NaN, \"step\": 2}\n{\"step\":5"))
  }

  @Test("a place that can't be written is named")
  func unwritable() throws {
    let found = fault { () throws(DataFault) in
      try RunLogWriter(path: folder.path + "/none/log.jsonl")
    }
    #expect(found?.diagnostic.id == "log-not-written")
    #expect(found?.diagnostic.message.contains("can't be written: no such file") == true)
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    let full = try RunLogWriter(path: "/dev/full", keepingBelow: 0)
    let refused = fault { () throws(DataFault) in try full.append(RunLogLine(step: 0)) }
    #expect(refused?.diagnostic.message.contains("no space left") == true)
  }
}
