// The `plumbline` executable: hands its arguments to the commands and prints what they return.
// Everything else is in the Commands target, where tests reach it.
import Commands

Process.hearOfFailedWrites()
Process.exit(with: CommandLineTool.run(Array(CommandLine.arguments.dropFirst()), in: .process))
