// Vocabulary+File: the symbols that a run keeps beside its weights.
// One reader for those who go on, begin from others' weights, or sample.
import Training

extension Vocabulary {
  /// Reads a `vocabulary.json`.
  ///
  /// - Throws: ``RunFailure`` for a file that can't be read or is no vocabulary.
  init(file path: String) throws(RunFailure) {
    let text: String
    do throws(UnreadableFile) {
      text = try Workspace.read(path)
    } catch {
      throw RunFailure("unreadable-file", "\(error.path): \(error.reason)")
    }
    do throws(DataFault) {
      self = try Vocabulary(json: text, path: path)
    } catch {
      throw RunFailure(error)
    }
  }
}
