/**
 * `providers/<kind>/fixtures/<name>.json` is an answer, `<name>.profile.json` its profile.
 * `connection.json` or `<name>.connection.json` is the configuration.
 */
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { providers } from '../../providers/index.ts'
import { mapProfile } from '../../src/profile/mapping.ts'

const root = fileURLToPath(new URL('../../providers', import.meta.url))
const goldens = globSync('*/fixtures/**/*.profile.json', { cwd: root }).toSorted()
const contentOf = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'))

/** No key is kept in the repository. */
function p256Key(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** The fixtures of each brand. */
const always = ['no-email', 'unverified', 'unicode', 'single-name']
const sorts: Readonly<Record<string, readonly string[]>> = {
  google: [...always, 'consumer', 'workspace', 'one-tap'], // tells no groups
  linkedin: [...always, 'consumer', 'language-only'], // knows no workspaces and no groups
  apple: [...always, 'first-consent', 'later', 'workspace', 'relay'], // tells no groups
  okta: [...always, 'consumer', 'workspace', '300-groups'],
  github: [...always, 'id-only', 'consumer', 'workspace', 'no-reply', '100-groups'],
  gitlab: [...always, 'consumer', 'workspace', '300-groups'],
  entra: [...always, 'consumer', 'guest', 'workspace', 'no-xms-edov', 'groups-overage'],
  epam: [...always, 'workspace', 'directory-names', '300-groups'], // knows no consumers
  // knows no consumers
  saml: [...always, 'workspace', 'university', 'two-emails', '300-groups', 'groups-overage'],
  oidc: [...always, 'consumer', 'workspace', 'namespaced', '300-groups', 'groups-overage', 'groups-overage-implicit'],
}

function configOf(folder: string, name: string) {
  const files = [`${name}.connection.json`, 'connection.json'].map((file) => join(folder, file))
  const file = files.find((each) => existsSync(join(root, each)))
  const { kind, ...config } = { kind: folder.split('/')[0], ...(file !== undefined && contentOf(file)) }
  const provider = providers.find((known) => known.kind === kind)
  if (provider?.read === undefined) throw new Error(`${folder}: kind ${kind} reads no captured answers`)
  const key = 'privateKey' in config ? { privateKey: p256Key() } : {}
  return { read: provider.read, config: provider.config.parse({ ...config, ...key }) }
}

describe('what an upstream says becomes the profile it should', () => {
  it.each(goldens)('%s', (golden) => {
    const folder = dirname(golden)
    const name = basename(golden, '.profile.json')
    const { read, config } = configOf(folder, name)
    const stated = read(contentOf(join(folder, `${name}.json`)), config)
    expect(mapProfile(stated.profile, stated.attributes)).toEqual(contentOf(golden))
    expect(stated.attributes).toBeDefined()
    expect(stated.groupsOmitted ?? false, 'R2: groups overage').toBe(name.startsWith('groups-overage'))
  })

  it.each(Object.entries(sorts))('is shown for %s by an answer of every sort', (kind, expectedChecks) => {
    const names = goldens.filter((file) => file.startsWith(`${kind}/`)).map((file) => basename(file, '.profile.json'))
    expect(names.toSorted()).toEqual(expectedChecks.toSorted())
  })

  it('is shown for every brand that reads answers', () => {
    const reading = providers.filter(({ read }) => read !== undefined).map(({ kind }) => kind)
    expect(Object.keys(sorts).toSorted()).toEqual(reading.toSorted())
  })

  it('leaves no answer without the profile it becomes', () => {
    const answers = globSync('*/fixtures/**/*.json', { cwd: root }).filter(
      (file) => !/(connection|profile)\.json$/.test(file),
    )
    expect(answers.map((file) => file.replace(/json$/, 'profile.json')).toSorted()).toEqual(goldens)
  })

  it('leaves out groups if the upstream omits some, so that known ones stay', () => {
    const overages = goldens.filter((golden) => basename(golden).startsWith('groups-overage'))
    expect(overages).toHaveLength(4)
    for (const golden of overages) expect(contentOf(golden)).not.toHaveProperty('groups')
  })
})
