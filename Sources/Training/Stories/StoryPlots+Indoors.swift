// StoryPlots+Indoors: learning, growing, fearing and telling the truth: the second half of the plots.
// {A} is the hero, {B} a friend of the other sex, {C} of the family and {D} from nearby.

extension StoryPlot {
  static let indoors = [
    // A fear is overcome.
    """
    f fear

    - {@opening} {A.he} was not afraid of much, but {A.he} was afraid of {f}.
    - {@opening} {A.he} was afraid of {f}, because {f.why}.
    - {@opening} "Please do not laugh at me," {A.he} said, "but I am afraid of {f}."

    - {@time}, {B}, {B.a}, came to visit. "Come with me!" {@cried} {B}. But {A} did not want to go.
    - {@friend} But not even {B} knew about it.
    - {@time}, {A}'s friend {B} needed help. But between them was what {A} feared most.

    - "What is the matter?" asked {C}. {A} told {C.him} everything. "Listen," said {C} {#softly}. "{f.not}.
      Think of that, and take my hand."
    - {A} went to {D} and asked what to do against fear. "Do you know what?" said {D}. "{f.not}."
    - "I was afraid of it too, when I was small," said {C}. "But then I learned that {f.not}."
    - At last {A} told {B} about it. {B} did not laugh. "Somebody once told me that {f.not}," {B.he} said.

    - {A} took a deep breath and counted to ten. {A.his} knees were shaking.
    - "I will try," said {A}. First {A.he} took one small step, and then another.
    - {A} closed {A.his} eyes, and then {A.he} opened them again.
    - {A} held {B}'s hand, and it was a warm hand.

    - And really, it was not so bad at all!
    - Nothing happened. {A} had to laugh, because it had been so easy.
    - After a while {A} noticed that {A.his} heart was beating slowly again.

    - "You did it!" {@cried} {B}.
    - "You see?" said {C}. "I knew that you could do it."
    - "I am still a little afraid," said {A}, "but only a little."

    ? {@moralCourage}

    - {@ending}
    """,
    // A seed grows.
    """
    g fruit, p place

    - {@opening} {@time}, {D} gave {A.him} a tiny seed. "What is it?" asked {A}. "Wait and see," {@said} {D}.
    - {@opening} {@time}, {A} found a seed {p.at}. {A.he} put it into {A.his} pocket and took it home.
    - {@opening} {A.he} wanted to have {g.a} of {A.his} own. So {C} gave {A.him} a seed.

    - {A} made a hole in the ground and put the seed into it.
    - {A.he} planted it behind the house, where the sun was warm.
    - {A.he} put it into a pot of earth and set the pot on the window sill.

    - Every day {A.he} gave it water. But nothing happened.
    - {A.he} went to look at it every morning, but there was only earth.
    - A week went by, and then another. "Why does it not grow?" asked {A}.

    - "It is asleep," {@said} {C}. "Be patient."
    - "Perhaps you should sing to it," said {B}, {B.a}, who knew many songs. So {A} sang to it every evening.
    - {A} wanted to dig it up again. "Do not do that," said {B}, {B.a}, who lived next door. "It needs its
      rest."

    - One morning, there was a little green leaf. {A} shouted for joy.
    - Then, after a night of rain, two small leaves stood there.
    - In [April|May] something green came out of the earth at last.

    - The plant grew and grew, and soon it was as tall as {A}.
    - {A} pulled out the weeds and kept the snails away. The plant grew taller every week.
    - Once, in a storm, {A} held an umbrella over it all night.

    - By the end of summer it had become {g.a}. It was the finest for miles around.
    - And what was it? It was {g.a}!
    - "It is {g.a}!" {@cried} {B}. "And what a beautiful one!"

    ? Everybody came to see it, and {A} gave each of them a seed.
    ? {C} made a feast, and {D} played the fiddle.
    ? {A} gave the first seed to {B}. "Now it is your turn," {A.he} said.

    - {@moralPatience}
    - {@ending}
    """,
    // Somebody new, and shy.
    """
    p place, x thing

    - {@opening} {@time}, somebody moved into the empty house next door. It was {B.a} named {B}.
    - {@opening} {@time}, {A.he} met {B.a} named {B}, who was all alone {p.at}.
    - {@opening} {@time}, {B.a} named {B} came to the village. Nobody knew {B.him}.

    - {B} was shy and did not speak to anyone.
    - {B} stood behind a tree and watched the others play {#game}.
    - "Who are you?" asked {A}. But {B} looked at the ground and said nothing.

    - "{B.he} does not like us," said the others. {A} did not believe that.
    - {A} remembered how it feels to be new.
    - "Give {B.him} time," said {C}. "It is not easy to be new."

    - The next day {A} took {A.his} {x} and went over. "Would you like to play with me?" {A.he} asked.
    - So {A} sat down near {B} and began to play with {A.his} {x}. {A.he} did not say a word.
    - {A} painted a picture for {B} and pushed it under the door.

    - For a long time nothing happened. Then {B} smiled, just a little.
    - {B} came one step closer, and then another. "May I play too?" {B.he} asked {#softly}.
    - "Is that for me?" asked {B}. {B.his} eyes were shining.

    - "Of course!" said {A}. "I am {A}." "And I am {B}," said {B}.
    - Soon they were laughing and talking like old friends.
    - {A} showed {B} everything, the pond, the mill and the best tree for climbing.

    ? And it turned out that {B} knew more games than all the others.
    ? "Do you know what?" said {B}. "I was afraid that nobody would like me." "I was a little afraid too,"
      said {A}.
    ? {B} could do one thing that nobody else could do. {B.he} could whistle like a bird.

    - Soon all the others wanted to be {B}'s friends too.
    - {@together}
    - {@ending}
    """,
    // Something found belongs to somebody.
    """
    x treasure, p place, q place

    - {@opening} {@time}, {A} was digging {p.at} and found {x.a}.
    - {@opening} {@time}, {A} saw something shining {p.at}. It was {x.a}!
    - {@opening} {@friend} {@time}, the two found {x.a} {p.at}.

    - "Now I am rich!" {@cried} {A}.
    - {A} hid it {#hiding} and told nobody about it.
    - "What a beautiful thing!" thought {A}. "I will keep it for ever."

    - {A} showed the {x.n} to {B}. "Somebody must have lost it," said {B}.
    - But at night {A.he} could not sleep. "Whose {x.n} is it?" {A.he} wondered.
    - "Where did you get that?" asked {C}. {A} turned red.

    - The next day {A.he} met {D}, who was very sad. "I have lost my {x.n}," said {D}. "My mother gave it to
      me."
    - On the village square {D} was asking everybody about {x.a}.
    - {D} was walking up and down {q.at} with {D.his} eyes on the ground. "What are you looking for?" asked
      {A}. "For my {x.n}," {@said} {D}.

    - {A} thought about it for a moment. It would have been easy to say nothing.
    - {A}'s hand closed around the {x.n} in {A.his} pocket. Then it opened.
    - "If it were mine," thought {A}, "I would be sad too."

    - "Here it is," said {A}. "I found it {p.at}."
    - {A} ran home and came back with the {x.n}. "Is it this one?" {A.he} asked.
    - "I have something for you," said {A}, and {A.he} gave {D.him} the {x.n}.

    - {D} was so glad that {D.he} danced. "You are an honest friend," {D.he} said.
    - {D} had tears in {D.his} eyes. "How can I thank you?" {D.he} asked.
    - "Thank you!" {@cried} {D}. "You have made me very happy."

    - From that day on, {A} could come and listen to {D}'s stories whenever {A.he} liked.
    - {D} gave {A.him} a basket of apples, and {A} shared them with {B}.
    - {@moralHonest}

    ? {@ending}
    """,
    // A promise is broken and mended.
    """
    f dish

    - {@opening} {@time}, {C} made {f.a} for the feast. "Do not touch {f.them}," {C.he} said.
    - {@opening} {@time}, there {f.was} {f.a} on the kitchen table. "{f.the} {f.is} for tomorrow," said {C}. "Promise
      me that you will wait."
    - {@opening} {@time}, there was a wonderful smell in the house. {C} had made {f.a} for the guests.

    - "I promise," said {A}.
    - {A} nodded, but {A.he} could think of nothing else.
    - "I will only look," thought {A}.

    - When {A.he} was alone, {A.he} took a small bite, and then one more.
    - {f.they} smelled so good! {A} ate a little, and then a little more.
    - {A.he} walked around the table three times. Then {A.he} tried a tiny bit.

    - Soon almost nothing was left.
    - Suddenly the plate was empty. {A} was frightened.
    - "Oh dear!" thought {A}. "What have I done?"

    - "Who ate {f.the}?" asked {C} in the evening. "Perhaps it was the cat," said {A}. So {C} sent the poor
      cat out into the rain.
    - "What happened here?" asked {C}. {A} looked at the floor. "I do not know," {A.he} said.
    - {C} came home and saw it. "Was it you?" {C.he} asked. {A} shook {A.his} head.

    - {A} went to bed early. But the lie lay next to {A.him} like a cold stone.
    - {B}, {B.a}, had seen everything through the window. "You should tell the truth," said {B}.

    - {A} could not bear it any longer. "It was me," {A.he} said. "I am sorry."
    - In the middle of the night {A} got up and told {C} the truth.
    - "I ate {f.the}," said {A}, and then {A.he} began to cry.

    - {C} was quiet for a while. Then {C.he} took {A.him} in {C.his} arms.
    - "That was not right," {@said} {C}, "but it was brave of you to tell me."
    - "Tomorrow we will make {f.a} together," said {C}, "and you will wash the dishes."

    - {@moralHonest}
    - {@ending}
    """,
    // A present that costs nothing.
    """
    x thing, p place

    - {@opening} It was the day before {C}'s birthday, and {A} had no present.
    - {@opening} Tomorrow {C} would have {C.his} birthday. {A} wanted to give {C.him} something beautiful.

    - {A.he} went to the market and saw {x.a}. But it cost too much.
    - {A.he} opened {A.his} money box. There was only one coin in it.
    - "How much is {x.the}?" {A.he} asked at the market. It was far too much.

    - {@worry}
    - Sadly {A.he} went home.
    - {A.he} told {A.his} friend {B}, {B.a}, about it. "A present does not have to cost anything," said {B}.

    - Then {A.he} had an idea. {A.he} went {p.to} and picked [a bunch of|the most beautiful] {#flower}.
    - "I can make something myself!" {A.he} thought. {A.he} took paper and paint and worked all evening.
    - {A.he} wrote a song. It had three verses, and {B} helped {A.him} with the tune.
    - {A.he} took some wood and a knife and carved a little bird.

    - In the morning {A} got up before everybody else. {A.he} {#job}, and then {A.he} knocked at the door.
    - In the morning {A.he} knocked at the door. {A.his} heart beat fast.
    - The next day many guests came with big boxes. {A}'s present was the smallest one.

    - "Happy birthday!" {@cried} {A}.
    - "This is for you," said {A} {#softly}.

    - {C} looked at it for a long time. "Is that really for me?" {C.he} asked.
    - {C}'s eyes grew big. "Nobody ever gave me anything like that," {C.he} said.
    - {C} laughed and cried at the same time.

    - "This is the most beautiful present of all," {C.he} said.
    - "Money can buy many things," said {C}, "but it can't buy this."
    - {C} hugged {A.him} and did not let {A.him} go for a long time.

    - {@ending}
    - {A} had learned that the best presents come from the heart.
    """,
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
