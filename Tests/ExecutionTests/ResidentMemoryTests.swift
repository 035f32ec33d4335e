// ResidentMemoryTests: what is read of the system's account of a process.
// How a plan compares with it is measured by `verify`, in a process that does nothing else.
import Execution
import Testing

@Suite struct ResidentMemoryTests {
  @Test("the field is found by its whole name and counted in bytes")
  func field() {
    let status = "Name:\tplumbline\nVmPeak:\t  912 kB\nVmRSS:\t    1234 kB\nThreads:\t2\n"
    #expect(ResidentMemory.bytes(of: "VmRSS:", in: status) == 1_263_616)
    #expect(ResidentMemory.bytes(of: "VmHWM:", in: status) == nil)
    #expect(ResidentMemory.bytes(of: "VmRSS:", in: "VmRSS:") == nil)
    #expect(ResidentMemory.bytes(of: "VmRSS:", in: "VmRSS: many kB") == nil)
    #expect(ResidentMemory.bytes(of: "VmRSS:", in: "VmRSS: 9223372036854775807 kB") == nil)
  }

  #if os(Linux)
  @Test("memory that is written to is in the process's account")
  func growth() throws {
    let before = try #require(ResidentMemory.bytes())
    let bytes = [UInt8](repeating: 1, count: 256 << 20)
    let after = try #require(ResidentMemory.bytes())
    // Other suites come and go in this process, none as large as this.
    #expect(after - before > 128 << 20)
    #expect(bytes.last == 1)
  }
  #endif
}
