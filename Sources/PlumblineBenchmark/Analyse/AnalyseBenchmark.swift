// AnalyseBenchmark: milliseconds to analyse a config, next to torchinfo on the meta device.
// Both by turns in one run, A B A B, both warm: neither pays for its start.
import Analysis
import Foundation
import PlumblineKit

/// What one config took.
struct AnalyseFigure: Encodable {
  let config: String
  let runs: Int
  /// The quickest runs, in wall time: what is not noise is in all of them.
  let milliseconds: Double
  let torchinfoMilliseconds: Double?
  let ratio: Double?
  let parameters: Int
  let torchinfoParameters: Int?
  /// Why torchinfo has no figure.
  let torchinfoError: String?
}

/// Analyses each config of a directory: reads it, proves its shapes, counts, and prints the tree.
struct AnalyseBenchmark {
  private let request: Request
  private let rounds: Int

  init(_ request: Request) {
    self.request = request
    rounds = request.runs ?? 5
  }

  /// Prints a line for each config, then the medians over all.
  func run() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("plumbline-analyse-\(getpid())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let configs = try request.configs.map(Self.listed) ?? Self.published(into: folder)
    let peer = try TorchInfoPeer(python: request.python)
    if !request.json {
      show(
        (peer?.version ?? "torchinfo is not there: \(TorchInfoPeer.help)")
          + ", the quickest of \(rounds) runs of each by turns")
    }
    var table = FigureTable("config", "here ms", "torchinfo ms", "ratio", "parameters", "")
    var figures: [AnalyseFigure] = []
    for config in configs {
      let figure = try figure(of: config, peer)
      figures.append(figure)
      if request.json {
        show(try Self.json(figure))
      } else {
        table.add(Self.row(figure))
      }
    }
    guard !request.json else { return }
    show(table.text)
    show(Self.conclusion(figures))
  }

  private func figure(
    of config: (name: String, path: String), _ peer: TorchInfoPeer?
  ) throws -> AnalyseFigure {
    var own: [Double] = []
    var theirs: [Double] = []
    var parameters = 0
    var answer: TorchInfoPeer.Answer?
    for round in 0...rounds {
      let start = ContinuousClock.now
      parameters = try Self.analyse(config.path)
      let elapsed = (ContinuousClock.now - start).inSeconds * 1e3
      if let peer, answer?.error == nil { answer = try peer.summary(of: config.path) }
      guard round > 0 else { continue }
      own.append(elapsed)
      if let time = answer?.ms { theirs.append(time) }
    }
    let least = own.min() ?? .nan
    let quickest = theirs.min()
    return AnalyseFigure(
      config: config.name, runs: rounds, milliseconds: least, torchinfoMilliseconds: quickest,
      ratio: quickest.map { $0 / least }, parameters: parameters,
      torchinfoParameters: answer?.parameters, torchinfoError: answer?.error)
  }

  /// What torchinfo does: a tree of blocks with shapes and parameters, and the work of a forward.
  private static func analyse(_ path: String) throws -> Int {
    let loaded = try Workspace.load(path)
    guard let program = loaded.model?.program, !loaded.hasErrors else {
      throw BenchmarkFailure("\(path) has errors: run `plumbline check` on it")
    }
    let report = try ShapeReport(program, of: program.entry)
    guard !report.text().isEmpty else { throw BenchmarkFailure("\(path) has no report") }
    return report.totals.total
  }

  // MARK: Configs

  /// The configs of a directory: files, or directories with a `config.json`.
  private static func listed(_ directory: String) throws -> [(name: String, path: String)] {
    let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    let found = names.compactMap { name -> (name: String, path: String)? in
      let path = Workspace.modelPath(directory + "/" + name)
      return path.hasSuffix("config.json") ? (name, path) : nil
    }
    guard !found.isEmpty else {
      throw BenchmarkFailure("\(directory) holds no config.json, nor directories with one")
    }
    return found
  }

  /// The published configs of the fixtures, each in a directory of its own.
  private static func published(into folder: URL) throws -> [(name: String, path: String)] {
    let file = "Fixtures/huggingface/published.json"
    guard let data = FileManager.default.contents(atPath: file),
      let models = try JSONSerialization.jsonObject(with: data) as? [String: [String: Any]]
    else {
      throw BenchmarkFailure("there is no \(file): run from the package's directory, or --configs")
    }
    return try models.keys.sorted().compactMap { name in
      guard let config = models[name]?["config"] else { return nil }
      let home = folder.appendingPathComponent(name.replacingOccurrences(of: "/", with: "-"))
      try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
      let path = home.appendingPathComponent("config.json")
      try JSONSerialization.data(withJSONObject: config, options: .prettyPrinted).write(to: path)
      return (name, path.path)
    }
  }

  // MARK: Output

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  private static func row(_ figure: AnalyseFigure) -> [String] {
    let agrees =
      figure.torchinfoParameters.map { $0 == figure.parameters ? "" : "torchinfo counts \($0)" }
    return [
      figure.config, figure.milliseconds.decimals(2),
      figure.torchinfoMilliseconds?.decimals(1) ?? "-", figure.ratio?.decimals(0) ?? "-",
      "\(figure.parameters)", figure.torchinfoError.map { String($0.prefix(60)) } ?? agrees ?? "",
    ]
  }

  private static func conclusion(_ figures: [AnalyseFigure]) -> String {
    let own = figures.map(\.milliseconds)
    let line =
      "\(figures.count) configs: median \(median(own).decimals(2)) ms,"
      + " all in \(own.reduce(0, +).decimals(0)) ms"
    let ratios = figures.compactMap(\.ratio)
    guard !ratios.isEmpty else { return line }
    let theirs = figures.compactMap(\.torchinfoMilliseconds)
    return line + "; torchinfo: median \(median(theirs).decimals(0)) ms; ratio: median"
      + " \(median(ratios).decimals(0)), least \((ratios.min() ?? 0).decimals(0))"
  }

  private static func json(_ figure: AnalyseFigure) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(figure), as: UTF8.self)
  }
}
