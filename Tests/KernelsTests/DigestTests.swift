// DigestTests: fingerprints against the values of the xxHash library.
// Apart from files, whose tests would notice no digest that is wrong in the same way twice.
import Kernels
import Testing

@Suite struct DigestTests {
  // From xxhash 4.1.0 of PyPI: xxhash.xxh64(bytes).hexdigest(), of 0, 1, 2, … modulo 251.
  static let known: [(count: Int, digest: String)] = [
    (0, "ef46db3751d8e999"),
    (1, "e934a84adb052768"),
    (3, "e5c7bb4533bc65dd"),
    (4, "ffced8604453cc1e"),
    (7, "14cc643f630c72d2"),
    (8, "884a173614b81b8d"),
    (15, "a948f5f0f6abac2d"),
    (31, "c346d2b59b4d8ee1"),
    (32, "cbf59c5116ff32b4"),
    (33, "0c535d1acafb8ead"),
    (63, "e26aa9e2a95f8e4f"),
    (64, "f7c67301db6713f0"),
    (100, "6ac1e58032166597"),
    (1000, "f306f04aa88b54d3"),
    (100003, "cbab15ce50b1eb20"),
  ]

  @Test("agrees with the library of its author", arguments: known)
  func values(_ sample: (count: Int, digest: String)) {
    let bytes = (0..<sample.count).map { UInt8($0 % 251) }
    #expect(Digest(of: bytes).text == sample.digest)
  }

  @Test("bytes give one digest however they are cut")
  func pieces() {
    let bytes = (0..<1000).map { UInt8($0 % 251) }
    for size in [1, 5, 31, 32, 33, 64, 999] {
      var digest = Digest()
      var place = 0
      while place < bytes.count {
        digest.update(Array(bytes[place..<min(place + size, bytes.count)]))
        place += size
      }
      #expect(digest == Digest(of: bytes) || digest.value == Digest(of: bytes).value)
    }
  }
}
