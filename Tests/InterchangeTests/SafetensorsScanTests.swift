// SafetensorsScanTests: several things wrong with one header are all told, each with its bytes.
// Random damage is tried by the thousand here, where no model has to be made.

import Testing

@testable import Interchange

@Suite struct SafetensorsScanTests {
  static func scan(_ json: String, data: Int) -> SafetensorsScan {
    SafetensorsScan(json: Array(json.utf8), fileSize: 8 + json.utf8.count + data)
  }

  @Test("every damaged entry is told with its tensor and its place, and sound ones are read")
  func several() {
    let good = SafetensorsHeaderTests.entry("good")
    let json =
      "{\(good),\(SafetensorsHeaderTests.entry("type", dtype: "\"F48\"", offsets: "[24,48]")),"
      + "\(SafetensorsHeaderTests.entry("size", shape: "[9]", offsets: "[48,72]")),"
      + "\(SafetensorsHeaderTests.entry("far", offsets: "[72,1000000000000000000]"))}"
    let scan = Self.scan(json, data: 72)
    #expect(scan.entries.map(\.name) == ["good"])
    #expect(scan.damaged == ["type", "size", "far"])
    #expect(scan.problems.map(\.tensor) == ["type", "size", "far"])
    for problem in scan.problems {
      let name = Array("\"\(problem.tensor ?? "")\"".utf8)
      let start = problem.place.lowerBound - 8
      #expect(Array(json.utf8)[start..<start + name.count].elementsEqual(name))
    }
  }

  @Test("a field given twice is told with its tensor")
  func fieldTwice() {
    let json = #"{"w":{"dtype":"F32","shape":[6],"shape":[6],"data_offsets":[0,24]}}"#
    let scan = Self.scan(json, data: 24)
    #expect(scan.problems.map(\.tensor) == ["w"])
  }

  @Test("a name that is given twice for the same bytes is one problem and not two")
  func nameTwice() {
    let entry = SafetensorsHeaderTests.entry()
    #expect(Self.scan("{\(entry),\(entry)}", data: 24).problems.count == 1)
  }

  @Test("random damage gives a header or problems, never a trap")
  func fuzz() {
    var random = SplitMix(state: 42)
    let entries = (0..<6).map { number in
      SafetensorsHeaderTests.entry(
        "layer.\(number).weight", offsets: "[\(24 * number),\(24 * number + 24)]")
    }
    let good = Array("{\(entries.joined(separator: ","))}".utf8)
    for _ in 0..<5_000 {
      var json = good
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<json.count, using: &random)
        if Bool.random(using: &random) {
          json[place] = UInt8.random(in: 0...255, using: &random)
        } else {
          json.removeSubrange(place..<min(place + 4, json.count))
        }
        if json.isEmpty { json = good }
      }
      let size = 8 + json.count + Int.random(in: 0...200, using: &random)
      let scan = SafetensorsScan(json: json, fileSize: size)
      for problem in scan.problems {
        #expect(problem.place.lowerBound >= 8 || problem.place.isEmpty)
        #expect(!problem.error.description.isEmpty)
      }
    }
  }
}
