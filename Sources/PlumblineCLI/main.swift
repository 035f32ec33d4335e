import Diagnostics
import PlumblineKit
let args = Array(CommandLine.arguments.dropFirst())
for path in args where !path.contains("=") {
  let loaded = try Workspace.load(path, settings: args.compactMap(Setting.init(parsing:)))
  print(TerminalRenderer(color: false).render(loaded.diagnostics, in: loaded.sources))
  if let model = loaded.model { print(model.program.name, model.program.functions.count, model.program.definitions.count, loaded.hasErrors) }
}
