// Comparison: the peer and this package by turns, A B A B, so that both meet the same machine.
// A run during which others used the machine is made again; a figure of such a run shows nothing.
import Foundation

/// What a run says about the machine while it ran.
protocol WatchedFigure {
  var foreignShare: Double { get }
}

extension StepFigure: WatchedFigure {}

/// The comparison with the peer.
struct Comparison {
  let request: Request
  let peer: Peer
  let threads: Int

  init(_ request: Request) throws(BenchmarkFailure) {
    self.request = request
    peer = try Peer(python: request.python)
    threads = request.workers
  }

  var rounds: Int { request.runs ?? 2 }

  /// Compares everything asked for.
  func run() throws {
    show("PyTorch \(peer.version), \(threads) threads, \(rounds) runs of each by turns")
    if request.parts.contains(.steps) { try steps() }
    if request.parts.contains(.attention) { try attention() }
    if request.parts.contains(.multiplication) { try multiplication() }
  }

  private func steps() throws {
    var table = FigureTable(
      "step", "PyTorch ms", "here ms", "ratio", "wanted", "aim", "", "PyTorch MB", "here MB",
      "wanted", "aim", "")
    var runs: [StepFigure] = []
    for configuration in request.configurations {
      var theirs: [StepFigure] = []
      var ours: [StepFigure] = []
      for _ in 0..<rounds {
        theirs.append(try quiet { try peerStep(configuration) })
        ours.append(try quiet { try ownStep(configuration) })
      }
      runs += theirs + ours
      table.add(Self.row(configuration, theirs, ours))
    }
    if request.json {
      for figure in runs { show(try figure.json()) }
    } else {
      show(table.text)
    }
  }

  private static func row(
    _ configuration: StepConfiguration, _ theirs: [StepFigure], _ ours: [StepFigure]
  ) -> [String] {
    // The best median of each side: what is not noise is in all of them.
    let slow = theirs.map(\.medianMs).min() ?? .nan
    let fast = ours.map(\.medianMs).min() ?? .nan
    let bytes = Double(ours.map(\.peakRssMb).max() ?? 0)
    let (time, memory) = configuration.wanted
    let busy = (theirs + ours).contains { $0.foreignShare > OtherLoad.bound }
    return [
      configuration.rawValue + (busy ? " (busy)" : ""), slow.decimals(1), fast.decimals(1),
      (fast / slow).decimals(3), time.most.decimals(2), time.aim.decimals(2),
      time.verdict(fast / slow), "\(theirs.map(\.peakRssMb).max() ?? 0)", bytes.decimals(0),
      memory.most.decimals(0), memory.aim.decimals(0), memory.verdict(bytes),
    ]
  }

  private func peerStep(_ configuration: StepConfiguration) throws(BenchmarkFailure) -> StepFigure {
    try peer.run(["step", configuration.rawValue], threads: threads, seconds: request.seconds)
  }

  private func ownStep(_ configuration: StepConfiguration) throws(BenchmarkFailure) -> StepFigure {
    let program = Request.own.path
    var arguments = ["step", "--config", configuration.rawValue, "--models", request.models]
    arguments += ["--threads", "\(threads)", "--seconds", "\(request.seconds)"]
    if request.plain { arguments.append("--plain") }
    return try StepFigure(ChildOutput(program, arguments), of: program)
  }

  /// Runs until the machine was quiet meanwhile, three times at most.
  ///
  /// - Throws: ``BenchmarkFailure`` when it never was, unless busy figures are allowed.
  func quiet<Figure: WatchedFigure>(_ run: () throws -> Figure) throws -> Figure {
    var figure = try run()
    for _ in 0..<2 where figure.foreignShare > OtherLoad.bound { figure = try run() }
    guard figure.foreignShare <= OtherLoad.bound || request.busyAllowed else {
      throw BenchmarkFailure(
        "other processes used \((figure.foreignShare * 100).decimals(0)) % of a core, "
          + "so the ratio would show nothing; stop them, or see it all the same with --busy")
    }
    return figure
  }
}
