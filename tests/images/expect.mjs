// expect.mjs FILE...  - one JSON line per picture: what the peers say about it. Adapted from the project's oracle.
//   npm install sharp@0.35.5 sharp-phash@2.2.0 exif@0.6.0     (where: see README.md)
//   PEERS=/folder/with/node_modules PYTHON=/folder/bin/python node expect.mjs jpeg/*.jpg > expected.jsonl
// file, size
// header  width, height, density, hasProfile, hasAlpha, format and more: sharp's header reader (libvips)
// pHash   sharp-phash, 16 hex digits
// exif    npm exif 0.6.0 on the file itself, UNDEFINED values by ImageKit's rule (printable ASCII or dropped)
// exifOfBlock  the same package on the file's first EXIF block wrapped in a minimal JPEG, where the package
//         cannot read the file itself: not a JPEG, or another segment named APP1 comes first
// block   that block itself, in hex (not for JPEG, where it stands in the file, nor TIFF, which is the block)
// pHashAlphaDropped     the pHash after sharp's removeAlpha: sharp-phash itself weighs pixels by their alpha
// pHashProfileIgnored   the pHash with ignoreIcc: sharp-phash itself converts through the embedded profile
// pillow  where sharp cannot decode: width, height, mode, dpi from Pillow, pHash of Pillow's RGBA by way of sharp's PNG
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { dirname, join } from 'node:path'
const here = dirname(fileURLToPath(import.meta.url))
const require = createRequire(pathToFileURL(join(process.env.PEERS ?? here, 'x.js')))
const sharp = require('sharp')
const phash = require('sharp-phash')
const { ExifImage } = require('exif')
sharp.cache(false)

const attempt = async (work) => { try { return await work() } catch (error) { return { error: String(error.message ?? error) } } }

const printable = (bytes) => bytes.length > 0 && bytes.every((b) => b >= 32 && b < 127)
const withoutBuffers = (group) => Object.fromEntries(Object.entries(group)
  .filter(([, v]) => !Buffer.isBuffer(v) || printable(v))
  .map(([k, v]) => [k, Buffer.isBuffer(v) ? v.toString('latin1') : v]))

// the package never returns from a count of 4294967295 (node itself dies), so it works in a child with a time limit
const exifOf = async (image) => {
  if (!(image[0] === 0xFF && image[1] === 0xD8)) return exifHere(image)
  const { status, signal, stdout } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--exif'], { input: image, timeout: 20000, maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(signal === 'SIGTERM' ? 'npm exif did not finish in 20 s' : 'npm exif brought node down')
  const answer = JSON.parse(stdout)
  if (answer.error) throw new Error(answer.error)
  return answer
}

const exifHere = (image) => new Promise((resolve, reject) => {
  new ExifImage({ image }, (error, data) => {
    if (error) return reject(error)
    try { resolve(Object.fromEntries(Object.entries(data).map(([name, group]) => [name, withoutBuffers(group)]))) } catch (e) { reject(e) }
  })
})

const HEAD = Buffer.from('Exif\0\0', 'latin1')
const bare = (block) => block?.subarray(0, 6).equals(HEAD) ? block.subarray(6) : block

// the first EXIF block, as a TIFF, wherever the container keeps it
const blockOf = async (bytes, file) => {
  const tag = (at, n = 4) => bytes.toString('latin1', at, at + n)
  if (bytes.length < 12) return undefined
  if (bytes[0] === 0xFF && bytes[1] === 0xD8) {
    for (let at = 2; at + 4 <= bytes.length;) {
      if (bytes[at] !== 0xFF) break
      while (bytes[at + 1] === 0xFF) at++
      const marker = bytes[at + 1]
      if (marker === 0xDA || marker === 0xD9) break
      const length = bytes.readUInt16BE(at + 2)
      if (marker === 0xE1 && bytes.subarray(at + 4, at + 10).equals(HEAD)) return bytes.subarray(at + 10, at + 2 + length)
      at += 2 + length
    }
  } else if (tag(1, 3) === 'PNG') {
    for (let at = 8; at + 8 <= bytes.length;) {
      const length = bytes.readUInt32BE(at)
      if (tag(at + 4) === 'eXIf') return bare(bytes.subarray(at + 8, at + 8 + length))
      at += 12 + length
    }
  } else if (tag(0) === 'RIFF' && tag(8) === 'WEBP') {
    for (let at = 12; at + 8 <= bytes.length;) {
      const length = bytes.readUInt32LE(at + 4)
      if (tag(at) === 'EXIF') return bare(bytes.subarray(at + 8, at + 8 + length))
      at += 8 + length + length % 2
    }
  } else if (tag(0) === 'II*\0' || tag(0) === 'MM\0*') {
    return bytes
  } else if (tag(4) === 'ftyp') {
    return bare((await sharp(bytes).metadata()).exif)
  }
  return undefined
}

const wrapped = (block) => Buffer.concat([Buffer.from([0xFF, 0xD8, 0xFF, 0xE1, 0xFF, 0xFF]), HEAD, block, Buffer.from([0xFF, 0xD9])])

if (process.argv[2] === '--exif') {
  process.stdout.write(JSON.stringify(await attempt(() => exifHere(readFileSync(0)))))
  process.exit(0)
}

for (const file of process.argv.slice(2)) {
  const bytes = readFileSync(file)
  const header = await attempt(async () => {
    const m = await sharp(bytes).metadata()
    return { width: m.width, height: m.height, density: m.density ?? null, hasProfile: m.hasProfile, hasAlpha: m.hasAlpha, format: m.format,
      space: m.space, channels: m.channels, depth: m.depth, orientation: m.orientation ?? null, pages: m.pages ?? null, isProgressive: m.isProgressive ?? null }
  })
  const hashOf = async (input, options) => BigInt('0b' + await phash(input, options)).toString(16).padStart(16, '0')
  const pHash = await attempt(() => hashOf(bytes))
  const line = { file, size: bytes.length, header, pHash, exif: await attempt(() => exifOf(bytes)) }
  if (header.hasAlpha) line.pHashAlphaDropped = await attempt(async () => hashOf(await sharp(bytes).removeAlpha().png().toBuffer()))
  if (header.hasProfile) line.pHashProfileIgnored = await attempt(() => hashOf(bytes, { ignoreIcc: true }))
  if (line.exif.error) {
    const block = await attempt(() => blockOf(bytes, file))
    if (block && !block.error && block.length) {
      if (block.length !== bytes.length && bytes[0] !== 0xFF) line.block = block.toString('hex')
      line.exifOfBlock = block.length < 65000 || block === bytes ? await attempt(() => exifOf(wrapped(block))) : { error: 'block of 64 KB or more' }
    }
  }
  if (line.pHash.error) {
    line.pillow = await attempt(async () => {
      const out = execFileSync(process.env.PYTHON ?? 'python3', [join(here, 'decode.py'), file], { maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'pipe'] })
      const cut = out.indexOf(10)
      const { format, ...head } = JSON.parse(out.subarray(0, cut))
      const png = await sharp(out.subarray(cut + 1), { raw: { width: head.width, height: head.height, channels: 4 } }).png().toBuffer()
      return { ...head, format, pHash: await hashOf(png) }
    })
    if (line.pillow.error) line.pillow.error = line.pillow.error.trim().split('\n').pop()
  }
  console.log(JSON.stringify(line))
}
