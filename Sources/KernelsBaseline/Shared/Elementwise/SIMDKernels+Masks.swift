// SIMDKernels+Masks: comparison, logic, choice and conversion, where elements have mixed types.
// Plain loops over runs: the compiler vectorises those whose strides are one.
import Kernels

extension SIMDKernels {
  package static func compare(
    _ relation: Relation, _ a: PlacedTensor<Float>, _ b: PlacedTensor<Float>,
    to y: PlacedTensor<Bool>
  ) -> [KernelJob] {
    let triple = MixedTriple(a, b, y)
    return [
      KernelJob(pieces: triple.walk.pieces) { piece, _ in
        switch relation {
        case .equal: triple.map(piece) { $0 == $1 }
        case .notEqual: triple.map(piece) { $0 != $1 }
        case .less: triple.map(piece) { $0 < $1 }
        case .lessOrEqual: triple.map(piece) { $0 <= $1 }
        case .greater: triple.map(piece) { $0 > $1 }
        case .greaterOrEqual: triple.map(piece) { $0 >= $1 }
        }
      }
    ]
  }

  package static func compare(
    _ relation: Relation, _ a: PlacedTensor<Int32>, _ b: PlacedTensor<Int32>,
    to y: PlacedTensor<Bool>
  ) -> [KernelJob] {
    let triple = MixedTriple(a, b, y)
    return [
      KernelJob(pieces: triple.walk.pieces) { piece, _ in
        switch relation {
        case .equal: triple.map(piece) { $0 == $1 }
        case .notEqual: triple.map(piece) { $0 != $1 }
        case .less: triple.map(piece) { $0 < $1 }
        case .lessOrEqual: triple.map(piece) { $0 <= $1 }
        case .greater: triple.map(piece) { $0 > $1 }
        case .greaterOrEqual: triple.map(piece) { $0 >= $1 }
        }
      }
    ]
  }

  package static func compare(
    _ relation: Relation, _ a: PlacedTensor<Bool>, _ b: PlacedTensor<Bool>,
    to y: PlacedTensor<Bool>
  ) -> [KernelJob] {
    let triple = MixedTriple(a.bytes, b.bytes, y)
    return [
      KernelJob(pieces: triple.walk.pieces) { piece, _ in
        switch relation {
        case .equal: triple.map(piece) { $0 == $1 }
        case .notEqual: triple.map(piece) { $0 != $1 }
        case .less: triple.map(piece) { $0 < $1 }
        case .lessOrEqual: triple.map(piece) { $0 <= $1 }
        case .greater: triple.map(piece) { $0 > $1 }
        case .greaterOrEqual: triple.map(piece) { $0 >= $1 }
        }
      }
    ]
  }

  package static func join(
    _ connective: Connective, _ a: PlacedTensor<Bool>, _ b: PlacedTensor<Bool>,
    to y: PlacedTensor<Bool>
  ) -> [KernelJob] {
    // On bytes, because the short-circuiting operators branch.
    let triple = MixedTriple(a.bytes, b.bytes, y.bytes)
    return [
      KernelJob(pieces: triple.walk.pieces) { piece, _ in
        switch connective {
        case .and: triple.map(piece) { $0 & $1 }
        case .or: triple.map(piece) { $0 | $1 }
        }
      }
    ]
  }

  package static func not(_ x: PlacedTensor<Bool>, to y: PlacedTensor<Bool>) -> [KernelJob] {
    let pair = MixedPair(x.bytes, y.bytes)
    return [KernelJob(pieces: pair.walk.pieces) { piece, _ in pair.map(piece) { $0 ^ 1 } }]
  }

  package static func select(
    _ condition: PlacedTensor<Bool>, _ a: PlacedTensor<Float>, _ b: PlacedTensor<Float>,
    to y: PlacedTensor<Float>
  ) -> [KernelJob] {
    chosen(condition, a, b, y)
  }

  package static func select(
    _ condition: PlacedTensor<Bool>, _ a: PlacedTensor<Int32>, _ b: PlacedTensor<Int32>,
    to y: PlacedTensor<Int32>
  ) -> [KernelJob] {
    chosen(condition, a.moved, b.moved, y.moved)
  }

  package static func select(
    _ condition: PlacedTensor<Bool>, _ a: PlacedTensor<Bool>, _ b: PlacedTensor<Bool>,
    to y: PlacedTensor<Bool>
  ) -> [KernelJob] {
    chosen(condition, a.bytes, b.bytes, y.bytes)
  }

  package static func cast(_ x: PlacedTensor<Int32>, to y: PlacedTensor<Float>) -> [KernelJob] {
    let pair = MixedPair(x, y)
    return [KernelJob(pieces: pair.walk.pieces) { piece, _ in pair.map(piece) { Float($0) } }]
  }

  package static func cast(_ x: PlacedTensor<Bool>, to y: PlacedTensor<Float>) -> [KernelJob] {
    let pair = MixedPair(x.bytes, y)
    return [KernelJob(pieces: pair.walk.pieces) { piece, _ in pair.map(piece) { Float($0) } }]
  }

  package static func cast(_ x: PlacedTensor<Bool>, to y: PlacedTensor<Int32>) -> [KernelJob] {
    let pair = MixedPair(x.bytes, y)
    return [KernelJob(pieces: pair.walk.pieces) { piece, _ in pair.map(piece) { Int32($0) } }]
  }

  package static func cast(_ x: PlacedTensor<Float>, to y: PlacedTensor<Bool>) -> [KernelJob] {
    let pair = MixedPair(x, y)
    return [KernelJob(pieces: pair.walk.pieces) { piece, _ in pair.map(piece) { $0 != 0 } }]
  }

  package static func cast(_ x: PlacedTensor<Int32>, to y: PlacedTensor<Bool>) -> [KernelJob] {
    let pair = MixedPair(x, y)
    return [KernelJob(pieces: pair.walk.pieces) { piece, _ in pair.map(piece) { $0 != 0 } }]
  }

  @inline(__always) private static func chosen<Element>(
    _ condition: PlacedTensor<Bool>, _ a: PlacedTensor<Element>, _ b: PlacedTensor<Element>,
    _ y: PlacedTensor<Element>
  ) -> [KernelJob] {
    let walk = RunWalk(y.extents, y.strides, condition.strides, a.strides, b.strides)
    let (target, mask, left, right) = (y.place, condition.place, a.place, b.place)
    return [
      KernelJob(pieces: walk.pieces) { piece, _ in
        let steps = walk.steps
        walk.forEachRun(piece) { start, count in
          let (y, mask) = (target.pointer + start[0], mask.pointer + start[1])
          let (a, b) = (left.pointer + start[2], right.pointer + start[3])
          var index = 0
          if steps[0] == 1 && steps[1] == 1 && steps[2] == 1 && steps[3] == 0 {
            let other = b[0]
            while index < count {
              let first = a[index]
              y[index] = mask[index] ? first : other
              index &+= 1
            }
          } else if steps == RunWalk.Offsets(repeating: 1) {
            while index < count {
              let (first, second) = (a[index], b[index])
              y[index] = mask[index] ? first : second
              index &+= 1
            }
          } else {
            while index < count {
              let (first, second) = (a[index &* steps[2]], b[index &* steps[3]])
              y[index &* steps[0]] = mask[index &* steps[1]] ? first : second
              index &+= 1
            }
          }
        }
      }
    ]
  }
}

/// A tensor and one of another type made from it.
private struct MixedPair<Source, Target>: Sendable {
  let walk: RunWalk
  let source: Place<Source>
  let target: Place<Target>

  @inline(__always) init(_ x: PlacedTensor<Source>, _ y: PlacedTensor<Target>) {
    walk = RunWalk(y.extents, y.strides, x.strides)
    (source, target) = (x.place, y.place)
  }

  @inline(__always) func map(_ piece: Int, _ f: (Source) -> Target) {
    let steps = walk.steps
    walk.forEachRun(piece) { start, count in
      let (y, x) = (target.pointer + start[0], source.pointer + start[1])
      var index = 0
      if steps[0] == 1 && steps[1] == 1 {
        while index < count {
          y[index] = f(x[index])
          index &+= 1
        }
      } else {
        while index < count {
          y[index &* steps[0]] = f(x[index &* steps[1]])
          index &+= 1
        }
      }
    }
  }
}

/// Two tensors and one of another type made from them.
private struct MixedTriple<Source, Target>: Sendable {
  let walk: RunWalk
  let left: Place<Source>
  let right: Place<Source>
  let target: Place<Target>

  @inline(__always)
  init(_ a: PlacedTensor<Source>, _ b: PlacedTensor<Source>, _ y: PlacedTensor<Target>) {
    walk = RunWalk(y.extents, y.strides, a.strides, b.strides)
    (left, right, target) = (a.place, b.place, y.place)
  }

  @inline(__always) func map(_ piece: Int, _ f: (Source, Source) -> Target) {
    let steps = walk.steps
    walk.forEachRun(piece) { start, count in
      let y = target.pointer + start[0]
      let (a, b) = (left.pointer + start[1], right.pointer + start[2])
      var index = 0
      if steps[0] == 1 && steps[1] == 1 && steps[2] == 1 {
        while index < count {
          y[index] = f(a[index], b[index])
          index &+= 1
        }
      } else if steps[0] == 1 && steps[1] == 1 && steps[2] == 0 {
        let second = b[0]
        while index < count {
          y[index] = f(a[index], second)
          index &+= 1
        }
      } else {
        while index < count {
          y[index &* steps[0]] = f(a[index &* steps[1]], b[index &* steps[2]])
          index &+= 1
        }
      }
    }
  }
}
