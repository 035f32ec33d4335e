// DiagnosticManual+Rules: pages of rules, written from their documentation comments.
// Made by `UPDATE_SNAPSHOTS=1 swift test --filter RuleManualTests`; edit the comments instead.

extension DiagnosticManual {
  static var rules: [Entry] {
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
        "batch-uneven-over-devices",
        """
        The examples of an update do not divide by the number of devices. In data-parallel training
        each device takes the same number of examples; what is left over makes launchers stop or
        drop data. Examples are those of the micro-batch times the accumulation.
        """,
        example: """
          batch B = 5, T = 512 with device count 8
          """,
        remedy: """
          Use a batch, or an accumulation, that the number of devices divides.
          """,
        catalogue: "T14"),
      Entry(
        "clipping-out-of-range",
        """
        The bound of the gradient's norm is not positive. Clipping multiplies the gradient by bound
        / norm where the norm is larger: with a bound of 0 every update is nothing but decay, with a
        negative one the loss climbs.
        """,
        example: """
          clip global_norm 0
          """,
        remedy: """
          Use a positive bound, 1.0 for example, or remove the line.
          """,
        catalogue: "T22"),
      Entry(
        "config-field-unused",
        """
        A field of the model's config is set, and nothing reads it. Whoever changes the field
        believes to change the model. Mostly a size is computed from another field instead, or the
        branch of an `if` that would read it is not taken: an activation with a gate that computes
        its own width. A whole number that the file mentions nowhere else is told as a note, other
        fields that nothing mentions, such as a dropout, may be there for people and stay silent. So
        do fields of a family, which are there for the members that need them.
        """,
        example: """
          config hidden = 3_072 where the layers use 8 * width / 3
          """,
        remedy: """
          Use the field, or remove it.
          """,
        catalogue: "A23"),
      Entry(
        "cycle-never-falls",
        """
        The run ends at the highest rate of its cycle. The rising half of the cycle is as long as
        the run or longer, so the rate never comes down, and what cycles are for does not happen.
        """,
        example: """
          cyclic(up: 50) for a run of 50 steps
          """,
        remedy: """
          Shorten the cycle; two to ten half-cycles a run are usual.
          """,
        catalogue: "T04"),
      Entry(
        "data-repeated-often",
        """
        The planned steps read the data more than four times. Up to four epochs repeated text is
        worth almost as much as fresh text; beyond that its value falls quickly (Muennighoff et al.
        2023, arXiv 2305.16264). More often than not the number of steps is then a slip, for example
        micro-steps counted as steps. A plan that says `epochs` means it, and a plan that trains
        only a part of the weights tunes on little data: both stay silent.
        """,
        example: """
          data 1_000_000 tokens, steps 100, batch B = 480, T = 1_024: 49 epochs
          """,
        remedy: """
          Lower `steps`, add data, or write `epochs` instead of `steps` if they are meant.
          """,
        catalogue: "T16"),
      Entry(
        "data-shorter-than-a-step",
        """
        One step reads more than the whole data has. The batch's sizes and the accumulation multiply
        to more tokens or examples than the `data` line gives, so that no step can be filled without
        repeating data inside it.
        """,
        example: """
          data 10_000 tokens with batch B = 48, T = 512
          """,
        remedy: """
          Lower the batch or the accumulation, or correct the amount of data.
          """,
        catalogue: "T16"),
      Entry(
        "decay-ends-early",
        """
        The decay ends with more than 15 % of the run still to come. From there on the run trains at
        the lowest rate, where little is learned. Mostly the horizon of the schedule was not moved
        when the run was made longer. A last phase `constant` says that the tail is meant.
        """,
        example: """
          cosine to 6e-5 at step 800_000 for a run of 1,000,000 steps
          """,
        remedy: """
          Let the decay end with the run, or write the constant tail as a phase.
          """,
        catalogue: "T03"),
      Entry(
        "decay-on-vectors",
        """
        Weights with one axis are decayed: biases, and the scales of norms. Decay keeps the products
        of matrices small. A bias or the scale of a norm has no such product: decay pulls a scale,
        which starts at 1, towards 0 and with it the whole branch. The usual groups decay every
        matrix and no vector. The rule looks at the axes of the weights that the `decay` line takes
        in, and needs no names.
        """,
        example: """
          decay all
          """,
        remedy: """
          Leave them out: `decay all except *.bias, *.ln_*.weight`.
          """,
        catalogue: "T23"),
      Entry(
        "decay-outlives-run",
        """
        The run ends before the decay has come down to its floor. Much of what a decay gives comes
        at its end: a run that stops at a high rate has paid for a schedule that it did not follow.
        Up to a tenth of the way is let pass.
        """,
        example: """
          cosine to 6e-5 at step 600_000 for a run of 100,000 steps
          """,
        remedy: """
          Let the decay end with the run.
          """,
        catalogue: "T04"),
      Entry(
        "decay-pattern-matches-nothing",
        """
        A path of the `decay` line matches no weight of the model. The line then means something
        else than it says: a misspelt exception decays what it was to spare. Paths are compared with
        the dotted names of all weights, frozen ones included.
        """,
        example: """
          decay all except *.bais
          """,
        remedy: """
          Correct the path; `plumbline shapes` prints the names.
          """,
        catalogue: "T23"),
      Entry(
        "epsilon-vanishes-in-half",
        """
        The optimiser's epsilon rounds to 0 in f16, the type of the weights that it updates. Half of
        the smallest f16 is 2.98e-8. AdamW divides by √v + epsilon, and where every gradient
        vanished that is 0 / 0. An optimiser that keeps its moments in f32 does not have the
        problem.
        """,
        example: """
          adamw(epsilon: 1e-8) for a model of dtype f16
          """,
        remedy: """
          Use an epsilon of 1e-4 to 1e-6, or allow it if the optimiser computes in f32.
          """,
        catalogue: "N04"),
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
        "floor-above-peak",
        """
        A decay ends at a rate above the peak, or below zero. Then it is no decay; a floor is
        written as a rate, and not as a share of the peak.
        """,
        example: """
          cosine to 0.1 under a peak of 6e-4
          """,
        remedy: """
          Give the floor as a rate: a tenth of 6e-4 is 6e-5.
          """,
        catalogue: "T05"),
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
        "half-training-without-scale",
        """
        A step computes in f16, and the `train` section scales no loss. The smallest f16 is 6e-8,
        and gradients of large models are mostly below it: they become 0, and what overflows becomes
        infinite. Mixed-precision training multiplies the loss by a large factor and divides the
        gradients by it. bf16 has the range of f32 and needs no scaling. The precision is that of
        the `precision` line, without one that of the weights.
        """,
        example: """
          precision f16
          """,
        remedy: """
          Write `precision f16 scaled by 65_536`, or use bf16 or f32.
          """,
        catalogue: "N03"),
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
        "matrix-not-decayed",
        """
        A trained matrix is left out of the decay that the optimiser asks for. The optimiser has a
        decay, and the `decay` line passes over a weight of two or more axes. Mostly the pattern of
        an exception is wider than meant: `*.weight` takes out every matrix. Tables of embeddings
        are left out by many and stay silent, and so does a plan with frozen weights, whose trained
        rest is adapters.
        """,
        example: """
          decay all except *.weight
          """,
        remedy: """
          Narrow the exception, `*.ln_*.weight` for example, or set `decay: 0`.
          """,
        catalogue: "T23"),
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
        "optimizer-out-of-range",
        """
        A number of the optimiser lies outside what AdamW can learn with. A rate of 0 or below
        changes no weight or climbs the loss. An epsilon of 0 or below divides by zero where the
        gradient is zero. A negative decay lets weights grow without bound, and a decay that times
        the rate reaches 1 removes the whole weight in one step (AdamW subtracts `rate · decay ·
        weight`).
        """,
        example: """
          optimizer adamw(rate: 6e-4, decay: 2_000)
          """,
        remedy: """
          Use a positive rate and epsilon (1e-8 is usual), and a decay from 0 to about 0.1.
          """,
        catalogue: "T24"),
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
        "rate-jumps",
        """
        The rate jumps where one phase ends and the next begins. A warm-up that ends at the peak and
        a decay that counts from step 0 do not meet; a jump upwards undoes what warm-up was for.
        """,
        example: """
          warmup 100 steps, then linear from 3e-4 under a peak of 6e-4
          """,
        remedy: """
          Begin each phase at the rate where the one before it ends.
          """,
        catalogue: "T11"),
      Entry(
        "rate-rises-again",
        """
        The rate rises again behind its peak, though the schedule is no cycle. The cosine of
        transformers goes up again beyond its horizon: a run that is longer than the schedule was
        made for ends at a high rate.
        """,
        example: """
          transformers.cosine(num_training_steps: 800) for 1,000 steps
          """,
        remedy: """
          Give the schedule the length of the run.
          """,
        catalogue: "T03"),
      Entry(
        "schedule-runs-out",
        """
        The schedule has fewer steps than the run. PyTorch's one-cycle schedule raises an error at
        the first step beyond its total; the run stops there.
        """,
        example: """
          torch.OneCycleLR(total_steps: 60_000) for 60,002 updates
          """,
        remedy: """
          Give the schedule the number of updates, gradient accumulation taken into account.
          """,
        catalogue: "T09"),
      Entry(
        "scores-tensor-large",
        """
        One tensor of attention scores takes more than 8 GiB. Scores grow with the square of the
        length: 32 sequences of 4,096 tokens and 6 heads are 12.9 GB, in every layer, and the
        backward pass keeps them. A fused attention, here written `scaled_dot_product_attention`,
        never makes the tensor. The sizes are those of the `batch` line.
        """,
        example: """
          batch B = 32, T = 4_096 with softmax(scores) spelled out
          """,
        remedy: """
          Write `scaled_dot_product_attention`, or shorten the sequences.
          """,
        catalogue: "M02"),
      Entry(
        "stair-never-reached",
        """
        The rate is to step down at a step that the run never comes to. A milestone counted in
        examples instead of updates does it, or a period as long as the run: then the rate never
        changes at all.
        """,
        example: """
          milestones(at: [30_000, 90_000]) for a run of 60,000 steps
          """,
        remedy: """
          Put the milestone inside the run, or use a constant rate.
          """,
        catalogue: "T07"),
      Entry(
        "steps-varied-in-study",
        """
        A study varies how many steps it trains. More steps are nearly always better, so tuning them
        finds the largest value, and the rates that suit one length do not suit another. The tuning
        playbook fixes the length, keeps checkpoints, and picks the best step afterwards.
        """,
        example: """
          vary steps = 10_000, 20_000
          """,
        remedy: """
          Fix the length for the study; plan a longer one as another round.
          """,
        catalogue: "T21"),
      Entry(
        "study-runs-repeat",
        """
        Two sets of targets of a study adapt the same layers, so their runs are repeats. A name that
        matches nothing is passed over by PEFT without a word: `q_proj, v_proj` beside `c_attn` on
        GPT-2 adds nothing. With the seed fixed, the runs differ in nothing.
        """,
        example: """
          vary targets = "c_attn", "q_proj, v_proj, c_attn"
          """,
        remedy: """
          Remove the set, or name the layers that were meant.
          """,
        catalogue: "L02"),
      Entry(
        "sweep-misses-plan",
        """
        The rate of the optimiser lies outside of the rates that the study tries. Then either the
        sweep starts far from what was thought right, or the plan was not brought up to date with
        what a sweep found; the numbers can't both be meant.
        """,
        example: """
          vary rate = 5e-3, 1e-2, 2e-2 under adamw(rate: 6e-4)
          """,
        remedy: """
          Let the sweep cover the planned rate, or plan with a rate of the sweep.
          """,
        catalogue: "T20"),
      Entry(
        "sweep-repeats-value",
        """
        An axis of a study lists the same value more than once. With the seed fixed the runs are the
        same to the bit; their agreement says nothing.
        """,
        example: """
          vary rate = 1e-4, 3e-4, 0.0001
          """,
        remedy: """
          Remove the repeat, or vary the seed.
          """,
        catalogue: "T20"),
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
        "tokens-per-parameter-unusual",
        """
        The plan reads far more or far fewer tokens than the model's size asks for. For a given
        budget of work the loss is lowest near 20 tokens a parameter (Hoffmann et al. 2022, arXiv
        2203.15556). Ten times more is a warning: the model is too small for its text, which may be
        meant to make it cheap to use. Ten times less is a note, as a model that starts from trained
        weights needs no more. A plan without `data … tokens`, or with frozen weights, says too
        little to judge.
        """,
        example: """
          data 300_000_000_000 tokens for 124_439_808 parameters: 2_411 tokens a parameter
          """,
        remedy: """
          Change the data or the model, or allow it with the reason: cheap inference, fine-tuning.
          """,
        catalogue: "T17"),
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
      Entry(
        "warm-up-too-long",
        """
        Warm-up takes more than a tenth of the run. Warm-up is for getting past the first unstable
        steps; the tuning playbook caps it at 10 % of the steps, because what is spent there is
        missing at the full rate. The run's length is `steps`, else what the data gives, else the
        end of the schedule. A tenth is rounded up to a whole step.
        """,
        example: """
          schedule warmup 3_000 steps, then cosine to 6e-5 at step 20_000
          """,
        remedy: """
          Shorten the warm-up to a tenth of the run, lengthen the run, or lower the peak.
          """,
        catalogue: "T18"),
    ]
  }
}
