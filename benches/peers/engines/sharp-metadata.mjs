// What sharp says of each file named, one after the other, without its pixels.
import sharp from 'sharp'

for (const file of process.argv.slice(2)) console.log(JSON.stringify(await sharp(file).metadata()))
