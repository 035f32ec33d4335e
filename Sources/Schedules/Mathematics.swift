// Mathematics: the transcendental functions that schedules are made of, in Double.
// Apart because only this file needs the C library.
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Functions of the C library, in Double.
package enum Mathematics {
  package static func cosine(_ x: Double) -> Double { cos(x) }
  package static func logarithm(_ x: Double) -> Double { log(x) }
  package static func exponential(_ x: Double) -> Double { exp(x) }
  package static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

  /// Half a cosine wave: 1 at 0, 0 at 1, and up again after it.
  package static func halfWave(_ progress: Double) -> Double {
    0.5 * (1.0 + cosine(.pi * progress))
  }

  /// A step divided by a number of steps of at least one.
  package static func ratio(_ step: Int, _ length: Int) -> Double {
    Double(step) / Double(max(1, length))
  }

  /// The difference, at the end of the range of `Int` instead of beyond it.
  package static func difference(_ left: Int, _ right: Int) -> Int {
    let (value, overflow) = left.subtractingReportingOverflow(right)
    return overflow ? (left < right ? .min : .max) : value
  }

  /// The sum, at the end of the range of `Int` instead of beyond it.
  package static func sum(_ left: Int, _ right: Int) -> Int {
    let (value, overflow) = left.addingReportingOverflow(right)
    return overflow ? (left < 0 ? .min : .max) : value
  }

  /// The product, at the end of the range of `Int` instead of beyond it, of numbers from 0.
  package static func product(_ left: Int, _ right: Int) -> Int {
    let (value, overflow) = left.multipliedReportingOverflow(by: right)
    return overflow ? .max : value
  }
}
