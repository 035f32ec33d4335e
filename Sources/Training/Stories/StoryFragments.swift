// StoryFragments: sentences that fit into several plots: openings, times, answers, ends.
// They speak of the hero {A}, the friend {B}, the family's {C} and the neighbour {D} alone.

enum StoryFragments {
  /// The templates of a list.
  static func list(_ name: String) -> [StoryTemplate] {
    guard let list = lists[name] else { preconditionFailure("no story has a fragment `\(name)`") }
    return list
  }

  private static let lists = texts.mapValues { text in
    StoryPlot.versions(text.split(separator: "\n").map { String($0) }).map(StoryTemplate.init)
  }

  private static let texts = [
    "opening": """
    - Once upon a time there was {A.a} named {A}.
    - Once upon a time there was {A.a} named {A} who lived {h.at}.
    - Once there was {A.a} named {A}. {A.he} lived {h.at}.
    - There was once {A.a} called {A}, who loved {#loves}.
    - {A} was {A.a} who lived {h.at}.
    - {A} was {A.a}. {A.he} loved {#loves}.
    - Long ago, {A.a} named {A} lived {h.at} with {A.his} [mother|father|grandmother|two
      brothers|little sister|old uncle].
    - In a [small village|green valley|quiet town|faraway land] there lived {A.a} whose name was {A}.
    - {A} lived {h.at}. {A.he} was {A.a}, and everybody liked {A.him}.
    - This is the story of {A}, {A.a} who lived {h.at}.
    """,
    "friend": """
    - {A.his} best friend was {B.a} named {B}.
    - {A.his} best friend was {B}, {B.a}.
    - {A} had a friend named {B}. {B.he} was {B.a}.
    - Next door lived {B}, {B.a}, and the two were good friends.
    - Almost every day {A.he} played with {B}, {B.a}.
    - {A.he} had many friends, but {A.he} liked {B} best of all. {B} was {B.a}.
    """,
    "time": """
    - one {#weather} [morning|afternoon|day]
    - one {#weather} [morning|day] in {#season}
    - early one morning
    - on a {#weather} [morning|afternoon]
    - on the first day of {#season}
    - one day, after [breakfast|lunch]
    - one [Monday|Sunday|Friday]
    - when [spring|summer|autumn] came
    """,
    "sky": """
    - The sun was shining and the birds were singing.
    - The sky was blue, and a soft wind moved the leaves.
    - White clouds sailed over the hills.
    - It had rained all night, and the grass was still wet.
    - The air smelled of [flowers|hay|rain|apples].
    - Bees were humming among the {#flower}.
    - There was not a cloud in the sky.
    - The [leaves|fields] were golden, and the days were growing short.
    - A thin mist lay over the fields.
    """,
    "said": """
    - said
    - said
    - said
    - answered
    - replied
    """,
    "cried": """
    - cried
    - shouted
    - called
    """,
    "worry": """
    - "What shall I do now?" {A.he} thought.
    - {A} did not know what to do.
    - {A.his} heart [beat fast|felt heavy].
    - {A.he} sat down on a stone and thought for a long time.
    - {A} wanted to cry, but {A.he} took a deep breath.
    - "This is bad," said {A}. "This is very bad."
    """,
    "plan": """
    - "I have an idea," said {B}. "Come with me!"
    - "We will do it together," said {B}.
    - "Do not worry," {@said} {B}. "Two heads are better than one."
    - "Let us ask {D}," said {B}. "{D.he} knows almost everything." But {D} was not at home, so they
      had to help themselves.
    - {B} thought for a moment. Then {B.he} smiled. "I know what we can do," {B.he} said.
    """,
    "thanks": """
    - "Thank you, {B}!" said {A}. "You are a true friend."
    - "Thank you," said {A} {#softly}. "I could not have done it without you."
    - {A} thanked {B} and hugged {B.him}.
    - "You helped me so much," said {A}. "How can I thank you?" {B} only laughed. "You would do the
      same for me," {B.he} said.
    - {A} was so {#feeling} that {A.he} gave {B} a big hug.
    """,
    "together": """
    - Hand in hand they walked home.
    - They sang all the way home.
    - Then they went home, because it was [getting dark|time for supper].
    - They laughed and talked until the stars came out.
    - That evening they sat by the fire and told the story again and again.
    - They played together until the sun went down.
    """,
    "ending": """
    - From that day on, {A} and {B} were even better friends.
    - {A} never forgot that day.
    - That night {A} slept very well.
    - And when {A} went to bed, {A.he} was still smiling.
    - And if they have not moved away, {A} and {B} are still living there.
    - {A} told {C} everything, and {C} was proud of {A.him}.
    - It had been a good day after all.
    - So everything ended well.
    - And {A} and {B} lived happily ever after.
    - "That was the best day of the year," said {A}, and {B} thought so too.
    """,
    "moralHelp": """
    - {A} had learned that [it is good to ask for help|friends make hard things easy].
    - "When we help each other, nothing is too hard," said {C} that evening.
    - Now {A} knew that a friend is worth more than gold.
    - {C} nodded. "Those who help are never alone," {C.he} said.
    """,
    "moralHonest": """
    - {A} had learned that it is always better to tell the truth.
    - "I am glad that you told me," said {C}. "The truth is sometimes hard, but it is light to carry."
    - From then on {A} always told the truth, even when it was not easy.
    - That evening {A} felt as light as a feather, because there was nothing left to hide.
    """,
    "moralPatience": """
    - {A} had learned that good things take time.
    - "Nobody learns everything in one day," said {C}, "but you learned a lot."
    - Now {A} knew that those who do not give up get there in the end.
    - {A} was tired, but {A.he} was prouder than ever before.
    """,
    "moralCourage": """
    - {A} had learned that being brave does not mean having no fear.
    - "You were afraid, and you did it all the same," said {C}. "That is what being brave means."
    - After that, {A} was not so easily afraid any more.
    - And whenever {A} was afraid again, {A.he} thought of that day and smiled.
    """,
  ]
}
