// StoryPlots: things lost, found and shared: the first half of the plots, and the list of all.
// {A} is the hero, {B} a friend of the other sex, {C} of the family and {D} from nearby.

extension StoryPlot {
  /// Every plot, each told as often as the others.
  static let all = (outdoors + indoors + evenings).map { StoryPlot($0) }

  private static let outdoors = [
    // Something is lost and found.
    """
    x thing, p place, q place, r place

    - {@opening} {A.he} had {x.a} and loved it more than anything else.
    - {@opening} For {A.his} birthday {C} had given {A.him} {x.a}, and {A.he} took it everywhere.
    - {@opening} Nothing was dearer to {A.him} than {A.his} {x}.

    - {@time}, {A} went {p.to} to play. When {A.he} came home, the {x.n} was gone.
    - {@time}, {A} played {p.at} until evening. On the way home {A.he} saw that the {x.n} was missing.
    - {@time}, {A} could not find the {x.n}. {A.he} looked under the bed, behind the door and in the old
      cupboard, but it was not there.
    - {@sky} {A} ran {p.to} with the {x.n} in {A.his} hands. But in the evening {A.his} hands were empty.

    - "Oh no!" {@cried} {A}. "Where is my {x.n}?"
    - {A} began to cry. "I have lost my {x.n}," {A.he} said.
    - "My {x} is gone!" said {A} {#sadly}.
    ? {@worry}

    - {A.his} friend {B}, {B.a}, heard {A.him} and came at once. "Do not cry," said {B}. "We will look for
      it together."
    - Then {B}, {B.a} from next door, came by. "Why are you so sad?" asked {B}. When {B.he} had heard
      everything, {B.he} said, "Let us look for it!"
    - {C} took {A.him} by the hand. "Ask {B} to help you," {@said} {C}. {B} was {B.a} who found almost
      everything.

    - First they looked {q.at}. They found {#nothing}, but not the {x.n}.
    - They went {q.to} and looked everywhere. They saw {#nothing}, but they did not see the {x.n}.
    - "Were you {q.at} today?" asked {B}. {A} nodded, so they went there. All they found was {#nothing}.

    ? Then they asked {D}. "I have not seen your {x.n}," said {D}, "but I heard something {r.at}."
    ? On the way they met {D}. "Have you seen {x.a}?" asked {A}. {D} only shook {D.his} head.
    ? After that they went {r.to}, but they had no luck there.

    - Suddenly {B} looked {#hiding}. "Here it is!" {B.he} {@cried}.
    - At last {A} looked {#hiding}, and there it lay. "I have found it!" {A.he} {@cried}.
    - In the end {B} crept {#hiding} and came back with the {x.n}. It was a little dirty, but it was whole.

    - {@thanks}
    - {A} jumped for joy. {@thanks}
    - {A} held the {x.n} close to {A.his} heart. "I will take better care of it," {A.he} said.

    ? {@together}
    ? {@moralHelp}

    - {@ending}
    """,
    // An animal needs help.
    """
    p place, a animal, t trouble

    - {@opening} {@friend}
    - {@opening}

    - {@time}, {A} and {B} were walking {p.at}. Suddenly they heard a faint cry.
    - {@time}, {A} and {B} were on their way home {p.from} when they heard somebody crying.
    - {@sky} {A} and {B} were playing {p.at} when something moved.
    - {@time}, {A} was picking {#flower} {p.at} with {B}. "Did you hear that?" asked {A}.

    - It was {a.a}. It was {t}, and it could not get away.
    - They looked around, and there was {a.a}. It was {t}.
    - Then they saw {a.a}, which was {t}. It was trembling with fear.

    - "Poor little thing!" said {A}. "We must help it."
    - "Please help me," said the {a.n}. "I have been here since yesterday."
    - "Do not be afraid," said {B} {#softly}. "We will help you."
    - "We can't leave it there," said {B}, and {A} thought so too.

    ? {@worry}
    ? At first they did not know how. {@plan}
    ? "I am too small," said {A}. "You are not small when you think," {@said} {B}.

    - They {t.out}.
    - Together they {t.out}. It took a long time, but they did not give up.
    - So they ran to {D}, who told them what to do. Then they {t.out}.
    - They worked until they were quite tired. At last they {t.out}.

    - The {a.n} shook itself and looked at them with big eyes. "Thank you," it said. "I will never forget
      this."
    - The {a.n} was free! It danced around them in a circle.
    - "You are good friends," said the {a.n}. "Now I am your friend too."
    - {A} gave the {a.n} some water, and {B} gave it a piece of bread. Soon it was well again.

    ? A few days later, {A} got lost in the fog. Who came and showed {A.him} the way? It was the {a.n}!
    ? The next morning, there was a bunch of {#flower} at the door. The {a.n} had brought them.
    ? They took the {a.n} home and gave it a warm place by the stove.
    ? From then on, the {a.n} came every day to play with them.

    ? {@moralHelp}

    - {@ending}
    """,
    // Something good to eat is shared.
    """
    f food, p place

    - {@opening} {@time}, {C} gave {A.him} {f.a}.
    - {@opening} {@time}, {A} got {f.a} from {D}, because {A.he} had helped {D.him}.
    - {@opening} {@time}, {C} brought {f.a} home for {A.him}. How good {f.they} smelled!

    - {A} took {f.the} and went {p.to}. "I will eat all of {f.them} myself," {A.he} thought.
    - {A} sat down {p.at} and wanted to eat. "This is all for me," {A.he} said.
    - "I will hide {f.them}," thought {A}, "so that nobody asks me for a bite." And {A.he} went {p.to}.

    - There sat {B}, {B.a}, who looked very hungry.
    - Then {B} came by. {B} was {B.a}, and {B.he} had eaten nothing since the morning.
    - On the way {A.he} met {B}, {B.a}. "I am so hungry," said {B}.

    - {A} looked at {f.the}, and then {A.he} looked at {B}. It was not easy.
    - "May I have a little?" asked {B}. {A} shook {A.his} head at first. But then {A.he} felt sorry.
    - "{f.the} {f.is} mine," said {A}. {B} said nothing and turned away. Suddenly {A} did not feel hungry
      any more.
    - {A} thought of the day when {A.he} had been hungry too.

    - "Come and eat with me," said {A}. "There is enough for two."
    - "Wait!" {@cried} {A}. "We will share. One half is for you, and the other half is for me."
    - So {A} gave half of {f.them} to {B}. "Sit down next to me," {A.he} said {#softly}.

    - They ate together, and {f.the} tasted twice as good.
    - {B} ate {#gladly}, and soon both of them were full.
    - "{f.they} {f.was} never so good before," said {A}, when {f.the} {f.was} gone.

    ? "Tomorrow I will bring something for you," said {B}. And {B.he} kept {B.his} word.
    ? A bird sat above them and sang a song for them.
    ? {@thanks}
    ? {@together}

    - "What you share gets bigger," said {C}, when {A} told the story at home.
    - {A} had learned that things taste better when you share them.
    - {@ending}
    - Since that day the two shared everything.
    """,
    // A race, and something more important.
    """
    x treasure, a animal, t trouble

    - {@opening} {A.he} was very fast. {@friend}
    - {@opening} {A.he} could run like the wind. {B}, {B.a}, was almost as fast.
    - {@opening} "Nobody is as fast as I am," {A.he} often said.

    - {@time}, there was a great race {#distance}. The prize was {x.a}.
    - {@time}, {D} called all of them together. "Whoever runs {#distance} first gets {x.a}," said {D}.
    - "Let us race!" said {B}. "We will run {#distance}, and the winner gets {x.a}."

    - "One, two, three, go!" {@cried} {D}. Everybody ran as fast as they could.
    - {D} waved a flag, and off they went. {A} was in front, and {B} came close behind.
    - The race began. At first {B} was faster, but then {A} ran past {B.him}.

    - Suddenly {A} saw {a.a}. It was {t}.
    - Halfway there, {A} heard a cry. It came from {a.a}, which was {t}.
    - But what was that? {a.a} was {t} and called for help.

    - {A} thought of the {x.n}. Then {A.he} thought of the {a.n}, and {A.he} stopped.
    - "If I stop, I will not win," thought {A}. But {A.he} stopped.
    - The others ran on, but {A} stopped at once.

    - {B} saw it and stopped too. Together they {t.out}.
    - "Wait, I will help you!" {@cried} {B}, who had come back. They {t.out}.

    - When they came to the end, all the others were already there.
    - They were the last to arrive. Nobody clapped.
    - Side by side they came to the end, long after the others.

    - But {D} had seen everything. "You two have won today," {D.he} said, and {D.he} gave them the {x.n}.
    - "Why are you so late?" asked {D}. The {a.n} told the story. Then everybody clapped for {A} and {B}.
    - "I do not have the {x.n}," said {A}, "but I have a new friend." The {a.n} nodded {#gladly}.

    ? {@moralHelp}
    ? {@together}

    - {@ending}
    """,
    // A storm comes.
    """
    p place, q place, f food

    - {@opening} {@friend}

    - {@time}, {A} and {B} went {p.to}. {@sky}
    - {@time}, the two went {p.to} to look for [mushrooms|berries|shells].
    - {@time}, they were playing {#game} {p.at}.

    - Suddenly the sky grew dark, and it began to [rain|pour|hail].
    - All at once a strong wind came up, and black clouds covered the sun.
    - They did not see the clouds until the first drops fell.
    - Then there was a flash of lightning, and the thunder rolled over the hills.

    - "We must go home!" {@cried} {A}. But the way home was long.
    - "I am afraid," said {B}. {A} took {B.him} by the hand.
    - "Run!" {@cried} {B}, and they ran as fast as their legs could carry them.
    - "What shall we do?" asked {A}. {A.he} was cold and wet.

    - There was a light {q.at}. It came from the window of {D}.
    - Luckily they found a dry place {q.at}.
    - {q.at} stood a small hut, and its door was open.
    - Then they met {D}. "Come in quickly," said {D}, "before the wind blows you away."

    - They sat close together and told each other stories.
    - Inside it was warm and dry. They ate {f.a} and listened to the rain.
    - They sang every song that they knew, so that they did not hear the wind.
    - {B} knew a riddle. "What runs and has no legs?" {B.he} asked. "Water!" {@cried} {A}, and they
      laughed.

    - After an hour the storm was over. A rainbow stood above {p}.
    - At last the rain stopped, and the sun came out again. Everything shone.
    - When the wind had gone to sleep, they opened the door. The world smelled fresh and new.

    - {C} was waiting at the door. "There you are!" {C.he} {@cried}, and {C.he} gave them dry clothes.
    - {@together}
    - "I was hardly afraid at all," said {A} at home. {B} only smiled.

    ? {@moralCourage}

    - {@ending}
    """,
    // Something is built, and falls down once.
    """
    b building, p place

    - {@opening} {@friend}
    - {@opening} {A.he} was always making things. {@friend}

    - {@time}, {A} said, "Let us build {b.a}!"
    - {@time}, the two were bored. "We could build {b.a}," said {B}.
    - {A} had seen {b.a} {p.at}. "I want one too," {A.he} told {B}.

    - They made it {b.of}. It was hard work.
    - {D} gave them what they needed, and they built it {b.of}.
    - They looked for everything {p.at}. By noon they had {b.a} {b.of}.

    - But then the wind came, and the {b.n} fell apart.
    - "It is ready!" {@cried} {A}. Just then it broke in two.
    - When they tried it, there was a loud crack, and the {b.n} was broken.

    - {A} was angry and kicked a stone. "I will never build anything again," {A.he} said.
    - {@worry}
    - {B} had tears in {B.his} eyes. "All that work for nothing," {B.he} said.

    - "The first one is never the best one," said {D}. "Now you know what to do better."
    - "We made it too fast," {@said} {B}. "Let us begin again, and let us do it slowly."
    - "What did we do wrong?" asked {A}. They looked at the pieces for a long time.

    - So they began again. This time they tied every knot twice.
    - The second time they took stronger wood and worked with more care.
    - They worked for three days, and {C} helped them a little.

    - At last the new {b.n} was ready. They {b.use}.
    - This time it held. They {b.use}, and all the others came to watch.
    - "It holds!" {@cried} {B}. They {b.use} and were very {#feeling}.

    ? {@moralPatience}
    ? {@together}

    - {@ending}
    """,
    // Lost on the way, and home again.
    """
    p place, q place, a animal

    - {@opening} "Never go {p.to} alone," {C} always said.
    - {@opening} {@time}, {C} sent {A.him} to {D} with a letter.
    - {@opening} {@time}, {A} followed a butterfly {p.to}.

    - {A} walked and walked, and soon {A.he} did not know where {A.he} was.
    - {A.he} looked at everything on the way, and suddenly the path was gone.
    - {A.he} wanted to take a shorter way. But it was the wrong one.

    - All the trees looked the same. It was getting dark.
    - {@worry}
    - "Hello!" {@cried} {A}. "Is anybody there?" Only an echo answered.

    - Then {A.he} saw {a.a}. "Can you show me the way?" asked {A}.
    - Something moved {#hiding}. It was {a.a}, and it was not afraid of {A.him}.
    - "Why are you crying?" asked {a.a} that sat {q.at}.

    - "Follow the stream," said the {a.n}. "Water always finds the way."
    - "Look at the stars," said the {a.n}. "The brightest one stands above your house."
    - "I will go with you," said the {a.n}. "I know every path here."
    - "Stay where you are," said the {a.n}, "and I will fetch somebody." It ran off and came back with {B},
      {B.a}.

    - {A} did what the {a.n} had said. Soon {A.he} saw the lights of the village.
    - {A} went past {q} and over a little bridge. Then {A} knew where {A.he} was.
    - It was a long way, but {A} was not afraid any more.

    - {C} stood at the gate with a lantern. "There you are at last!" {C.he} {@cried}.
    - At home {C} hugged {A.him} for a long time.
    - {C} was not angry. {C.he} was only glad.

    ? The next day {A} brought the {a.n} a basket of nuts.
    ? "Next time I will stay on the path," said {A}.
    ? {@moralHelp}

    - {@ending}
    - That evening the soup tasted better than ever.
    """,
  ]
}
