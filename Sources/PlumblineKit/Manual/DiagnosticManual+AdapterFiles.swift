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
      Entry(
        "no-adapter",
        "The adapters of a model are to be saved or merged, and it has none.",
        example: "model m = gpt2 { freeze all }",
        remedy: "Add `adapt PATH with lora(rank: 8, alpha: 16)`, or save the whole model."),
      Entry(
        "adapter-not-lora",
        """
        A block that is adapted computes something else than base(x) + scaling · (x · down) · up, so
        that PEFT's layout can't hold it. What it computes is found by running it on random numbers:
        DoRA, a bias of its own or a function between the matrices are seen, whatever their names.
        """,
        example: "return base(x) + scale * tanh(einsum(low, up : ... r, o r -> ... o))",
        remedy: "Write the adapter as LoRA, or save the whole model."),
      Entry(
        "adapter-trains-more",
        """
        A weight is trained beside the adapters that PEFT's files have no place for. They hold
        adapters and layers that are trained as a whole, not single biases.
        """,
        example: "adapt h[*].attn.c_attn with …, and only the matrices frozen",
        remedy: "Freeze the weight, or train its whole layer."),
      Entry(
        "merge-changes-tied-weight",
        """
        An adapter is to be merged into a weight that other layers share. The sum would change those
        layers too, which the adapted model does not do.
        """,
        example: "an adapter on an output head that shares the table of tokens",
        remedy: "Keep the adapter beside the base, or untie the weight."),
    ]
  }
}
