// Process: the ends of a run: is this a terminal, what is on standard input, and the way out.
// C calls rather than Foundation, which would cost more time to start than most checks take.
import Commands
import Dispatch
import Execution
import PlumblineKit

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

enum Process {
  /// Prints an outcome and ends the run; a reader that went away is no error.
  static func exit(with outcome: Outcome) -> Never {
    signal(SIGPIPE, SIG_IGN)
    var status = outcome.status
    if !write(outcome.output, to: STDOUT_FILENO) {
      _ = write("plumbline: standard output can't be written\n", to: STDERR_FILENO)
      status = max(status, .usage)
    }
    _ = write(outcome.errors, to: STDERR_FILENO)
    _exit(status.rawValue)
  }

  /// Writes all of a text; false when the device is full or gone, true for a closed pipe.
  fileprivate static func write(_ text: String, to descriptor: Int32) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let start = rest.baseAddress, !rest.isEmpty {
        #if canImport(Darwin)
        let count = Darwin.write(descriptor, start, rest.count)
        #elseif canImport(Musl)
        let count = Musl.write(descriptor, start, rest.count)
        #else
        let count = Glibc.write(descriptor, start, rest.count)
        #endif
        if count > 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        } else if count == 0 || errno != EINTR {
          return errno == EPIPE
        }
      }
      return true
    }
  }

  /// Tells of Ctrl-C and of the system's wish that the process end, which no longer end it; the
  /// second time they do.
  static func watchSignals(_ tell: @escaping @Sendable (Int32) -> Void) {
    for number in [SIGINT, SIGTERM] {
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      signal(number, SIG_IGN)
      source.setEventHandler {
        signal(number, SIG_DFL)
        tell(number)
        // The source lives as long as its handler, which is until the process ends.
        _ = source
      }
      source.activate()
    }
  }

  /// What the environment says about the things that commands ask for.
  static var environment: [String: String] {
    guard let value = getenv(KernelChoice.variable) else { return [:] }
    return [KernelChoice.variable: String(cString: value)]
  }

  /// Whether standard output is a terminal that wants colours.
  static var wantsColor: Bool {
    guard isatty(STDOUT_FILENO) == 1 else { return false }
    // https://no-color.org: present and not empty.
    if let value = getenv("NO_COLOR"), value.pointee != 0 { return false }
    guard let terminal = getenv("TERM") else { return false }
    return strcmp(terminal, "dumb") != 0
  }
}

extension Surroundings {
  /// The surroundings of this process.
  static var process: Surroundings {
    let showsProgress = isatty(STDERR_FILENO) == 1
    var surroundings = Surroundings(
      color: Process.wantsColor,
      environment: Process.environment,
      progress: { text in
        // One line that is written over, cut before it could wrap.
        guard showsProgress else { return }
        _ = Process.write("\r\u{1B}[K" + text.prefix(78), to: STDERR_FILENO)
      },
      standardInput: { () throws(UnreadableFile) -> String in try Workspace.read("-") })
    surroundings.isAlone = true
    surroundings.showsProgress = showsProgress
    surroundings.announce = { text in
      if showsProgress { _ = Process.write("\r\u{1B}[K", to: STDERR_FILENO) }
      _ = Process.write(text, to: STDOUT_FILENO)
    }
    surroundings.onSignal = Process.watchSignals
    return surroundings
  }
}
