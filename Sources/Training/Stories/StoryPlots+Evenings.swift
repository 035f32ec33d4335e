// StoryPlots+Evenings: noises in the night, quarrels, lessons, jokes and winter.
// {A} is the hero, {B} a friend of the other sex, {C} of the family and {D} from nearby.

extension StoryPlot {
  static let evenings = [
    // A noise in the night.
    """
    n noise

    - {@opening} {@time}, {B}, {B.a}, came to stay for the night.
    - {@opening} One night {A.he} could not sleep.
    - {@opening} It was a dark night, and {C} had already put out the light.

    - Suddenly there was {n}.
    - Then {A} heard {n}.
    - "What was that?" asked {A}. There was {n}.

    - {A} sat up in bed. There it was again!
    - {A} pulled the blanket over {A.his} head.
    - "Perhaps it is a ghost," thought {A}, and {A.he} felt cold all over.
    - {A} held {A.his} breath and listened.

    - {A} got up and lit a candle. {A.his} hand was shaking.
    - "I want to know what it is," {A.he} said at last, and {A.he} stood up.
    - On tiptoe {A.he} went to the door. The floor was cold.
    - {A.he} woke {C}. "Somebody is in the house!" {A.he} whispered.

    - Slowly {A.he} came nearer, and then {A.he} saw it. It was only {n.what}!
    - And what was it? It was {n.what}, and nothing else.
    - It was not a ghost. It was {n.what}.

    - {A} had to laugh. "And I was so afraid," {A.he} said.
    - "Good evening," said {A}, and {A.he} was not afraid any more.
    - "You see?" said {C}. "{n.why}. Now go back to bed."

    - {A} went back to bed. {A.he} listened a little longer, and now it sounded like a song.
    - Soon everything was quiet, and {A} fell asleep.
    - "Good night," said {C}, and {C.he} left the door open a little.

    ? {@moralCourage}
    ? In the morning {A} told {B} about it, and they laughed until their sides hurt.

    - {@ending}
    """,
    // A quarrel.
    """
    x thing, p place

    - {@opening} {@friend} They shared almost everything.
    - {@opening} {@friend}

    - {@time}, they were playing {p.at} with {x.a}. Both of them wanted to have it first.
    - {@time}, {B} borrowed {A}'s {x}. When {B.he} brought it back, it was broken.
    - {@time}, they wanted to play. "Let us play with the {x.n}," said {A}. "No, let us sing," said {B}.

    - "You are not my friend any more!" {@cried} {A}.
    - "It is your fault!" {@cried} {B}. "No, it is yours!" {@cried} {A}.
    - They shouted at each other until both of them were red in the face.

    - {B} turned around and went home without a word.
    - {A} ran home and shut the door.
    - Each of them went home alone.

    - The next day {A} played alone, but it was no fun.
    - For two days they did not speak to each other. These were long days.
    - {A} looked out of the window. On the other side {B} was looking out of {B.his} window.

    - "Why are you so quiet?" asked {C}. {A} told {C.him} what had happened.
    - "Who should say sorry first?" asked {A}. "The one who is braver," {@said} {C}.
    - {D} came by and shook {D.his} head. "Is {x.a} worth more than a friend?" {D.he} asked.

    - So {A} went over to {B}'s house. At the gate {A.he} met {B}, who was on {B.his} way to {A.him}.
    - {A} took all {A.his} courage and knocked at {B}'s door.
    - {A} wrote a letter. It said, "I am sorry. Please come back."

    - "I am sorry," said {A}. "I am sorry too," said {B}. Then they had to laugh.
    - "I missed you," {@said} {B}. "I missed you even more," said {A}.
    - They looked at each other, and all the anger was gone.

    - They put the {x.n} away and played {#game}.
    - "First it is your turn, and then it is mine," said {A}.
    - {@together}

    - {@ending}
    """,
    // Something is learned.
    """
    s skill, p place

    - {@opening} {A.he} wanted to learn to {s.to}.
    - {@opening} All the others could {s.to}, but {A} could not.
    - {@opening} {@friend} {B} could {s.to}, and {A} wanted to do it too.

    - {@time}, {A} tried it for the first time. It did not go well.
    - {@time}, {A.he} asked {D} to show {A.him} how.
    - "That is easy!" thought {A}. But it was not easy at all.

    - {A.he} tried it again and again, but it did not work.
    - The others laughed. {A} went away and hid {p.at}.
    - "I can't do it," {A.he} said. "I will never learn it."

    - "You can't do it yet," {@said} {D}. "Yet is an important word."
    - "Do you think that I could do it on the first day?" asked {B}, {B.a} with a warm heart. "Come, I will
      help you."
    - {C} sat down next to {A.him}. "How often did you fall when you learned to walk?" {C.he} asked.

    - So {A} went on {s.ing}, every day a little.
    - Every morning, before the others got up, {A} was at it again. {B} came to watch.
    - {A} made mistakes, but every day there was one mistake less.

    - And then, one {#weather} morning, it worked! {A} {s.ed}.
    - One day, {A} {s.ed}, and {A.he} did not even notice that nobody was helping {A.him}.
    - "Look at me!" {@cried} {A}. {A.he} {s.ed}, and everybody looked.

    - "Bravo!" {@cried} {B}.
    - {D} clapped {#gladly}. "I knew it," {D.he} said.
    - {A} was so {#feeling} that {A.he} ran to {C} and told {C.him} all about it.

    ? Soon {A} was teaching it to a younger child.
    ? The others did not laugh any more. They wanted to learn it too.
    ? {@moralPatience}

    - {@ending}
    """,
    // A joke that is told too often.
    """
    j joke

    - {@opening} {A.he} liked to play jokes on others.
    - {@opening} Sometimes {A.he} was bored, and then {A.he} had silly ideas.

    - {@time}, {A.he} ran through the village and {@cried}, "Help, {j}!"
    - {@time}, {A.he} knocked at every door. "Come quickly, {j}!" {A.he} {@cried}.

    - Everybody came running. But it was not true, and {A} laughed.
    - {D} dropped everything and ran outside. There was nothing. "It was only a joke," said {A}.

    - "That is not funny," said {B}, {B.a}.
    - "One day nobody will believe you," {@said} {C}.
    - {D} was angry. "I have work to do," {D.he} said.

    - The next day {A.he} did it again, and again they all came.
    - But {A} thought that it was very funny. {A.he} did it three more times.

    - Then one evening it was really so. {j.truth}!
    - A week later {A} looked out of the window and turned pale. This time {j.truth}!

    - "Help!" {@cried} {A}. "It is true!" But nobody came.
    - {A} ran to {D}. "Please, {j}!" {A.he} {@cried}. {D} did not even turn around.
    - {A} ran from house to house, but all the doors stayed shut.

    - Only {B} looked into {A.his} eyes. "I believe you," {B.he} said, and {B.he} woke the others.
    - At last {B} came, because {B.he} saw that {A} was crying. Together they fetched the others.

    - So everything ended well, but only just.
    - They came in time, but only because of {B}.

    - "I will never do that again," said {A}, and {A.he} kept {A.his} word.
    - {@thanks}
    - "I am sorry," said {A} to each of them.

    - {@moralHonest}
    - {A} had learned that nobody believes a liar, even when the liar tells the truth.
    """,
    // Winter, and those who are hungry.
    """
    a animal, f food

    - {@opening} It was a hard winter, and snow lay on all the roofs.
    - {@opening} One winter it snowed for seven days.
    - {@opening} That year the winter came early, and even the river froze.

    - In the morning {A} looked out of the window. In the snow sat {a.a}.
    - {@friend} When the two were out in the snow, they met {a.a}.
    - Somebody knocked at the door. Outside stood {a.a}, and it was white with snow.

    - "I am cold, and I have nothing to eat," said the {a.n}.
    - The {a.n} did not say anything. It only looked at {A}.
    - "My nest is full of snow," said the {a.n}. "May I come in?"

    - {A} had only a little {A.himself}. There {f.was} only {f.a} in the house.
    - "We have hardly enough for us," said {C}. But then {C.he} saw the {a.n} too.
    - {A} did not think for long.

    - "Come in and get warm," said {A}. {A.he} put {f.a} in front of the {a.n}.
    - "You may stay with us until spring," said {C}, and {A} made a bed of straw.
    - {A} took {f.the} and shared {f.them} with the {a.n}. Then {A.he} wrapped it in a blanket.

    ? The next day two more came, and the day after that there were seven.
    ? In the evenings they all sat by the fire, and {C} told stories.
    ? The {a.n} ate {#gladly} and slept for a day and a night.

    - When spring came, the {a.n} said goodbye. "I will not forget you," it said.
    - Then the snow melted, and the {a.n} went back to the forest.
    - At last the sun came back, and the {a.n} danced on the green grass.

    - The next autumn there was a big pile of nuts in front of the door. {A} knew who had brought it.
    - Every morning of that summer, the {a.n} sang under {A}'s window.
    - And whenever {A} went for a walk, the {a.n} went with {A.him}.

    - {@ending}
    - "A warm house is warmer with a guest in it," {C} used to say.
    - {A} had learned that there is always enough for one more.
    """,
  ]
}
