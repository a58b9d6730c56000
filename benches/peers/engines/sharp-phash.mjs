// sharp-phash of each file named, one after the other.
import phash from 'sharp-phash'

for (const file of process.argv.slice(2)) console.log(BigInt(`0b${await phash(file)}`).toString(16).padStart(16, '0'))
