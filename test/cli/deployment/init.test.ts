/** `gatehouse init` as it is typed, and a sign-in with what it writes and an emulated Okta. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, it } from 'vitest'
import { providers } from '../../../providers/index.ts'
import { startOktaEmulator } from '../../../providers/okta/emulator.ts'
import { brandTemplates } from '../../../src/cli/deployment/init/brands.ts'
import { newFiles, variableOf } from '../../../src/cli/deployment/init/files.ts'
import { programOf } from '../../../src/cli/deployment/init/next-steps.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { withEnvFile } from '../../../src/config/source/env-file.ts'
import { openLog } from '../../../src/main/log.ts'
import { serve } from '../../../src/main/main.ts'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { runGatehouse } from '../../support/gatehouse/command-line.ts'
import { load, loadedOf } from '../../support/gatehouse/config-folder.ts'
import { freePort } from '../../support/servers/servers.ts'

const emptyFolder = () => mkdtempSync(join(tmpdir(), 'gatehouse-init-'))
const kinds = providers.map(({ kind }) => kind)
const init = (folder: string, ...words: readonly string[]) => runGatehouse('init', folder, ...words)
const textOf = (folder: string, name: string) => readFileSync(join(folder, 'config', name), 'utf8')

it.each([
  [{}, undefined, 'gatehouse'],
  [{ npm_lifecycle_event: 'gatehouse', npm_command: 'run-script' }, undefined, 'npm run gatehouse --'],
  [{ npm_command: 'exec' }, 'gatehouse-0.1.0.tgz', 'npx ./gatehouse-0.1.0.tgz'],
  [{ npm_command: 'exec' }, undefined, 'gatehouse'],
])('commands of the next steps begin as this one was started: %j %s', (environment, tarball, program) => {
  expect(programOf(environment, tarball)).toBe(program)
})

describe('gatehouse init', () => {
  it('writes a configuration without faults, a key of its own and the next steps', async () => {
    const [one, other] = [emptyFolder(), emptyFolder()]
    const { code, out } = await init(one)
    await init(other)
    expect(code).toBe(0)
    expect(textOf(one, 'tenants/main.yaml')).toContain('\n  developer: none\n')
    for (const step of ['users add --tenant main', 'http://localhost:4000/login?tenant=main', 'roles assign operator'])
      expect(out).toContain(step)
    const check = await runGatehouse('check', '--config', join(one, 'config'))
    expect([check.code, check.out]).toEqual([0, expect.stringMatching(/^1 tenant, 1 connection: no faults$/m)])
    const keyOf = (folder: string) => String(parseEnv(textOf(folder, '.env'))['GATEHOUSE_KEY'])
    expect(Buffer.from(keyOf(one), 'base64url')).toHaveLength(32)
    expect(keyOf(one)).not.toBe(keyOf(other))
    expect(textOf(one, '.env.example')).toContain('GATEHOUSE_KEY=\n')
    expect(statSync(join(one, 'config', '.env')).mode & 0o777).toBe(0o600)
  })

  it('leaves the IDs and secrets of upstreams to fill in, and check names their variables', async () => {
    const folder = emptyFolder()
    const { out } = await init(folder, '--tenant', 'acme', '--with', 'okta,google,password')
    expect(out).toContain('Okta: http://localhost:4000/t/acme/okta/callback')
    const check = await runGatehouse('check', '--config', join(folder, 'config'))
    expect(check.code).toBe(1)
    const variables = [
      'OKTA_ISSUER',
      'OKTA_CLIENT_ID',
      'OKTA_CLIENT_SECRET',
      'GOOGLE_CLIENT_ID',
      'GOOGLE_CLIENT_SECRET',
    ]
    for (const name of variables) expect(check.out).toContain(`the environment variable ACME_${name} is empty`)
    const names = variables.map((name) => `ACME_${name}`).join(', ')
    expect(check.out).toContain(`set in the environment, or in .env beside gatehouse.yaml: ${names}\n5 faults\n`)
  })

  it.each([
    ['okta,google,password', true],
    [kinds.filter((kind) => kind !== 'apple').join(','), false],
    ['password', false],
    ['google', false],
  ])(
    'writes %s so that check says nothing but its summary once the variables are filled in',
    async (with_, emulated) => {
      const folder = emptyFolder()
      await init(folder, '--tenant', 'acme', '--with', with_, ...(emulated ? ['--emulators'] : []))
      const filled = textOf(folder, '.env').replaceAll(/^(ACME_\w+)=$/gm, (_, name: string) =>
        /ISSUER|URL/.test(name) ? `${name}=https://idp.acme.com/v2.0` : `${name}=filled-in-1`,
      )
      writeFileSync(join(folder, 'config/.env'), filled)
      const { code, out } = await runGatehouse('check', '--config', join(folder, 'config'))
      expect([code, out]).toEqual([0, expect.stringMatching(/^1 tenant, \d+ connections?: no faults\n$/)])
    },
  )

  it('changes nothing where one of its files exists, and names each of them', async () => {
    const folder = emptyFolder()
    await init(folder)
    const before = textOf(folder, '.env')
    const again = await init(folder, '--tenant', 'acme')
    const names = ['gatehouse.yaml', '.env', '.env.example'].map((name) => join(folder, 'config', name))
    expect([again.code, again.out]).toEqual([1, ''])
    for (const name of names) expect(again.error).toContain(name)
    expect(textOf(folder, '.env')).toBe(before)
    expect(existsSync(join(folder, 'config/tenants/acme.yaml'))).toBe(false)
  })

  it.each([
    [['--with', 'okta,gogle'], 'names gogle, which is unknown; did you mean google? known: okta, entra, google'],
    [['--tenant', 'Acme'], '--tenant is Acme: must be 1 to 63 lower-case letters'],
    [
      ['--public-url', 'http://login.acme.com'],
      '--public-url must be https (http only on localhost): write it as https://login.acme.com',
    ],
  ])('rejects %j with a sentence', async (words, sentence) => {
    const folder = emptyFolder()
    const { code, error } = await init(folder, ...words)
    expect([code, error]).toEqual([1, expect.stringContaining(sentence)])
    expect(existsSync(join(folder, 'config'))).toBe(false)
  })

  it.each(['2026', 'true', '3m', 'null-1', '1e3', 'no'])('writes a tenant %s without faults', async (tenant) => {
    const folder = emptyFolder()
    await init(folder, '--tenant', tenant)
    const { code, out } = await runGatehouse('check', '--config', join(folder, 'config'))
    expect([code, out]).toEqual([0, expect.stringContaining('no faults')])
    const { code: second, error } = await init(emptyFolder(), '--tenant', tenant, '--with', 'okta')
    expect([second, error]).toEqual(/^\d/.test(tenant) ? [1, expect.stringContaining('begin with a digit')] : [0, ''])
  })

  it('writes nothing where a file has the name of a folder', async () => {
    const folder = emptyFolder()
    mkdirSync(join(folder, 'config'))
    writeFileSync(join(folder, 'config/tenants'), '')
    const { code, error } = await init(folder)
    expect([code, error]).toEqual([1, expect.stringMatching(/nothing was written.*tenants.*a file is in the way/)])
    expect(readdirSync(join(folder, 'config'))).toEqual(['tenants'])
  })

  it('keeps .env out of Git, and an existing .gitignore as it is', async () => {
    const [one, other] = [emptyFolder(), emptyFolder()]
    await init(one)
    expect(textOf(one, '.gitignore')).toBe('.env\n')
    mkdirSync(join(other, 'config'))
    writeFileSync(join(other, 'config/.gitignore'), 'x')
    const { code, out } = await init(other)
    expect([code, textOf(other, '.gitignore')]).toEqual([0, 'x'])
    expect(out).not.toContain('.gitignore')
  })

  it.each(['check', 'serve'])('is what %s suggests in an empty folder', async (command) => {
    const { code, out, error } = await runGatehouse(command, '--config', join(emptyFolder(), 'config'))
    expect([code, out + error]).toEqual([1, expect.stringContaining('config: gatehouse init writes one')])
  })

  it('has a template for every kind, whose keys the kind knows', async () => {
    expect(Object.keys(brandTemplates).toSorted()).toEqual(kinds.toSorted())
    const publicUrl = new URL('https://login.acme.com')
    const ring = { key: Buffer.alloc(32, 7).toString('base64url'), dataFolder: 'var' }
    const files = newFiles({ tenant: 'acme', kinds, publicUrl, emulators: false, ...ring })
    const values: Readonly<Record<string, string>> = {
      issuer: 'https://idp.acme.com',
      metadataUrl: 'https://idp.acme.com/m',
    }
    const environment = Object.fromEntries(
      kinds.flatMap((kind) =>
        (brandTemplates[kind]?.filled ?? []).map(({ key }) => [
          variableOf('acme', kind, key),
          values[key] ?? 'filled-in-1',
        ]),
      ),
    )
    const { faults } = await load(Object.fromEntries(files.map(({ path, text }) => [path, text])), {
      ...environment,
      GATEHOUSE_KEY: ring.key,
    })
    expect(faults).toEqual([expect.stringContaining('apple.p8 cannot be read: it does not exist')])
  })

  it('with --emulators, users of a new tenant sign in at once by an emulator that never heard of it', async () => {
    const ada = { sub: '00uAda', name: 'Ada', email: 'ada@okta.example', email_verified: true }
    const client = { clientId: 'gatehouse-demo', clientSecret: 'emulated', redirectUris: [], acceptsLocalUris: true }
    const okta = await startOktaEmulator({ clients: [client], people: [ada] })
    const folder = emptyFolder()
    const publicUrl = `http://localhost:${await freePort()}`
    await init(folder, '--tenant', 'contoso', '--with', 'okta,google', '--emulators', '--public-url', publicUrl)
    expect(textOf(folder, 'tenants/contoso.yaml')).toContain(
      'change it in production.\naccess:\n  developer: everyone\n',
    )
    const config = join(folder, 'config')
    const env = textOf(folder, '.env').replace('http://localhost:4010/oauth2/default', okta.issuer)
    writeFileSync(join(config, '.env'), env)
    const loaded = await loadConfig({ directory: config, environment: withEnvFile(config, {}), providers })
    const running = await serve(loadedOf(loaded), { log: openLog('silent') })
    try {
      const browser = new TestBrowser({ port: Number(new URL(running.address).port) })
      const page = await browser.open(`${publicUrl}/t/contoso/okta/start`)
      expect((await browser.click(page, /Ada/)).url.href).toBe(`${publicUrl}/account`)
      expect((await browser.open(`${publicUrl}/developer`)).body).toContain('Register an app')
      const { out } = await runGatehouse('connection', 'check', 'contoso', 'okta', '--config', config)
      expect(out).toContain('  ok  callback URL: the callback URL is registered\n')
    } finally {
      await running.stop()
      await okta.close()
    }
  })
})
