// rules.mjs TAGS EXPECTED > deviations.jsonl
// Where the EXIF that this project prints is meant to differ from the peers' words in expected.jsonl. A second, short
// reading of the project's EXIF rules, written apart from the engine; TAGS is the JSON table of tag ids and names.
//   node rules.mjs exif-tags.json expected.jsonl > deviations.jsonl
// For what is not a JPEG the comparison is with exifOfBlock. One line per difference: file, path (group and key), peers (absent: they lack it), ours (absent: we lack it), why.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
const [tagsFile, expectedFile] = process.argv.slice(2)
const tables = JSON.parse(readFileSync(tagsFile, 'utf8'))
const names = new Map(Object.entries({ ...tables.ifd, ...tables.newer }).map(([k, v]) => [Number(k), v]))
const gpsNames = new Map(Object.entries(tables.gps).map(([k, v]) => [Number(k), v]))
const SIZES = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8 }

const text = (bytes) => {
  try { return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) } catch { return bytes.toString('latin1') }
}
const tilNul = (bytes) => bytes.includes(0) ? bytes.subarray(0, bytes.indexOf(0)) : bytes

const comment = (bytes, le) => {
  const code = bytes.subarray(0, 8).toString('latin1'), body = bytes.subarray(8)
  let out
  if (code === 'UNICODE\0') {
    const big = body[0] === 0xFE && body[1] === 0xFF, little = body[0] === 0xFF && body[1] === 0xFE
    out = new TextDecoder(big ? 'utf-16be' : little ? 'utf-16le' : le ? 'utf-16le' : 'utf-16be').decode(body)
    out = out.split('\0')[0]
  } else if (code === 'JIS\0\0\0\0\0') out = new TextDecoder('iso-2022-jp').decode(tilNul(body))
  else out = text(tilNul(body))
  return out.trim() === '' ? undefined : out
}

const read = (block) => {
  const out = { image: {}, thumbnail: {}, exif: {}, gps: {}, interoperability: {}, makernote: {} }
  const order = block.toString('latin1', 0, 2), le = order === 'II'
  if (block.length < 8 || (!le && order !== 'MM')) return out
  const view = new DataView(block.buffer, block.byteOffset, block.length)
  const seen = new Set()
  const one = {
    1: (p) => block[p], 3: (p) => view.getUint16(p, le), 4: (p) => view.getUint32(p, le), 5: (p) => view.getUint32(p, le) / view.getUint32(p + 4, le),
    6: (p) => view.getInt8(p), 8: (p) => view.getInt16(p, le), 9: (p) => view.getInt32(p, le), 10: (p) => view.getInt32(p, le) / view.getInt32(p + 4, le),
  }
  const walk = (at, group, table) => {
    if (!Number.isInteger(at) || at < 8 || at + 2 > block.length || seen.has(at)) return 0
    seen.add(at)
    const total = view.getUint16(at, le)
    for (let k = 0; k < Math.min(total, 128); k++) {
      const p = at + 2 + 12 * k
      if (p + 12 > block.length) return 0
      const id = view.getUint16(p, le), type = view.getUint16(p + 2, le), count = view.getUint32(p + 4, le), name = table.get(id)
      if (!name || id === 0xEA1C || !SIZES[type]) continue
      const bytes = SIZES[type] * count, from = bytes <= 4 ? p + 8 : view.getUint32(p + 8, le)
      if (from + bytes > block.length) continue
      const raw = block.subarray(from, from + bytes)
      let value
      if (type === 2) value = text(tilNul(raw))
      else if (type === 7) {
        value = name === 'UserComment' ? comment(raw, le) : raw.length && raw.every((b) => b >= 32 && b < 127) ? raw.toString('latin1') : undefined
      } else {
        value = Array.from({ length: count }, (_, i) => one[type](from + i * SIZES[type])).map((v) => Number.isFinite(v) ? v : null)
        if (count === 1) value = value[0]
      }
      if (value !== undefined) group[name] = value
    }
    const link = at + 2 + 12 * total
    return link + 4 <= block.length ? view.getUint32(link, le) : 0
  }
  const next = walk(view.getUint32(4, le), out.image, names)
  if (next) walk(next, out.thumbnail, names)
  if (out.image.ExifOffset) walk(out.image.ExifOffset, out.exif, names)
  if (out.image.GPSInfo) walk(out.image.GPSInfo, out.gps, gpsNames)
  if (out.exif.InteropOffset) walk(out.exif.InteropOffset, out.interoperability, names)
  return out
}

const HEAD = 'Exif\0\0'
const jpegBlock = (bytes) => {
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xFF) break
    while (bytes[at + 1] === 0xFF) at++
    const marker = bytes[at + 1]
    if (marker === 0xDA || marker === 0xD9) break
    const length = bytes.readUInt16BE(at + 2)
    if (marker === 0xE1 && bytes.toString('latin1', at + 4, at + 10) === HEAD) return bytes.subarray(at + 10, at + 2 + length)
    at += 2 + length
  }
}

const why = (path, peers, ours) => {
  const key = path.split('.')[1]
  if (path.startsWith('makernote')) return 'makernote is {}'
  if (Object.values(tables.newer).includes(key)) return 'a tag newer than npm exif'
  if (key === 'UserComment') return 'UserComment is decoded by its character code'
  if (typeof peers === 'string' && peers.includes('\0')) return 'ASCII ends at the first NUL'
  if (typeof peers === 'string' && typeof ours === 'string') return 'UTF-8 before Latin-1'
  if (path.startsWith('interoperability')) return 'npm exif stops at the first unknown id of this directory'
  return 'entries past the end of the block, and directories read before, are not read'
}

for (const line of readFileSync(expectedFile, 'utf8').trim().split('\n').map((l) => JSON.parse(l))) {
  const say = (o) => console.log(JSON.stringify({ file: line.file, ...o }))
  const bytes = readFileSync(join(dirname(expectedFile), line.file))
  let block, peers = line.exif
  if (bytes[0] === 0xFF && bytes[1] === 0xD8) block = jpegBlock(bytes)
  if (line.block) block = Buffer.from(line.block, 'hex')
  if (!block && line.exifOfBlock) block = bytes
  if (!block) continue
  if (line.exif.error && line.exifOfBlock) {
    if (bytes[0] === 0xFF && !line.exifOfBlock.error) say({ path: '', peers: line.exif, why: 'npm exif does not find the block; compare with exifOfBlock' })
    peers = line.exifOfBlock
  }
  const ours = read(block)
  if (peers.error) { say({ path: '', peers, ours, why: 'npm exif gives up; we print what could be read' }); continue }
  for (const group of Object.keys(ours)) {
    for (const key of new Set([...Object.keys(peers[group] ?? {}), ...Object.keys(ours[group])])) {
      const a = peers[group]?.[key], b = ours[group][key], path = `${group}.${key}`
      if (JSON.stringify(a) !== JSON.stringify(b)) say({ path, peers: a, ours: b, why: why(path, a, b) })
    }
  }
}
