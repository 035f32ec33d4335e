// RunLogWriter: the log of a run, one JSON object a line, as `plumbline review` reads it.
// Each line goes to the system at once: a run that is killed has lost none.
import Foundation
import Interchange

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// One line of a log; what is `nil` is left out.
package struct RunLogLine: Hashable, Sendable {
  /// The number of the update, counted from zero.
  package var step: Int
  package var loss: Double?
  package var rate: Double?
  /// The global norm of the gradients before clipping.
  package var norm: Double?
  package var validation: Double?
  /// The tokens that the run has seen so far.
  package var tokens: Int?
  /// The seconds that the run has taken so far.
  package var seconds: Double?

  package init(
    step: Int, loss: Double? = nil, rate: Double? = nil, norm: Double? = nil,
    validation: Double? = nil, tokens: Int? = nil, seconds: Double? = nil
  ) {
    self.step = step
    self.loss = loss
    self.rate = rate
    self.norm = norm
    self.validation = validation
    self.tokens = tokens
    self.seconds = seconds
  }

  /// The line without its end; numbers that are not finite are written as Python writes them.
  package var json: String {
    var text = "{\"step\":\(step)"
    for (name, value) in [
      ("loss", loss), ("lr", rate), ("grad_norm", norm), ("val_loss", validation),
    ] {
      if let value { text += ",\"\(name)\":\(Self.number(value))" }
    }
    if let tokens { text += ",\"tokens\":\(tokens)" }
    if let seconds { text += ",\"seconds\":\(Self.number((seconds * 1000).rounded() / 1000))" }
    return text + "}"
  }

  /// The shortest digits that give the number back.
  private static func number(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity" }
    return "\(value)"
  }
}

/// An open log.
///
/// A class, because it owns a descriptor that is closed once, and observers of a loop share it.
package final class RunLogWriter: Sendable {
  /// The name of the log in the folder of a run.
  package static let fileName = "log.jsonl"

  package let path: String
  private let descriptor: Int32

  /// Opens a log to append to, and makes it when there is none.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - step: lines of this step and later ones are taken away first, as are pieces of a line: a
  ///     run that goes on from a checkpoint takes those steps again.
  /// - Throws: ``DataFault`` when it can't be written.
  package init(path: String, keepingBelow step: Int = 0) throws(DataFault) {
    try Self.cut(path, below: step)
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.fault(path) }
    self.path = path
  }

  deinit { close(descriptor) }

  /// Appends a line.
  ///
  /// - Throws: ``DataFault`` when the device is full or gone.
  package func append(_ line: RunLogLine) throws(DataFault) {
    try Self.write(Array((line.json + "\n").utf8), to: descriptor, path)
  }

  /// Waits until all lines are on the device, as before a checkpoint that counts on them.
  ///
  /// - Throws: ``DataFault`` when the device fails.
  package func synchronise() throws(DataFault) {
    // A pipe or terminal can't be synced, and need not be.
    guard fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS else {
      throw Self.fault(path)
    }
  }

  // MARK: Going on

  /// Takes lines away by writing the others to a new file that replaces the old one.
  private static func cut(_ path: String, below step: Int) throws(DataFault) {
    guard let data = FileManager.default.contents(atPath: path), !data.isEmpty else { return }
    let bytes = [UInt8](data)
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count)
    var start = 0
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      if let found = Self.step(of: bytes[start..<end]), found < step {
        kept += bytes[start...end]
      }
      start = end + 1
    }
    guard kept.count < bytes.count else { return }
    let temporary = path + ".part"
    let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw fault(path) }
    defer { close(file) }
    do throws(DataFault) {
      try write(kept, to: file, path)
      guard fsync(file) == 0, rename(temporary, path) == 0 else { throw fault(path) }
    } catch {
      unlink(temporary)
      throw error
    }
    // The new name is on the device only when its folder is.
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let parent = open(folder, O_RDONLY | O_CLOEXEC)
    if parent >= 0 {
      fsync(parent)
      close(parent)
    }
  }

  /// The step of a line; `nil` for what is no line of a log.
  private static func step(of line: ArraySlice<UInt8>) -> Int? {
    let head = Array("{\"step\":".utf8)
    if line.starts(with: head) {
      let digits = line.dropFirst(head.count).prefix { (0x30...0x39).contains($0) }
      if line.last == UInt8(ascii: "}"), let step = Int(String(decoding: digits, as: UTF8.self)) {
        return step
      }
    }
    var limits = JSONLimits()
    limits.allowsNonFinite = true
    guard let document = try? JSONDocument(utf8: Array(line), limits: limits),
      case .number(_, let value, _)? = document.root["step"]?.value
    else { return nil }
    return Int(exactly: value)
  }

  private static func write(
    _ bytes: [UInt8], to descriptor: Int32, _ path: String
  ) throws(DataFault) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        #if canImport(Darwin)
        Darwin.write(descriptor, buffer.baseAddress.map { $0 + done }, bytes.count - done)
        #elseif canImport(Musl)
        Musl.write(descriptor, buffer.baseAddress.map { $0 + done }, bytes.count - done)
        #else
        Glibc.write(descriptor, buffer.baseAddress.map { $0 + done }, bytes.count - done)
        #endif
      }
      if count > 0 {
        done += count
      } else if count == 0 || errno != EINTR {
        throw fault(path)
      }
    }
  }

  private static func fault(_ path: String) -> DataFault {
    DataFault(
      id: "log-not-written",
      "\(path) can't be written: \(String(cString: strerror(errno)).lowercased())",
      help: "make room, or choose a folder that can be written")
  }
}
