// KernelScalar+CLibrary: the transcendental functions of Float and Double.
// Apart because only this file and its clients' linker need the C library.
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension Float: KernelScalar {
  package static func exponential(_ x: Float) -> Float { expf(x) }
  package static func logarithm(_ x: Float) -> Float { logf(x) }
  package static func hyperbolicTangent(_ x: Float) -> Float { tanhf(x) }
  package static func errorFunction(_ x: Float) -> Float { erff(x) }
  package static func sine(_ x: Float) -> Float { sinf(x) }
  package static func cosine(_ x: Float) -> Float { cosf(x) }
  package static func power(_ x: Float, _ y: Float) -> Float { powf(x, y) }
}

extension Double: KernelScalar {
  package static func exponential(_ x: Double) -> Double { exp(x) }
  package static func logarithm(_ x: Double) -> Double { log(x) }
  package static func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }
  package static func errorFunction(_ x: Double) -> Double { erf(x) }
  package static func sine(_ x: Double) -> Double { sin(x) }
  package static func cosine(_ x: Double) -> Double { cos(x) }
  package static func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }
}
