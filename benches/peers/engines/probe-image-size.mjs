// Format and size of each file named, one after the other. No EXIF beyond the orientation.
import { createReadStream } from 'node:fs'
import probe from 'probe-image-size'

for (const file of process.argv.slice(2)) {
  const stream = createReadStream(file)
  console.log(JSON.stringify(await probe(stream)))
  stream.destroy()
}
