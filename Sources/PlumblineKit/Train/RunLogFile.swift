// RunLogFile: the step log of a run with a digest that grows along, so that a checkpoint can name it.
// Its bytes depend on the run alone: no clock, so that a run that was interrupted writes the same.
import Interchange
import Kernels
import Training

/// A log that is being written.
///
/// A class, because a file that is open has an identity.
final class RunLogFile {
  private let writer: RunLogWriter
  private var digest = Digest()
  private var bytes = 0

  /// Opens a log, cut to what a checkpoint knows of it.
  ///
  /// - Parameters:
  ///   - folder: of the run.
  ///   - state: the checkpoint; `nil` begins a new log.
  /// - Throws: ``RunFailure`` when the file can't be written, or is not what it was.
  init(_ folder: RunFolder, at state: RunState?) throws(RunFailure) {
    if let state { (digest, bytes) = try Self.beginning(of: folder, state.log) }
    // The last line of a finished run is about the step behind its last.
    let isFinished = state.map { $0.step == $0.steps } ?? false
    do throws(DataFault) {
      writer = try RunLogWriter(
        path: folder.log, keepingBelow: isFinished ? .max : state?.step ?? 0)
    } catch {
      throw RunFailure(error)
    }
  }

  /// The part of a log that a checkpoint knows of.
  ///
  /// - Throws: ``RunFailure`` when the log does not begin with it.
  static func beginning(
    of folder: RunFolder, _ known: RunState.File
  ) throws(RunFailure) -> (digest: Digest, bytes: Int) {
    var digest = Digest()
    var bytes = 0
    do throws(DiskFault) {
      try DurableFile.read(folder.log) { chunk in
        let part = min(chunk.count, known.bytes - bytes)
        guard part > 0 else { return }
        digest.update(Array(chunk[..<part]))
        bytes += part
      }
    } catch {
      throw RunFailure("checkpoint-damaged", "the log of the run can't be read: \(error)")
    }
    guard bytes == known.bytes, digest.text == known.digest else {
      throw RunFailure(
        "checkpoint-damaged",
        bytes < known.bytes
          ? "\(folder.log) has \(bytes) bytes, \(known.bytes) were saved"
          : "\(folder.log) is not the log that was saved: its first \(known.bytes) bytes differ",
        help: "restore the file, or begin again with --overwrite")
    }
    return (digest, bytes)
  }

  /// Adds a line.
  ///
  /// - Throws: ``DiskFault``, a full disk for example.
  func append(_ line: RunLogLine) throws(DiskFault) {
    do throws(DataFault) {
      try writer.append(line)
    } catch {
      throw DiskFault(error)
    }
    let text = Array((line.json + "\n").utf8)
    digest.update(text)
    bytes += text.count
  }

  /// Brings all lines to the disk and says what the log is now.
  func synchronise() throws(DiskFault) -> RunState.File {
    do throws(DataFault) {
      try writer.synchronise()
    } catch {
      throw DiskFault(error)
    }
    return RunState.File(
      FileFingerprint(name: RunLogWriter.fileName, bytes: bytes, digest: digest.text))
  }
}

extension DiskFault {
  /// What the writer of the log was refused.
  fileprivate init(_ fault: DataFault) {
    self.init(fault.diagnostic.message)
  }
}
