// RunLogs: the logs of finished runs as they are read for a picture.
// Apart from the review, which judges them too.
import Diagnostics
import Foundation
import Training
import Validation

/// Logs and what could not be read of them.
package struct RunLogs: Sendable {
  package private(set) var logs: [RunLog] = []
  package private(set) var sources = SourceMap()
  package private(set) var diagnostics: [Diagnostic] = []

  /// Reads logs; a folder is that of a run and holds a `log.jsonl`.
  ///
  /// - Throws: ``UnreadableFile`` for the first file that can't be read.
  package init(
    _ paths: [String], read: (String) throws(UnreadableFile) -> String = Workspace.read
  ) throws(UnreadableFile) {
    for path in paths {
      var isFolder: ObjCBool = false
      let file =
        FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
        ? path + (path.hasSuffix("/") ? "" : "/") + RunLogWriter.fileName : path
      let source = sources.add(path: file == "-" ? "<stdin>" : file, text: try read(file))
      let name = file == "-" ? "run" : file.split(separator: "/").suffix(2).joined(separator: "/")
      let reader = RunLogReader(source, name: name, in: sources)
      diagnostics += reader.diagnostics
      if let log = reader.log { logs.append(log) }
    }
  }
}
