// swift-tools-version: 6.2
// Plumbline's targets, in the order in which they may import one another.
// A target imports only what stands above it; no external package.
import PackageDescription

/// One library target and the targets above it that it may import.
struct Room {
  let name: String
  let imports: [String]
}

let rooms = [
  Room(name: "Diagnostics", imports: []),
  Room(name: "Dimensions", imports: []),
  Room(name: "Kernels", imports: []),
  Room(name: "Schedules", imports: []),
  Room(name: "IR", imports: ["Diagnostics", "Dimensions", "Kernels"]),
  Room(name: "Operations", imports: ["Diagnostics", "Dimensions", "Kernels", "IR"]),
  Room(
    name: "Language", imports: ["Diagnostics", "Dimensions", "Schedules", "IR", "Operations"]),
  Room(name: "Autodiff", imports: ["Diagnostics", "Dimensions", "IR", "Operations"]),
  Room(name: "Analysis", imports: ["Diagnostics", "Dimensions", "IR", "Operations", "Autodiff"]),
  Room(
    name: "Execution",
    imports: ["Diagnostics", "Dimensions", "Kernels", "IR", "Operations", "Autodiff"]),
  Room(name: "Interchange", imports: ["Diagnostics", "Dimensions", "Kernels", "IR", "Language"]),
  Room(
    name: "Training",
    imports: [
      "Diagnostics", "Dimensions", "Kernels", "Schedules", "IR", "Language", "Execution",
      "Interchange",
    ]),
  Room(
    name: "Validation",
    imports: [
      "Diagnostics", "Dimensions", "Kernels", "Schedules", "IR", "Language", "Autodiff",
      "Analysis", "Training", "Interchange",
    ]),
  Room(name: "SwiftDSL", imports: ["Diagnostics", "Language"]),
  Room(
    name: "PlumblineKit",
    imports: [
      "Diagnostics", "Dimensions", "Kernels", "Schedules", "IR", "Operations", "Language",
      "Autodiff", "Analysis", "Execution", "Training", "Validation", "Interchange", "SwiftDSL",
      "Architectures",
    ]),
  Room(
    name: "Commands",
    imports: [
      "Diagnostics", "Dimensions", "Kernels", "Schedules", "IR", "Operations", "Language",
      "Autodiff", "Analysis", "Execution", "Training", "Validation", "Interchange",
      "PlumblineKit",
    ]),
]

/// An instruction set for which the fast kernels are compiled once more, from the same files.
struct KernelLevel {
  let name: String
  let flags: [String]
}

// The manifest is compiled where the package is built, and only this processor family has levels.
#if arch(x86_64)
let kernelLevels = [
  KernelLevel(name: "KernelsBaseline", flags: []),
  KernelLevel(name: "KernelsAVX2", flags: ["-Xcc", "-march=x86-64-v3"]),
  KernelLevel(name: "KernelsAVX512", flags: ["-Xcc", "-march=x86-64-v4"]),
]
#else
let kernelLevels = [KernelLevel(name: "KernelsBaseline", flags: [])]
#endif

/// Kernels are loops over numbers: without the optimiser a debug test run would take an hour.
let optimised: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]
let hot = ["Kernels", "Dimensions", "Diagnostics", "Language"]

/// One file to copy: the runtime goes into the tool.
///
/// Foundation's parts are named, each before what it needs, because objects that were compiled for
/// the shared runtime ask for Foundation alone.
let staticFoundation =
  ["-static-stdlib"]
  + [
    "Foundation", "CoreFoundation", "FoundationInternationalization", "FoundationEssentials",
    "_FoundationCollections", "_FoundationCShims", "_FoundationICU", "swiftSynchronization",
  ].map { "-l\($0)" }

let fastKernels: [Target] =
  [.target(name: "Intrinsics")]
  + kernelLevels.map { level in
    .target(
      name: level.name, dependencies: ["Intrinsics", "Kernels"],
      swiftSettings: optimised + [.unsafeFlags(level.flags)])
  }

let libraries: [Target] = rooms.map { room in
  .target(
    name: room.name,
    dependencies: room.imports.map { .byName(name: $0) }
      + (room.name == "Execution"
        ? kernelLevels.map { .byName(name: $0.name) } + ["Intrinsics"] : []),
    resources: room.name == "Language" ? [.embedInCode("Prelude/prelude.model")] : [],
    swiftSettings: hot.contains(room.name) ? optimised : [])
}

let everything: [Target.Dependency] =
  rooms.map { .byName(name: $0.name) } + kernelLevels.map { .byName(name: $0.name) }
  + [.byName(name: "Architectures")]

let tests: [Target] = [
  "Diagnostics", "Dimensions", "Kernels", "Schedules", "Operations", "Language", "Execution",
  "Interchange",
  "PlumblineKit",
].map { name in
  .testTarget(
    name: "\(name)Tests", dependencies: everything + ["AllocationCounter"],
    path: "Tests/\(name)Tests")
}

/// Counts what a thread asks of the heap, for the tests that promise nothing is asked.
let allocationCounter = Target.target(
  name: "AllocationCounter", path: "Tests/AllocationCounter")

let package = Package(
  name: "plumbline",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "PlumblineKit", targets: ["PlumblineKit", "SwiftDSL"]),
    .executable(name: "plumbline", targets: ["plumbline"]),
  ],
  targets: fastKernels + libraries + tests + [
    allocationCounter,
    .target(
      // A link in the room leads to `models/`, so that every file there is embedded unnamed.
      name: "Architectures", resources: [.embedInCode("models")]),
    .executableTarget(
      name: "plumbline-benchmark", dependencies: everything, path: "Sources/PlumblineBenchmark"),
    .executableTarget(
      name: "plumbline", dependencies: everything, path: "Sources/PlumblineCLI",
      linkerSettings: [.unsafeFlags(staticFoundation, .when(platforms: [.linux]))]),
  ],
  swiftLanguageModes: [.v6])
