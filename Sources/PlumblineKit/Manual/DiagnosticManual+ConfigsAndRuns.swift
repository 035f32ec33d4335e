// DiagnosticManual+ConfigsAndRuns: pages of rules, written from their documentation comments.
// Made by `UPDATE_SNAPSHOTS=1 swift test --filter RuleManualTests`; edit the comments instead.

extension DiagnosticManual {
  static var configsAndRuns: [Entry] {
    [
      Entry(
        "best-rate-at-edge",
        """
        The best run of a study has the lowest or the highest rate that was tried. Then better rates
        may lie beyond, and the study did not find the best one. Runs are compared by their best
        validation loss, else by the mean of their last losses; three rates are needed, and a run
        whose loss is not finite counts as bad.
        """,
        example: """
          of 1e-4, 3e-4 and 1e-3 the last is best
          """,
        remedy: """
          Extend the sweep beyond that end.
          """,
        catalogue: "T20"),
      Entry(
        "best-step-early",
        """
        In every run the best validation loss comes in the first tenth of the steps. Then the run is
        far too long for what it learns: most of it makes the model worse. One run of several says
        little, so all of them must; each needs at least ten validations.
        """,
        example: """
          the lowest validation loss at step 800 of 10,000
          """,
        remedy: """
          Plan fewer steps, or regularise more.
          """,
        catalogue: "T19"),
      Entry(
        "best-step-late",
        """
        In every run the best validation loss comes in the last quarter of the steps. Then training
        had not finished: more steps, with the decay of the rate tuned again for them, may give
        more. One run of several says little, so all of them must; each needs at least ten
        validations.
        """,
        example: """
          the lowest validation loss at step 9,900 of 10,000
          """,
        remedy: """
          Train longer and tune the decay again; `plumbline plan --stretch` writes the section.
          """,
        catalogue: "T19"),
      Entry(
        "class-of-another-family",
        """
        `architectures` names a class of another family than `model_type`. Loaders disagree about
        which of the two to believe: the automatic classes of transformers go by `model_type`,
        servers and converters by the class. Mostly one of the two was edited and the other left.
        Only classes of families that are known here are judged; any other class may be somebody's
        own.
        """,
        example: """
          "model_type": "llama" with "architectures": ["GPT2LMHeadModel"]
          """,
        remedy: """
          Correct the one that does not belong to the weights.
          """,
        catalogue: "beyond it"),
      Entry(
        "config-keys-conflict",
        """
        A config gives one quantity under two keys, and the values differ. Families accept several
        names for a quantity, `n_embd` and `hidden_size` for example, and each reader takes the one
        that it knows; a misspelt key beside the right one is read by nobody. Which keys mean the
        same, the family's model file says (`from "n_embd" | "hidden_size"`); a key that also fills
        another field is a default for it and no second name. Keys that differ only in capitals,
        underscores or a final s count as one.
        """,
        example: """
          "n_embd": 768, "hidden_size": 1024
          """,
        remedy: """
          Remove the key that is not meant.
          """,
        catalogue: "A37, A38"),
      Entry(
        "dropout-out-of-range",
        """
        A dropout is not a share below 1, or larger than a half. A dropout of 1 zeroes the whole
        branch, and a number outside 0...1 is refused by every framework, for example a percentage;
        beyond a half more is lost than is kept, which is rarely meant. The rule goes by the
        convention of `config.json`: keys that contain `dropout`, end in `pdrop` or are called
        `layerdrop`, when they hold a number.
        """,
        example: """
          "attn_pdrop": 1.0
          """,
        remedy: """
          Use a share from 0 to 0.5; 0.1 is usual.
          """,
        catalogue: "A36"),
      Entry(
        "expert-interval-uneven",
        """
        The layers do not divide by the interval at which they have experts. With 13 layers and
        experts in every second one, a family that begins with a plain layer has 6 layers with
        experts and another has 7; programs differ in where they begin, and so in the number of
        parameters. The rule goes by the names of configs: `decoder_sparse_step`,
        `moe_layer_frequency` and their kin, beside the number of layers.
        """,
        example: """
          "decoder_sparse_step": 2 with "num_hidden_layers": 13
          """,
        remedy: """
          Choose a number of layers that the interval divides.
          """,
        catalogue: "A35"),
      Entry(
        "first-loss-unexpected",
        """
        The first logged loss is far from ln(vocabulary), that of a model that knows nothing. A new
        model gives every class about the same chance, so its cross-entropy is the logarithm of
        their number: 10.82 for GPT-2's 50,257. More means that the weights start too large, as
        tables of standard deviation 1 under a tied head do; less means trained weights, or that the
        model sees its targets. The first line counts when it is of step 0 or 1.
        """,
        example: """
          {"step": 0, "loss": 320.5} with a vocabulary of 50,257
          """,
        remedy: """
          Look at the initialisation and at how labels are made.
          """,
        catalogue: "N07, N08"),
      Entry(
        "generation-beyond-positions",
        """
        The length of generated texts exceeds the positions of the model. `max_length` counts the
        prompt and what is generated, `max_new_tokens` only the latter, to which at least one token
        of a prompt is added. Beyond the last position a learnt table has no row, and generation
        fails there or reads what is none; positions that are computed go on, but were never
        trained. A `rope_scaling` with a factor makes room by that factor. The rule reads both keys
        in `generation_config.json` and in `config.json`, and leaves alone what families without
        positions are asked for.
        """,
        example: """
          "max_length": 1100 with "n_positions": 1024
          """,
        remedy: """
          Generate less, or use a model with more positions.
          """,
        catalogue: "A10"),
      Entry(
        "key-groups-unclear",
        """
        A config counts groups of key heads under a key that the family does not read. `n_kv_groups`
        is the number of key heads in one program and the number of query heads that share one in
        another; transformers computes `num_key_value_groups` and reads neither. The message says
        what the model has instead, and what each reading would make of the number. It stays silent
        where the family's own key is there and agrees with one of the readings.
        """,
        example: """
          "num_key_value_groups": 4 without "num_key_value_heads"
          """,
        remedy: """
          Write the number of key heads under the key that the family reads.
          """,
        catalogue: "A05"),
      Entry(
        "key-of-another-family",
        """
        A config gives a quantity under a key of another family, and the key that is read is
        missing. `n_layers` is read by nobody in a Llama config: the model gets the default number
        of layers, and no loader complains. The rule knows the names that published families have
        for width, depth, heads, key heads, feed-forward width, positions and vocabulary; it speaks
        only where the family's own key is missing, the value is a whole number, and it is not the
        family's default.
        """,
        example: """
          "n_layers": 24 in a config of "model_type": "llama"
          """,
        remedy: """
          Write the key that the family reads.
          """,
        catalogue: "A37"),
      Entry(
        "layer-types-unknown",
        """
        `layer_types` names a type that is none, or not one for each layer. Classes that read the
        list refuse such a config; a reader that only compares with one word takes the misspelt
        layer for the other kind, and a list that is too short for its default. The rule goes by the
        convention of `config.json`: one word for each of `num_hidden_layers`.
        """,
        example: """
          "layer_types": ["sliding_atention", "full_attention"]
          """,
        remedy: """
          Write one of the types that the message lists, once for each layer.
          """,
        catalogue: "A37"),
      Entry(
        "loss-not-finite",
        """
        A logged loss is NaN or infinite. From then on the weights are lost: every later step works
        on numbers that mean nothing. In f16 an overflow does it, which scaling the loss or bf16
        avoids; else the rate is too high, warm-up too short, or a row of attention sees nothing.
        """,
        example: """
          {"step": 120, "loss": Infinity}
          """,
        remedy: """
          Go back to a checkpoint before that step; scale the loss, clip, or lower the rate.
          """,
        catalogue: "N03"),
      Entry(
        "most-updates-clipped",
        """
        More than half of the updates had a gradient norm above the threshold. Clipping is for rare
        spikes. When it acts on most updates it works as a lower, uneven rate; the tuning playbook
        then lowers the rate, and takes the 90th percentile of the norms as a threshold.
        """,
        example: """
          clip global_norm 0.1 where the median norm is 0.8
          """,
        remedy: """
          Lower the rate, or raise the threshold to the 90th percentile.
          """,
        catalogue: "T22"),
      Entry(
        "rate-differs-from-plan",
        """
        The logged learning rates are not those of the planned schedule. Mostly the schedule was
        never attached, is stepped once for each micro-batch or process, or has another horizon
        after a resume. A log may count steps from one, or name the rate of the next update; either
        is accepted when it explains every line. Rates are compared to the digits that the log
        prints.
        """,
        example: """
          a cosine was planned, and every line of the log says 6e-4
          """,
        remedy: """
          Attach the planned schedule, step it once an update, or plan what was run.
          """,
        catalogue: "T08, T12, T25"),
      Entry(
        "rows-without-token",
        """
        The vocabulary of the config is another than that of the tokenizer that lies beside it. More
        rows than tokens are usual, since even sizes are faster, but the head gives the rows without
        a token a probability: whoever samples must mask their logits (note; advice only, once
        weights exist). Fewer rows than tokens are an error, as ids look beyond the table. The
        tokenizer is read from `tokenizer.json`, or from `vocab.json` or `vocab.txt` with
        `added_tokens.json` and `tokenizer_config.json`.
        """,
        example: """
          "vocab_size": 50304 beside a tokenizer with ids up to 50256
          """,
        remedy: """
          Mask the logits without a token; enlarge a table that is too short.
          """,
        catalogue: "A14"),
      Entry(
        "run-lengths-differ",
        """
        The runs that are compared have different lengths. A longer run is nearly always better, so
        the comparison says which run was longest. The tuning playbook fixes the length within a
        study. Runs that lost their loss may be shorter.
        """,
        example: """
          three runs of 10,000 steps and one of 20,000
          """,
        remedy: """
          Compare runs of one length, or take each at the length of the shortest.
          """,
        catalogue: "T21"),
      Entry(
        "shared-vocabularies-differ",
        """
        An encoder and a decoder share one table, but the config gives them different vocabularies.
        One table has one number of rows: with `share_encoder_decoder_embeddings` the larger
        vocabulary has tokens without a row, and the other number is read by nobody. The rule reads
        `vocab_size` and `decoder_vocab_size`, or `src_vocab_size` and `tgt_vocab_size`.
        """,
        example: """
          "vocab_size": 32000, "decoder_vocab_size": 37000 with a shared table
          """,
        remedy: """
          Make one vocabulary for both, or share no table.
          """,
        catalogue: "A17"),
      Entry(
        "token-outside-vocabulary",
        """
        The id of a special token is not below the size of the vocabulary. Ids count from 0, so a
        vocabulary of 32000 ends at 31999: looking the token up reads beyond the table, which fails
        on a processor and is undefined on an accelerator. Mostly a token was added to the tokenizer
        and the embeddings were not resized. The rule goes by the convention of `config.json`: keys
        that end in `_token_id`, and `vocab_size`. A negative id, like `null`, means that there is
        no such token.
        """,
        example: """
          "pad_token_id": 32000 with "vocab_size": 32000
          """,
        remedy: """
          Enlarge the vocabulary, or use a token that exists.
          """,
        catalogue: "A12, A13"),
    ]
  }
}
