/** `npm run shape`: prints the figures of the source tree and their targets. */
import { parseArgs } from 'node:util'
import { type Figure, figuresOf } from './figures.ts'
import { readTree } from './read-tree.ts'

const help = `npm run shape [-- <options>]

Measures the source tree: folders, import circles, lengths, long comment lines and old names.
Files and functions are those of src and providers; a function counts when it has a name. Pages are the .tsx files of src,
docs the Markdown and YAML files. The old names are in scripts/shape/old-names.json.

  --list           prints the places behind each figure, as file:line
  --json           prints JSON
  --check          exits with 1 if a target is missed
  --tree <folder>  measures another copy of the repository
`

const options = {
  list: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  tree: { type: 'string', default: '.' },
} as const

function printed({ name, value, target, met }: Figure): string {
  const verdict = target === undefined ? '' : `target ${String(target).padStart(5)}  ${met ? 'ok' : 'MISSED'}`
  return `${name.padEnd(42)}${String(value).padStart(7)}  ${verdict}`.trimEnd()
}

function readOptions() {
  try {
    return parseArgs({ options }).values
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`)
    process.exit(1)
  }
}

const values = readOptions()
if (values.help) {
  process.stdout.write(help)
} else {
  const figures = figuresOf(readTree(values.tree))
  const withoutPlaces = figures.map(({ places, ...figure }) => figure)
  if (values.json) console.log(JSON.stringify(values.list ? figures : withoutPlaces, null, 2))
  else for (const figure of figures) console.log([printed(figure), ...(values.list ? figure.places : [])].join('\n  '))
  if (values.check && figures.some(({ met }) => !met)) process.exitCode = 1
}
