// CommandLineSupport: the whole tool in this process, and folders to try it in.
// Apart so that each suite speaks of one command only.
import Commands
import Foundation
import PlumblineKit

/// Runs the tool as a user would, without colours.
func plumbline(_ arguments: String..., input: String = "", color: Bool = false) -> Outcome {
  CommandLineTool.run(
    arguments,
    in: Surroundings(color: color) { () throws(UnreadableFile) -> String in input })
}

/// A file of the package.
func packagePath(_ path: String) -> String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent(path).path
}

/// A folder that is gone after the test.
final class TemporaryFolder {
  let path: String

  init() throws {
    let base = FileManager.default.temporaryDirectory
    let folder = base.appendingPathComponent("plumbline-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and gives its path.
  func file(_ name: String, _ text: String) throws -> String {
    let file = path + "/" + name
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    return file
  }

  func text(_ file: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: file)), as: UTF8.self)
  }
}

/// Small models for the suites of the command line.
enum SampleModel {
  static let sound = """
    model tiny {
      config width = 8
      dim    B >= 1, T in 1...16

      let proj = linear(width, 2 * width)

      forward(x: [B, T, width]) -> y: [B, T, 2 * width] {
        return proj(x)
      }
    }

    """

  /// The second layer takes another width than the first gives.
  static let mismatched = sound.replacingOccurrences(of: "linear(width,", with: "linear(width + 1,")

  /// A layer that nothing applies: a warning.
  static let wasteful = sound.replacingOccurrences(
    of: "  forward", with: "  let spare = linear(width, width)\n\n  forward")

  /// A claim that is true.
  static let claiming = sound.replacingOccurrences(
    of: "  }\n}", with: "  }\n\n  expect parameters == 144\n}")

  /// A requirement that always holds, for a reason that the prover does not know: √2 is no
  /// fraction.
  static let undecided = """
    block odd(B: Dim, T: Dim) {
      require T * T != 2 * B * B

      forward(x: [N, 8]) -> [N, 8] { return relu(x) }
    }

    model tiny {
      dim B >= 1, T >= 1

      let cut = odd(B, T)

      forward(x: [B, 8], y: [T, 8]) -> [B, 8] { return cut(x) }
    }

    """

  static let unparsable = "model tiny {\n  config width =\n}\n"
}

/// A JSON document as nested dictionaries.
func json(_ text: String) throws -> [String: Any] {
  struct NotAnObject: Error {}
  let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
  guard let object = value as? [String: Any] else { throw NotAnObject() }
  return object
}

/// No input, no colours.
let plumblineSurroundings = Surroundings(color: false) { () throws(UnreadableFile) -> String in "" }
