// DiagnosticManual+AdapterFiles: what can be wrong with a file or an option that describes an adapter.
// Apart from the rules, whose pages are written from their comments.

extension DiagnosticManual {
  static var adapterFiles: [Entry] {
    [
      Entry(
        "adapter-pattern-unreadable",
        """
        A regular expression of an adapter can't be read. It is read as Python's `re` does, without
        references to groups and without possessive repetitions.
        """,
        example: "target_modules \"(c_attn\"",
        remedy: "Correct the expression at the character that the finding names."),
      Entry(
        "adapter-field-not-read",
        """
        A field of `adapter_config.json` changes which weights there are in a way that is not
        counted. Nothing is counted then, since every number would be a guess.
        """,
        example: "\"layer_replication\": [[0, 8], [4, 12]]",
        remedy: "Remove the field to see the counts without it."),
      Entry(
        "adapter-of-another-kind",
        "The file describes an adapter of another method than LoRA.",
        example: "\"peft_type\": \"IA3\"",
        remedy: "Give the file of a LoRA adapter."),
    ]
  }
}
