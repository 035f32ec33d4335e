// RunLogs: the logs of finished runs as they are read, for a picture or to be judged.
// A run's folder stands for its log, and a sweep's for the logs of its runs.
import Diagnostics
import Foundation
import Training
import Validation

/// Logs and what could not be read of them.
package struct RunLogs: Sendable {
  package private(set) var logs: [RunLog] = []
  package private(set) var sources = SourceMap()
  package private(set) var diagnostics: [Diagnostic] = []

  /// The paths that were read, `-` for standard input.
  package private(set) var files: [String] = []

  /// Reads logs; a folder is that of a run and holds a `log.jsonl`, or that of a sweep and holds
  /// folders of runs.
  ///
  /// - Throws: ``UnreadableFile`` for the first file that can't be read.
  package init(
    _ paths: [String], read: (String) throws(UnreadableFile) -> String = Workspace.read
  ) throws(UnreadableFile) {
    files = paths.flatMap(Self.files)
    for file in files {
      let source = sources.add(path: file == "-" ? "<stdin>" : file, text: try read(file))
      let name = file == "-" ? "run" : file.split(separator: "/").suffix(2).joined(separator: "/")
      let reader = RunLogReader(source, name: name, in: sources)
      diagnostics += reader.diagnostics
      if let log = reader.log { logs.append(log) }
    }
  }

  /// The logs that a path stands for.
  private static func files(_ path: String) -> [String] {
    guard isFolder(path) else { return [path] }
    let folder = path.hasSuffix("/") ? path : path + "/"
    let own = folder + RunLogWriter.fileName
    if FileManager.default.fileExists(atPath: own) { return [own] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let runs = names.sorted().map { folder + $0 + "/" + RunLogWriter.fileName }
      .filter { FileManager.default.fileExists(atPath: $0) }
    return runs.isEmpty ? [own] : runs
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  /// What the runs were planned to be by the model files that `plumbline train` keeps beside logs.
  ///
  /// Runs of a study share all but their rates and lengths, so several are given neither.
  package var plannedRun: PlannedRun? {
    guard let file = files.first, file.hasSuffix("/" + RunLogWriter.fileName) else { return nil }
    let model = RunFolder(String(file.dropLast(RunLogWriter.fileName.count + 1))).model
    guard FileManager.default.fileExists(atPath: model),
      let loaded = try? Workspace.load(model), loaded.model != nil, !loaded.isUnsound
    else { return nil }
    var planned = loaded.plannedRun
    if files.count > 1 {
      planned.rate = nil
      planned.steps = nil
    }
    return planned
  }
}
