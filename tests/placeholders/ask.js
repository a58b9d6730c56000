// What the reference implementations make of pictures, and how our hashes of them look when they show them: node ask.js, with
// lines of JSON on standard input, { width, height, rgba, blurHash, thumbHash }, the picture in base64. Prints a line for each.
import { createInterface } from 'node:readline'
import { decode, encode } from 'blurhash'
import { rgbaToThumbHash, thumbHashToAverageRGBA } from 'thumbhash'

const colours = (rgba) => rgba.filter((_, place) => place % 4 < 3)

// Levels of one channel: how far apart two pictures are.
const distance = (one, two) => {
  const [ours, theirs] = [colours(one), colours(two)]
  const squares = ours.reduce((sum, level, place) => sum + (level - theirs[place]) ** 2, 0)
  return Math.sqrt(squares / ours.length)
}

for await (const line of createInterface({ input: process.stdin })) {
  const { width, height, rgba, blurHash, thumbHash } = JSON.parse(line)
  const pixels = [...Buffer.from(rgba, 'base64')]
  const reference = encode(Uint8ClampedArray.from(pixels), width, height, 4, 3)
  const shown = (hash) => [...decode(hash, width, height)]
  const { r, g, b, a } = thumbHashToAverageRGBA(Buffer.from(thumbHash, 'base64'))
  console.log(JSON.stringify({
    blurHash: reference,
    thumbHash: Buffer.from(rgbaToThumbHash(width, height, pixels)).toString('base64'),
    blurDistance: distance(shown(blurHash), pixels),
    referenceDistance: distance(shown(reference), pixels),
    thumbMean: [r, g, b, a].map((level) => 255 * level),
  }))
}
