// DiagnosticManual+ScheduleRules: pages of rules, written from their documentation comments.
// Made by `UPDATE_SNAPSHOTS=1 swift test --filter RuleManualTests`; edit the comments instead.

extension DiagnosticManual {
  static var scheduleRules: [Entry] {
    [
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
        "floor-not-a-tenth",
        """
        The decay ends at another rate than a tenth of the peak. A tenth is the habit since Hoffmann
        et al. 2022; a decay to zero, or to a rate that a sweep found, is as good a choice, so the
        rule is quiet unless a file asks for it with `treat floor-not-a-tenth as note because …`.
        """,
        example: """
          cosine to 3e-5 under a peak of 6e-4
          """,
        remedy: """
          End at a tenth of the peak, 6e-5 for 6e-4, or leave the floor as it is.
          """,
        catalogue: "T06"),
      Entry(
        "milestones-out-of-order",
        """
        The milestones of a schedule are not in rising order, or one stands there twice. PyTorch
        asks for increasing milestones, sorts them without a word, and lowers the rate twice at one
        that stands there twice. Mostly a digit is missing.
        """,
        example: """
          torch.MultiStepLR(milestones: [30_000, 3_000])
          """,
        remedy: """
          Write each milestone once, the earliest first.
          """,
        catalogue: "T07"),
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
        made for ends at a high rate. Phases that a file joins itself rise because it says so, and
        stay silent.
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
        "update-at-zero",
        """
        An update runs at a rate of exactly zero: it reads data and changes nothing. Warm-up counted
        as i/n starts at 0, as transformers and Megatron do; nanoGPT counts (i+1)/(n+1). One lost
        update of thousands is no matter, so the rule tells of it only where the file names the
        convention that counts so, or a tool's schedule that does, or asks with `treat
        update-at-zero as note because …`. A warm-up of a single update, which is nothing but an
        update at zero, and more than a hundredth of the run at zero are always told.
        """,
        example: """
          schedule warmup 100 steps, then cosine to 6e-5 at step 1_000 as transformers
          """,
        remedy: """
          Start above zero, `warmup 100 steps from 1e-6`, or count as nanogpt does.
          """,
        catalogue: "T10"),
    ]
  }
}
