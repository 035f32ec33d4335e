// StoryWords: the words that stories draw from, by what they may stand for.
// Every word of a list fits wherever the list is named, or the sentence would be wrong.

enum StoryWords {
  /// A list by its name.
  static func list(_ name: String) -> [String] {
    guard let list = lists[name] else { preconditionFailure("no story has a list `\(name)`") }
    return list
  }

  /// For lists of nouns, the list of adjectives that go with them.
  static let traits = [
    "thing": "color", "treasure": "age", "animal": "smallness", "food": "taste", "dish": "taste",
    "tool": "color",
  ]

  /// For lists whose entries are forms, the names of the forms.
  static let forms = [
    "trouble": ["", "out"], "skill": ["to", "ing", "ed"], "fear": ["", "why", "not"],
    "noise": ["", "what", "why"], "building": ["a", "n", "of", "use"],
    "joke": ["", "truth"],
  ]

  private static let lists: [String: [String]] = [
    "boy": words(
      """
      Tom, Ben, Max, Leo, Sam, Finn, Hugo, Otto, Jack, Noah, Adam, Oscar, Peter, Simon, Felix, Emil,
      Oliver, Arthur, Theo, Ned, Will, Henry, George, Paul, Jacob, Victor
      """),
    "girl": words(
      """
      Anna, Mia, Lily, Rose, Emma, Clara, Ella, Nora, Ida, Lucy, Ruth, Alice, Sophie, Grace, Hannah,
      Julia, Molly, Eva, Olive, Zoe, Maya, Amy, Kate, Vera, Daisy, Ivy
      """),
    "creature": words(
      """
      fox, rabbit, bear, mouse, hedgehog, squirrel, badger, otter, frog, owl, mole, beaver, cat, dog,
      donkey, turtle, penguin, elephant
      """),
    "trait": words(
      """
      little, young, clever, kind, brave, cheerful, curious, quiet, gentle, lively, friendly, eager,
      patient, bright
      """),
    "family": words(
      """
      f Grandmother, m Grandfather, f Mother, m Father, f Aunt Rosa, m Uncle Albert, f Aunt Ellen,
      m Uncle Frank
      """),
    "neighbour": words(
      """
      f the old owl, m the baker, m the farmer, m the shepherd, m the miller, f the teacher,
      m the gardener, f the old goose, m the old tortoise, f the weaver, m the ferryman,
      f the wise hare
      """),
    "home": words(
      """
      in a small house by the river, in a little house near the forest, on a farm,
      in a village by the sea, at the edge of the forest, in a white cottage, at the foot of a hill,
      in a green valley, beside an old mill, in a house with a red roof, on the other side of the lake
      """),
    "place": words(
      """
      in the meadow;to the meadow;the meadow;from the meadow,
      in the forest;into the forest;the forest;from the forest,
      by the river;down to the river;the river;from the river,
      on the hill;up the hill;the hill;from the hill,
      at the old mill;to the old mill;the old mill;from the old mill,
      in the garden;into the garden;the garden;from the garden,
      on the beach;down to the beach;the beach;from the beach,
      by the lake;to the lake;the lake;from the lake,
      in the orchard;to the orchard;the orchard;from the orchard,
      near the stone bridge;to the stone bridge;the stone bridge;from the stone bridge,
      in the park;to the park;the park;from the park,
      by the pond;to the pond;the pond;from the pond,
      behind the barn;to the barn;the barn;from the barn,
      on the village square;to the village square;the village square;from the village square
      """),
    "thing": words(
      """
      ball, kite, drum, doll, whistle, flute, hat, scarf, lantern, umbrella, basket, bell, book, boat,
      spoon, blanket, puppet
      """),
    "color": words("red, blue, green, yellow, white, orange, shiny, new, old, striped, little"),
    "treasure": words("coin, map, key, ring, box, bracelet, crown, purse, watch, lamp"),
    "age": words("golden, old, silver, tiny, ancient, heavy, shining, iron"),
    "animal": words(
      "bird, duckling, kitten, puppy, lamb, hedgehog, owl, squirrel, rabbit, mouse, piglet, calf"),
    "smallness": words("tiny, young, little, grey, brown, white, small, unhappy"),
    "food": words(
      """
      +apples, ~bread, +cherries, pie, cake, +pears, +nuts, +pancakes, ~cheese, +strawberries, +plums,
      ~honey, +carrots, apple pie, almond cake, egg cake
      """),
    "dish": words(
      "cake, pie, +pancakes, +waffles, ~gingerbread, apple pie, almond cake, egg cake, +biscuits"),
    "taste": words("sweet, fresh, tasty, good, excellent, delicious"),
    "nothing": words(
      """
      an old shoe, a sleepy snail, two feathers, some acorns, an empty bottle, a rusty nail,
      a smooth stone, an old glove, a lazy toad, an empty nest, a broken cup, a few mushrooms
      """),
    "hiding": words(
      """
      under a bush, behind a big stone, between two roots, under a pile of leaves, behind the fence,
      under the bench, behind an empty barrel, behind an old wall, behind a tree
      """),
    "trouble": words(
      """
      stuck in the mud;pulled it out of the mud with a rope,
      caught in an old net;cut the net with a pair of scissors,
      caught in a thorn bush;bent the branches back until it was free,
      trapped under a fallen branch;lifted the branch together,
      sitting at the bottom of a dry well;let down a basket and pulled it up,
      sitting on a stone in the middle of the stream;laid a long board over the water,
      high up in an old tree;leaned a ladder against the tree and carried it down,
      shut in an empty shed;found the key and opened the door
      """),
    "skill": words(
      """
      swim;swimming;swam, ride a horse;riding;rode all the way, climb the tall oak;climbing;climbed,
      skate on the ice;skating;skated, play the flute;playing;played,
      row the boat;rowing;rowed, bake bread;baking;baked, whistle a tune;whistling;whistled,
      walk on a rope;walking on the rope;walked from one end to the other, sing;singing;sang
      """),
    "fear": words(
      """
      the dark;it was so hard to see;the dark is only the day asleep,
      thunder;it was so loud;thunder is only the clouds clapping their hands,
      the deep water;it looked so black;the water carries those who are calm,
      the old dog next door;it barked so much;he barks because he is lonely,
      the long bridge;it swayed in the wind;a bridge is as strong as the trees it is made of,
      the empty house;its doors creaked;old houses creak as old bones do
      """),
    "noise": words(
      """
      a tapping at the window;a branch in the wind;the wind is knocking,
      a soft scratching behind the wall;a mouse that was building a nest;somebody is moving in,
      a strange hooting outside;an owl on the roof;the owl is singing to the moon,
      a rustling in the kitchen;a hedgehog in a paper bag;a guest has come for supper,
      a slow dripping in the dark;rain that fell into an old bucket;the rain is counting the hours,
      a creaking on the stairs;the cat;somebody else is awake
      """),
    "building": words(
      """
      a raft;raft;of boards and rope;sailed on it across the pond,
      a kite;kite;of paper and thin sticks;let it fly above the trees,
      a hut;hut;of branches and moss;ate their supper in it,
      a sledge;sledge;of two planks and a box;raced down the hill on it,
      a swing;swing;of a board and two ropes;swung on it until evening,
      a tower;tower;of stones and clay;looked out over the whole valley from it,
      an oven;oven;of bricks and earth;baked bread in it,
      a cart;cart;of an old box and four wheels;rode on it all day
      """),
    "joke": words(
      """
      a wolf is in the garden;there was a wolf, the barn is on fire;the barn was on fire,
      the sheep are gone;the sheep were gone, the bridge has fallen down;the bridge had fallen down,
      the river is rising;the river was rising, the goat is on the roof;the goat was on the roof
      """),
    "feeling": words("happy, proud, glad, cheerful, merry"),
    "loves": words(
      """
      to sing, to climb trees, to tell stories, to look at the stars, to collect stones, to dance,
      to listen to the rain, to ask questions, to paint, to walk in the woods, to help others,
      to watch the birds
      """),
    "season": words("spring, summer, autumn, winter"),
    "weather": words("bright, warm, cold, windy, sunny, quiet, grey, fine, foggy"),
    "flower": words("roses, tulips, lilies, daisies, poppies, violets"),
    "fruit": words(
      "huge pumpkin, enormous pumpkin, golden sunflower, orange lily, red rose bush, sweet melon"),
    "job": words(
      """
      swept the floor, washed the dishes, fed the hens, carried wood into the house, watered the beans,
      fetched water from the well, set the table, picked up the apples, mended the fence
      """),
    "distance": words(
      """
      around the pond, to the old mill and back, up the hill and down again, across the meadow,
      along the river to the bridge
      """),
    "game": words("hide and seek, with the ball, cards, music, in the sand, with wooden blocks"),
    "softly": words("softly, kindly, quietly, gently, slowly, calmly"),
    "gladly": words("gladly, happily, cheerfully, merrily, eagerly"),
    "sadly": words("sadly, quietly, in a small voice, with tears in both eyes, after a while"),
  ]

  /// Entries between commas, or one a line where entries hold commas of their own.
  private static func words(_ text: String) -> [String] {
    text.replacing("\n", with: " ").split(separator: ",").map { entry in
      String(entry.drop { $0 == " " })
    }
  }
}
