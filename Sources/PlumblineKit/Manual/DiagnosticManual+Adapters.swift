// DiagnosticManual+Adapters: the pages of the rules on adapters, from their documentation.
// Made by `UPDATE_SNAPSHOTS=1 swift test --filter LoRAManual`; edit the comments instead.

extension DiagnosticManual {
  static var adapters: [Entry] {
    [
      Entry(
        "adapter-count-differs",
        """
        The stated count is not what the description gives. Counts in papers and model cards are
        often taken from another rank, another set of targets or another base. The trainable weights
        are those of the adapters, of saved copies and of trained biases; all weights are these and
        the model's own, as PEFT prints them. Catalogue: L13.
        """,
        example: """
          350_000 stated for GPT-2 medium with rank 4 on c_attn, which is 393_216
          """,
        remedy: """
          Correct the number or the description; `plumbline lora --explain-total` searches for one.
          """),
      Entry(
        "adapter-decays-away",
        """
        Weight decay pulls the adapter back to nothing over the run. AdamW multiplies each decayed
        weight by 1 - rate · decay at every step. For trained weights that is a pull towards zero;
        for an adapter zero means the model as it was. Over a run of many steps at a pre-training
        plan's decay, what no gradient holds up shrinks to less than a third. The rule adds up rate
        · decay over the planned steps and speaks above 1. Catalogue: L17.
        """,
        example: """
          decay 0.1 at rate 6e-4 for 600_000 steps on adapters
          """,
        remedy: """
          Use a decay of 0 to 0.01 for adapters, or a shorter run.
          """),
      Entry(
        "adapter-excludes-everything",
        """
        `exclude_modules` takes out every layer that the targets name. Exclusion is stronger than
        every target: a name in its list excludes each layer whose dotted name ends in it, a single
        text is a regular expression for the whole name. PEFT refuses when nothing is left to adapt.
        Catalogue: L12.
        """,
        example: """
          target_modules ["c_attn"] with exclude_modules ["c_attn"]
          """,
        remedy: """
          Narrow the exclusion, for example to single layers: `h.0.attn.c_attn`.
          """),
      Entry(
        "adapter-keeps-base-rate",
        """
        The adapter is trained at the same rate as the whole model was. Adapters start from nothing
        and are few, so that they bear rates several times higher than full training of the same
        model (Hu et al. 2021 use 2e-4 for GPT-3, whose own rate was 0.6e-4). The same figure in
        both plans is mostly copied, not chosen. The rule compares the plan with that of the model
        that this one derives from. Catalogue: L17.
        """,
        example: """
          rate 6e-4 for gpt2 and for gpt2 with adapters
          """,
        remedy: """
          Choose a rate for the adapter; two to ten times that of full training is usual.
          """),
      Entry(
        "adapter-matches-nothing",
        """
        No target of the adapter matches a layer of the model. PEFT then refuses to make the
        adapter. A name in a list matches a layer that is called so, or whose dotted name ends in it
        after a dot; a single text is a regular expression for the whole name. Names differ from
        family to family: `q_proj` and `v_proj` are Llama's, while GPT-2 makes queries, keys and
        values in one layer, `c_attn`. Catalogue: L01.
        """,
        example: """
          target_modules ["q_proj", "v_proj"] on GPT-2
          """,
        remedy: """
          Use names that the finding lists; `plumbline shapes` prints all of them.
          """),
      Entry(
        "adapter-on-tied-weight",
        """
        An adapter changes one end of a weight that two layers share. A tied head uses the table of
        the tokens. With an adapter on one end the two ends drift apart in training, and merging the
        adapter into the shared weight changes the other end as well; a copy of one end in
        `modules_to_save` unties them for good. Adapting both ends is as bad, with two different
        changes to one weight. Catalogue: L11.
        """,
        example: """
          target_modules ["lm_head"] on GPT-2, whose head is its table of tokens
          """,
        remedy: """
          Leave the tied layers out, untie them, or let PEFT tie the adapters
          (`ensure_weight_tying`).
          """),
      Entry(
        "adapter-options-contradict",
        """
        Options of the adapter contradict each other, or name something that does not exist. PEFT
        refuses them: `layers_to_transform` and `layers_pattern` filter a list of names and can't be
        used with a regular expression or `all-linear`; `layers_pattern` needs
        `layers_to_transform`; DoRA takes no bias of the adapter's own; `bias` is `none`, `all` or
        `lora_only`; and without targets the family must be one that PEFT knows. Catalogue: L01.
        """,
        example: """
          target_modules ".*c_attn" with layers_to_transform [0, 1]
          """,
        remedy: """
          Put the layers into the regular expression, or write the targets as a list of names.
          """),
      Entry(
        "adapter-target-unsupported",
        """
        A target names a block, a list or a norm, for which there is no adapter. PEFT adapts linear
        layers, `Conv1D`, embeddings and convolutions. It matches names without looking at what they
        stand for, and stops when the layer is of another kind. The layers below a block must be
        named themselves. Also told here: a layer that is adapted and, by the end of its name, to be
        saved, which PEFT can't do either. Catalogue: L01.
        """,
        example: """
          target_modules ["attn"] on GPT-2
          """,
        remedy: """
          Name the linear layers inside, which the finding lists.
          """),
      Entry(
        "ambiguous-target",
        """
        A target means different matrices in different parts of each layer. PEFT compares the end of
        the dotted name, so `c_proj` of GPT-2 is both the output of attention `[768 → 768]` and the
        second layer of the MLP `[3072 → 768]`, and `dense` of BERT is three layers. The rule speaks
        where the shapes differ and the parts of the block differ; it is silent when the targets
        together take in every linear layer there, because then nothing was taken by accident.
        Catalogue: L03.
        """,
        example: """
          target_modules ["c_proj"] on GPT-2
          """,
        remedy: """
          Write the part too: `attn.c_proj` or `mlp.c_proj`.
          """),
      Entry(
        "exclusion-matches-nothing",
        """
        `exclude_modules` excludes no layer. What was to stay untouched is adapted then, if a target
        names it. PEFT warns too. Catalogue: L02.
        """,
        example: """
          exclude_modules ["lm_hed"]
          """,
        remedy: """
          Use the model's own names, or drop the option.
          """),
      Entry(
        "fan-in-fan-out-differs",
        """
        `fan_in_fan_out` does not say how the adapted weights are stored. GPT-2's layers (`Conv1D`)
        store their weight [in, out], `torch.nn.Linear` stores [out, in]. PEFT corrects the flag
        with a warning at each layer that differs, other programs that merge the adapter may add the
        change transposed, which fits without an error where the matrix is square. The adapter's own
        matrices are [r, in] and [out, r] either way. Catalogue: L10.
        """,
        example: """
          fan_in_fan_out false on GPT-2's c_attn
          """,
        remedy: """
          Set the flag to what the finding says.
          """),
      Entry(
        "fused-projection-adapted",
        """
        The adapter acts on queries, keys and values together. Where one layer makes all three, its
        adapter changes the keys as well, and its rank is shared by the three. For equal widths it
        has as many weights as two adapters of the same rank on separate queries and values, r · (d
        + 3d) = 2 · r · (d + d), but it is another adapter. It asks for nothing. Catalogue: L16.
        """,
        example: """
          target_modules ["c_attn"] on GPT-2
          """,
        remedy: """
          Nothing to do; raise the rank if each of the three should have the full rank.
          """),
      Entry(
        "layers-out-of-range",
        """
        `layers_to_transform` names a layer that the model does not have. Layers count from 0. PEFT
        ignores an index without a layer, so that fewer layers are adapted than the list says: 12
        layers are 0 to 11. Catalogue: L14.
        """,
        example: """
          layers_to_transform [11, 12] on 12 layers
          """,
        remedy: """
          Use indices that exist.
          """),
      Entry(
        "nothing-trainable",
        """
        The plan trains nothing, because every weight is frozen. No tensor receives a gradient, so
        that the first backward pass fails or the loss never moves. Mostly the adapters are missing:
        `freeze all` alone leaves nothing to train. Catalogue: L15.
        """,
        example: """
          freeze all, without an `adapt` line, and a `train` section
          """,
        remedy: """
          Adapt some layers, or freeze less.
          """),
      Entry(
        "override-matches-nothing",
        """
        A pattern of `rank_pattern` or `alpha_pattern` matches no adapted layer. PEFT ignores it
        with a warning, so that the layer that was meant keeps the common rank or alpha. The pattern
        is a regular expression for the end of the dotted name, from a dot on. Catalogue: L02.
        """,
        example: """
          rank_pattern {"c_atn": 4}
          """,
        remedy: """
          Correct the pattern, or add the layer to the targets.
          """),
      Entry(
        "rank-above-break-even",
        """
        The adapter of a layer has more weights than the layer's own matrix. An adapter of rank r
        has r · (in + out) weights and the matrix has in · out, so beyond r = in · out / (in + out)
        it would be cheaper to train the matrix. For a square matrix that is half its side.
        Catalogue: L07.
        """,
        example: """
          r 512 on a layer [768 → 768], where 384 breaks even
          """,
        remedy: """
          Lower the rank, or put the layer among `modules_to_save` and train it in full.
          """),
      Entry(
        "rank-above-matrix",
        """
        The rank is larger than the smaller side of the matrix. The change that the adapter makes is
        a matrix of the same shape, whose rank is at most the smaller of its sides. What the adapter
        has beyond costs memory and can express nothing more. Catalogue: L06.
        """,
        example: """
          r 1024 on a layer [768 → 768]
          """,
        remedy: """
          Lower the rank, for this layer alone by `rank_pattern`, or train the layer in full.
          """),
      Entry(
        "rank-not-positive",
        """
        The rank of an adapter is zero or negative. The adapter is the product of a matrix with
        `rank` rows and one with `rank` columns: without rows there is nothing to train, and PEFT
        refuses. Catalogue: L05.
        """,
        example: """
          r 0
          """,
        remedy: """
          Use a positive rank; 4 to 64 is usual.
          """),
      Entry(
        "saved-matches-nothing",
        """
        A name in `modules_to_save` means no layer of the model. PEFT compares the ends of all names
        and passes over what it does not find, so that the layer that was meant stays frozen. The
        names `classifier` and `score` are written by PEFT itself for every classification task,
        whichever of the two exists, and are no finding. Catalogue: L02.
        """,
        example: """
          modules_to_save ["lm_hed"]
          """,
        remedy: """
          Use the model's own name for the layer.
          """),
      Entry(
        "scaling-differs-when-served",
        """
        The adapter is served with another factor than it was trained with. The factor alpha / r, or
        alpha / √r when rank-stabilised, is no weight: every program computes it again from the
        description. When the flag `use_rslora`, alpha or the rank got lost on the way, the same
        weights act √r times stronger or weaker, and nothing fails. Catalogue: L09.
        """,
        example: """
          trained with use_rslora true at r 16, served without: 4 times weaker
          """,
        remedy: """
          Give the server the description that the adapter was trained with.
          """),
      Entry(
        "target-also-saved",
        """
        A target is also in `modules_to_save`. PEFT trains such a layer in full and makes no adapter
        for it. When all layers of a target are saved, the target does nothing; when that leaves no
        adapter at all, PEFT refuses. Catalogue: L12.
        """,
        example: """
          target_modules ["c_attn"] and modules_to_save ["c_attn"]
          """,
        remedy: """
          Keep the layer in one of the two lists.
          """),
      Entry(
        "target-matches-nothing",
        """
        A target names no layer, while others do. PEFT ignores it without a word, so that fewer
        layers are trained than the list says, and two lists that look different give the same
        adapter. Catalogue: L02.
        """,
        example: """
          target_modules ["c_attn", "q_proj"] on GPT-2
          """,
        remedy: """
          Remove the name, or use the model's own.
          """),
      Entry(
        "uneven-adapter-coverage",
        """
        A target is adapted in some layers of the model and missing in others that have the same
        part. Some models leave a projection out in a part of their layers, for example the values
        that later layers borrow from earlier ones. The adapter is then smaller there, which the
        list of targets does not show. The rule looks at layers of one list that have the part
        (`self_attn`) with other adaptable layers in it, but not this one; layers that are left out
        on purpose, by index or by exclusion, do not count. Catalogue: L04.
        """,
        example: """
          target_modules ["v_proj"] where layers 15 to 29 share the values of layer 14
          """,
        remedy: """
          Name a layer that every block has, or accept the gap knowingly.
          """),
      Entry(
        "unusual-adapter-scale",
        """
        The adapter's output is multiplied by a factor that is far from every usual one. The factor
        is alpha / r, or alpha / √r when rank-stabilised. Below 1/16 the adapter hardly acts at any
        common rate, at 0 it never does; above 32 the first updates are so large that training is
        likely to diverge. Published adapters lie between 1/8 and 32. Often rank and alpha were
        swapped, or the rank was raised and alpha kept. Catalogue: L08.
        """,
        example: """
          r 64 with lora_alpha 1: a factor of 0.0156
          """,
        remedy: """
          Set alpha near the rank; r or 2 r are usual.
          """),
    ]
  }
}
