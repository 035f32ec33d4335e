// Process: the ends of a run: is this a terminal, what is on standard input, and the way out.
// C calls rather than Foundation, which would cost more time to start than most checks take.
import Commands
import Dispatch
import Execution
import PlumblineKit
import Synchronization

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
    var status = outcome.status
    if write(outcome.output, to: STDOUT_FILENO) == .refused {
      _ = write("plumbline: standard output can't be written\n", to: STDERR_FILENO)
      status = max(status, .usage)
    }
    _ = write(outcome.errors, to: STDERR_FILENO)
    _exit(status.rawValue)
  }

  /// What became of a text.
  fileprivate enum Writing {
    case done
    /// The reader of a pipe went away.
    case unread
    /// The device is full or gone.
    case refused
  }

  /// Lets writing fail where it would end the process: a full disk and a pipe that nobody reads.
  static func hearOfFailedWrites() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Writes all of a text.
  fileprivate static func write(_ text: String, to descriptor: Int32) -> Writing {
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
          return errno == EPIPE ? .unread : .refused
        }
      }
      return .done
    }
  }

  /// Tells of Ctrl-C, of a terminal that is closed and of the system's wish that the process end,
  /// which no longer end it; asked once more a second later, they do.
  static func watchSignals(_ tell: @escaping @Sendable (Int32) -> Void) {
    var watched = [SIGINT, SIGTERM]
    // Who starts a run with `nohup` means it to outlive the terminal.
    if let before = signal(SIGHUP, SIG_IGN), unsafeBitCast(before, to: Int.self) == 1 {
      // It is ignored now as it was before.
    } else {
      watched.append(SIGHUP)
    }
    let numbers = watched
    for number in numbers {
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      signal(number, SIG_IGN)
      source.setEventHandler {
        tell(number)
        // `timeout` and others signal a process and then its group, which is one wish told twice.
        DispatchQueue.global().asyncAfter(deadline: .now() + 1) {
          for number in numbers { signal(number, SIG_DFL) }
        }
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

  /// The columns of the terminal that shows progress; 80 where it does not say.
  fileprivate static var width: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return 80 }
    return Int(size.ws_col)
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
        let line = "\r\u{1B}[K" + text.prefix(Process.width - 1)
        _ = Process.write(line, to: STDERR_FILENO)
      },
      standardInput: { () throws(UnreadableFile) -> String in try Workspace.read("-") })
    surroundings.isAlone = true
    surroundings.showsProgress = showsProgress
    let output = Announcements()
    surroundings.announce = { text in
      if showsProgress { _ = Process.write("\r\u{1B}[K", to: STDERR_FILENO) }
      output.write(text)
    }
    surroundings.onSignal = { tell in
      output.tell(of: tell)
      Process.watchSignals(tell)
    }
    return surroundings
  }
}

/// What is printed while a command goes on, and what becomes of the command when nobody reads it.
///
/// A class, because the output is one, and two threads speak of it.
private final class Announcements: Sendable {
  private struct State {
    var tell: (@Sendable (Int32) -> Void)?
    var isClosed = false
  }

  private let state = Mutex(State())

  /// Who is told that nobody reads any more, rather than that the process end.
  func tell(of tell: @escaping @Sendable (Int32) -> Void) {
    state.withLock { $0.tell = tell }
  }

  func write(_ text: String) {
    guard !state.withLock({ $0.isClosed }) else { return }
    switch Process.write(text, to: STDOUT_FILENO) {
    case .done: return
    case .unread:
      guard let tell = close() else { _exit(ExitStatus.unread.rawValue) }
      // A run keeps what it has done first.
      tell(SIGPIPE)
    case .refused:
      // A run goes on: its log is in its folder.
      if state.withLock({ $0.tell }) != nil { return }
      _ = Process.write("plumbline: standard output can't be written\n", to: STDERR_FILENO)
      _exit(ExitStatus.usage.rawValue)
    }
  }

  private func close() -> (@Sendable (Int32) -> Void)? {
    state.withLock { state in
      state.isClosed = true
      return state.tell
    }
  }
}
