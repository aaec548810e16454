/** `npm run pin-images`: writes the digests of the images' tags to Dockerfile and compose.yaml. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../run.mjs'
import { Failure } from '../say.mjs'
import { digestOf, parseImage } from './registry.mjs'

export const help = `npm run pin-images [-- options]

Asks the registry of each image in Dockerfile and compose.yaml for the digest of its tag, and writes it behind the tag.
Run it again to follow a tag that was rebuilt. It changes nothing if a registry cannot be reached.

  --check           change nothing; exit code 1 if a digest is missing or differs
  --folder <path>   the folder with the two files (default: this checkout)
  --help            this text
`

/**
 * The reference of an image: of the build argument, and of the services that are not built here.
 */
const places = {
  Dockerfile: /^(ARG NODE_IMAGE=)(\S+)$/gm,
  'compose.yaml': /^( +image: )(?!gatehouse)(\S+)$/gm,
}

export async function pinImages(args) {
  const { check, folder, help: helpWanted } = optionsOf(args)
  if (helpWanted) {
    process.stdout.write(help)
    return 0
  }
  const digests = new Map()
  const files = []
  for (const [name, place] of Object.entries(places)) {
    const file = join(folder, name)
    const text = readFileSync(file, 'utf8')
    for (const [, , reference] of text.matchAll(place)) await learn(digests, reference)
    const pinned = text.replace(place, (_whole, before, reference) => `${before}${digests.get(reference)}`)
    files.push({ file, isPinned: pinned === text, pinned })
  }
  const changed = files.filter(({ isPinned }) => !isPinned)
  if (!check) for (const { file, pinned } of changed) writeFileSync(file, pinned)
  process.stdout.write([...digests.values()].map((pinned) => `${pinned}\n`).join(''))
  return check && changed.length > 0 ? 1 : 0
}

async function learn(digests, reference) {
  if (digests.has(reference)) return
  const image = parseImage(reference)
  digests.set(reference, `${image.name}:${image.tag}@${await digestOf(image)}`)
}

function optionsOf(args) {
  const options = { check: { type: 'boolean' }, folder: { type: 'string', default: root }, help: { type: 'boolean' } }
  try {
    const { values } = parseArgs({ args, options })
    return { ...values, folder: resolve(root, values.folder) }
  } catch (error) {
    throw new Failure(`${error.message}; see npm run pin-images -- --help`)
  }
}
