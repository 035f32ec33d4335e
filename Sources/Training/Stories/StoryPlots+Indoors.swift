// StoryPlots+Indoors: fearing, growing, meeting, finding, promising and giving.
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
  ]
}
