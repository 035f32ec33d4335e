// KernelJob: work that a kernel hands out in pieces, and the memory it needs meanwhile.
// Kernels know no threads: they say which pieces there are, and a pool says who runs them when.

/// Pieces of work that may run in any order, on any thread, at the same time.
///
/// The pieces depend on extents alone, never on the number of threads, so that every sum is made in
/// the same order and the result has the same bits.
package struct KernelJob: Sendable {
  /// Does one piece; `scratch` points to at least the promised bytes, aligned to 64, which belong to
  /// the worker until the piece is done.
  package typealias Body =
    @Sendable (_ piece: Int, _ scratch: UnsafeMutableRawPointer) -> Void

  package let pieces: Int
  package let body: Body

  package init(pieces: Int, body: @escaping Body) {
    self.pieces = pieces
    self.body = body
  }
}

/// The memory that a kernel needs beside its operands and results, in bytes.
package struct KernelWorkspace: Hashable, Sendable {
  /// Read and written by all pieces, alive from the first job of the kernel to the last.
  package var shared: Int
  /// For each worker, alive during one piece.
  package var scratch: Int

  package init(shared: Int = 0, scratch: Int = 0) {
    self.shared = shared
    self.scratch = scratch
  }
}

/// Where elements lie in memory that somebody else keeps alive.
///
/// Kernels are handed places in an arena whose plan shows that no two jobs that run at the same time
/// write what the other reads; that, and nothing about this type, makes it safe to send.
package struct Place<Element>: @unchecked Sendable {
  package let pointer: UnsafeMutablePointer<Element>

  package init(_ pointer: UnsafeMutablePointer<Element>) {
    self.pointer = pointer
  }

  package static func + (place: Place, offset: Int) -> Place {
    Place(place.pointer + offset)
  }
}

/// Elements in memory with extents and strides, outermost axis first; strides count elements.
package struct PlacedTensor<Element>: Sendable {
  package var place: Place<Element>
  package var extents: [Int]
  package var strides: [Int]

  package init(_ place: Place<Element>, extents: [Int], strides: [Int]) {
    self.place = place
    self.extents = extents
    self.strides = strides
  }
}
