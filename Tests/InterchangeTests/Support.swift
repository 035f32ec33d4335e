// Support: what several suites of this room need: the fixtures' place and files made on the spot.
// Hostile headers are written here as text, so that a test shows what it feeds.

import Foundation

@testable import Interchange

/// The numeric fixtures of the project.
enum Fixture {
  static let numeric = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/numeric")

  static func reader(_ path: String) throws -> SafetensorsReader {
    try SafetensorsReader(path: numeric.appendingPathComponent(path).path)
  }

  static func named(_ path: String) throws -> [(name: String, shape: [Int])] {
    try reader(path).entries.map { ($0.name, $0.shape) }
  }
}

/// A directory that is removed when the closure ends.
func withTemporaryDirectory<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let directory = FileManager.default.temporaryDirectory
    .appendingPathComponent("plumbline-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  return try body(directory)
}

/// The bytes of a weights file with this header and this much data.
func safetensors(_ json: String, data: Int = 0, claiming length: UInt64? = nil) -> [UInt8] {
  let header = Array(json.utf8)
  let length = length ?? UInt64(header.count)
  return (0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64(8 * $0)) } + header
    + [UInt8](repeating: 0, count: data)
}
