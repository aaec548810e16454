/**
 * Golden fixtures of every brand: `providers/<kind>/fixtures/<name>.json` is what the upstream says, `<name>.profile.json` the profile it
 * becomes. `connection.json` beside them is the connection's config, where defaults do not do.
 */
import { generateKeyPairSync } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { providers } from '../../providers/index.ts'
import { attributeNames } from '../../src/profile.ts'
import { mapProfile } from '../../src/profile-mapping.ts'

const root = fileURLToPath(new URL('../../providers', import.meta.url))
const goldens = globSync('*/fixtures/*.profile.json', { cwd: root }).toSorted()
const contentOf = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'))

/** No key is kept in the repository. */
function p256Key(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function configOf(folder: string) {
  const file = join(folder, 'connection.json')
  const given = globSync(file, { cwd: root }).length === 0 ? {} : contentOf(file)
  const { kind, ...config } = { kind: folder.split('/')[0], ...given }
  const provider = providers.find((known) => known.kind === kind)
  if (provider?.read === undefined) throw new Error(`${folder}: kind ${kind} reads no captured answers`)
  const key = 'privateKey' in config ? { privateKey: p256Key() } : {}
  return { read: provider.read, config: provider.config.parse({ ...config, ...key }) }
}

describe('what an upstream says becomes the profile it should', () => {
  it.each(goldens)('%s', (golden) => {
    const folder = dirname(golden)
    const { read, config } = configOf(folder)
    const told = read(contentOf(join(folder, `${basename(golden, '.profile.json')}.json`)), config)
    expect(mapProfile(told.profile, told.attributes)).toEqual(contentOf(golden))
    expect(told.attributes).toBeDefined()
  })

  it('is shown for Okta by an answer of every sort', () => {
    const names = goldens.filter((file) => file.startsWith('okta/')).map((file) => basename(file, '.profile.json'))
    const sorts = ['consumer', 'workspace', 'no-email', 'unverified', 'unicode', 'single-name', '300-groups']
    expect(names).toEqual(expect.arrayContaining(sorts))
  })
})

it('lists in providers/README.md every attribute of the profile, in the order of the API', () => {
  const rows = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^\| ([a-z_]+) +\|/gm)].map(
    ([, name]) => name,
  )
  const names = Object.values(attributeNames).flatMap((name) =>
    name === 'email' || name === 'phone_number' ? [name, `${name}_verified`] : [name],
  )
  expect(rows.filter((name) => name !== 'kind' && name !== 'attribute')).toEqual(names)
})
