// DiagnosticManual+GraphRules: pages of rules, written from their documentation comments.
// Made by `UPDATE_SNAPSHOTS=1 swift test --filter RuleManualTests`; edit the comments instead.

extension DiagnosticManual {
  static var graphRules: [Entry] {
    [
      Entry(
        "attention-scale-unusual",
        """
        The scores of attention are multiplied by a constant that looks like a slip. Products of
        queries and keys of width d grow with √d, so they are multiplied by 1/√d. Scaling twice, or
        by 1/d, leaves them so small that every key gets almost the same weight; scaling by the
        model's width instead of the head's does the same to a lesser degree. The rule multiplies
        the constants between the layers that make queries and keys and the softmax, wherever they
        stand. Other constants are taken as chosen: no scale at all (T5), a scale after norms, a
        scale that differs from layer to layer, or one from a `config.json`.
        """,
        example: """
          scores / head_width instead of scores / sqrt(head_width)
          """,
        remedy: """
          Divide once, by the square root of the head's width.
          """,
        catalogue: "N09"),
      Entry(
        "config-field-unused",
        """
        A field of the model's config is set, and nothing reads it. Whoever changes the field
        believes to change the model. Mostly a size is computed from another field instead, or the
        branch of an `if` that would read it is not taken: an activation with a gate that computes
        its own width. A whole number that the file mentions nowhere else is told as a note, other
        fields that nothing mentions, such as a dropout, may be there for people and stay silent. So
        do fields of a family, which are there for the members that need them. A field that the
        model derived from does not have, `layers` where it says `depth`, is told with those that it
        has.
        """,
        example: """
          config hidden = 3_072 where the layers use 8 * width / 3
          """,
        remedy: """
          Use the field, or remove it.
          """,
        catalogue: "A23"),
      Entry(
        "final-norm-missing",
        """
        The head reads the stream of a model that normalises before each branch, without a last
        norm. In a pre-norm model every branch adds to a stream that nothing normalises, so its
        variance grows with the number of layers; the norm before the head (`ln_f` in GPT-2) sets it
        back. Without it logits and loss start far too large. The rule follows the graph back from a
        layer that makes an output of the model: it reads a sum, one side of which came through a
        norm and the other not. A model that ends in the stream itself is a part of something, and
        stays silent.
        """,
        example: """
          return lm_head(h(x)) where the layers of h compute x + attn(ln_1(x))
          """,
        remedy: """
          Normalise before the head: lm_head(ln_f(h(x))).
          """,
        catalogue: "A27"),
      Entry(
        "future-is-visible",
        """
        Predictions can read what they predict: the loss would fall to nearly 0 and nothing be
        learnt. The rule proves from the graph which positions of an input each output position
        reads: a mask counts when it compares positions along the two axes of the scores, wherever
        it is written. It speaks when a position reads later ones and the loss shifts labels by one,
        so that later tokens are what is predicted (error); or some layer hides the future and
        another gives it away; or the plan's loss grades every position over the whole vocabulary
        without `ignore`, so that no input is held back from the model (warning). A masked language
        model marks the positions that count with `ignore`, and stays silent. Norms and means over
        the sequence are found in the same way as a forgotten mask.
        """,
        example: """
          softmax(scores : b h t [s]) under `loss next_token_loss(logits, …)`
          """,
        remedy: """
          Hide later keys, `softmax(mask_future(scores) : b h t [s])`, or give the loss `ignore`.
          """,
        catalogue: "A30, A25"),
      Entry(
        "gated-width-keeps-four",
        """
        A gated feed-forward layer keeps the hidden width of an ungated one, four times the model's.
        A gate is a third matrix: 3 · 4d² = 12d² weights where two matrices have 8d². Keeping the
        count means a hidden width of 8d/3, rounded to a multiple of 64 (Shazeer 2020, arXiv
        2002.05202). The rule sees the gate in the graph: an activated layer times another layer,
        and a third behind them. Other widths are taken as chosen, and so is what a `config.json`
        says.
        """,
        example: """
          gate and up are linear(768, 3_072), down is linear(3_072, 768)
          """,
        remedy: """
          Use 8/3 of the width, or allow it if the larger layer is meant.
          """,
        catalogue: "A22"),
      Entry(
        "half-mask-overflows",
        """
        A finite constant is beyond what f16 can hold, and becomes infinite. The largest f16 is
        65504. A mask of -1e9 or -1e10, meant as "very small but finite", becomes -infinity: a row
        that is masked throughout then gives NaN instead of equal weights. bf16 has the range of f32
        and holds it. The rule follows constants through the graph to where they are f16.
        """,
        example: """
          where(visible, scores, -1e9) in a model of dtype f16
          """,
        remedy: """
          Use -1e4 or -65_504, compute the scores in f32, or write -inf if that is meant.
          """,
        catalogue: "N01"),
      Entry(
        "half-reduction",
        """
        A softmax, a norm or a mean is computed in f16 or bf16. Each adds up many elements, and 16
        bits have 11 (f16) or 8 (bf16) bits for digits: beyond a few thousand elements of equal size
        a sum stops growing, and squares of norms overflow f16 above 256. Frameworks that train in
        16 bits do these in f32. Written in this language an operation computes in the type of its
        operands, so a cast before and after says what is meant.
        """,
        example: """
          softmax(scores : b h t [s]) where scores are f16
          """,
        remedy: """
          Cast to f32 before and back after, or allow it if the kernels accumulate in f32.
          """,
        catalogue: "N05"),
      Entry(
        "half-scores-may-overflow",
        """
        Scores of attention are summed in f16 without a scale, so that they can exceed its range.
        Entries of queries and keys of trained models reach 30 and more, so a product over d
        features reaches d · 30²: beyond 65504 from d = 73 on. A factor 1/√d, best put on the
        queries before the product, keeps it in range.
        """,
        example: """
          softmax(einsum(q, k : …) : b h t [s]) in f16 with heads 128 wide
          """,
        remedy: """
          Divide the queries by √d before the product, or compute the scores in f32 or bf16.
          """,
        catalogue: "N02"),
      Entry(
        "head-width-unusual",
        """
        A head of attention is narrower than 8 or wider than 256. The width of a head is what its
        queries and keys have to tell positions apart: with a width of 1 every score is a product of
        two numbers. Wider than 256 is beyond what fast attention kernels take, and mostly means
        that the number of heads was meant to be larger. The rule looks at the axis over which
        queries and keys are summed before a softmax, and needs no names.
        """,
        example: """
          width 64 with 64 heads, so that each head is 1 wide
          """,
        remedy: """
          Choose the number of heads so that heads are 64 or 128 wide.
          """,
        catalogue: "A29"),
      Entry(
        "norm-shifted-by-bias",
        """
        A vector is added to the result of an RMS norm, which has none. RMS norm scales and never
        shifts (Zhang and Sennrich 2019, arXiv 1910.07467): checkpoints of such models hold no bias
        for it, so the count is off by one vector a norm and the weights do not load. The rule sees
        a weight of one axis added directly to what the norm made.
        """,
        example: """
          return rms_normalize(x, weight) + bias
          """,
        remedy: """
          Remove the bias, or use a layer norm.
          """,
        catalogue: "A26"),
      Entry(
        "normalised-twice",
        """
        The last norm before the head reads what a norm has just made. A post-norm model ends every
        layer with a norm, so one more before the head only learns a second scale and shift: it
        costs weights and changes nothing else. Mostly a block was turned from pre-norm to post-norm
        and the final norm stayed.
        """,
        example: """
          return lm_head(ln_f(h(x))) where the layers of h end in norm(x + ffn(x))
          """,
        remedy: """
          Remove one of the two norms.
          """,
        catalogue: "A27"),
      Entry(
        "padded-row-may-be-empty",
        """
        A padding mask and a causal mask, both with -infinity, can hide every key of a query. The
        first query sees only the first key; when that key is padding, as with padding on the left,
        its row of scores is -infinity throughout and the softmax NaN, which the loss spreads to
        every weight. A finite constant such as -1e9 gives equal weights instead, which do no harm
        in a row that is masked in the loss.
        """,
        example: """
          softmax(mask_keys(mask_future(scores), keep: keep) : b h t [s])
          """,
        remedy: """
          Use a large finite constant for padding, pad on the right only, or let each query see
          itself.
          """,
        catalogue: "N10"),
      Entry(
        "position-rows-never-trained",
        """
        A table of learnt positions is longer than the sequences that the plan trains on. Rows
        beyond the batch's length get no gradient: they keep their random start, take memory, and
        mislead whoever uses longer sequences later. The rule follows the numbers that ask for rows
        from `iota` to the table, so that it needs no names; rows that inputs choose, and frozen
        tables, are left alone.
        """,
        example: """
          batch B = 48, T = 512 under a table of 1_024 positions
          """,
        remedy: """
          Train on longer sequences, shorten the table, or allow it if the weights are given.
          """,
        catalogue: "A11"),
      Entry(
        "residual-branch-not-scaled",
        """
        The matrices that end residual branches are not drawn smaller by the root of the branches.
        Each branch adds to the stream, whose variance grows with their number; GPT-2 draws the last
        matrix of each branch with 0.02/√(2L), L layers with two branches each. The rule tells of a
        model that scales some of its branches and leaves others, or scales for twice or half of its
        branches, or by their number instead of its root. Models that scale none, most of those
        published, are told only where a file asks with `treat residual-branch-not-scaled as note
        because …`. It looks at plans that train all weights.
        """,
        example: """
          attn.c_proj drawn with normal(0.00408), mlp.c_proj with normal(0.02), in 12 layers
          """,
        remedy: """
          Draw both with `normal(0.02 / sqrt(2 * layers))`; `std:` of `conv1d` and `linear` does.
          """,
        catalogue: "N06"),
      Entry(
        "tied-table-too-wide",
        """
        A table that is both embedding and head starts so large that the first loss is far above ln
        V. A head reads features of size 1 behind a norm, so its logits start with the deviation √d
        · σ, where σ is the deviation of the table's initialiser and d the width. The first loss is
        about ln V + d·σ²/2 instead of ln V. PyTorch's embeddings start with σ = 1, right for an
        embedding and far too large for a head. A constant factor between the norm and the head, as
        T5's 1/√d, is counted in. The rule speaks when the first loss is more than twice ln V.
        """,
        example: """
          param weight: [50_257, 768] = normal(1.0), read by `gather` and by the head
          """,
        remedy: """
          Start the table with normal(0.02), untie the head, or scale what the head reads.
          """,
        catalogue: "N07"),
      Entry(
        "vocabulary-uneven",
        """
        The head's number of classes is no multiple of 64. Matrix units work in tiles, so an uneven
        vocabulary costs the time of the next even one; GPT-2's 50257 is padded to 50304 for that
        reason. It is quiet unless a file asks for it with `treat vocabulary-uneven as note because
        …`, as most published vocabularies are uneven.
        """,
        example: """
          a head of 50_257 classes
          """,
        remedy: """
          Pad the vocabulary, and mask the logits that have no token.
          """,
        catalogue: "A15"),
    ]
  }
}
