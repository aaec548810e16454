/** A fresh Gatehouse for each plan, since modules count the requests of health checks. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Certificate } from './certificate.ts'
import { Failure, type Running, run, start, untilReady } from './programs.ts'
import type { RunFolders } from './run-folders.ts'
import { publicKeyOf, type Secrets } from './secrets.ts'

export interface Gatehouse extends Running {
  /** Makes the next signing keys sign at once. */
  rotateKeys(): Promise<void>
}

/** Each client module gets its own tenant, since upstream state is kept by issuer. */
const clientTenants = 150
export const aliasOf = (number: number) => `gh-rp-${number}`
export const users = { ada: 'ada@example.test', eve: 'eve@example.test' }

const cli = fileURLToPath(new URL('../../dist/src/cli.js', import.meta.url))

export async function startGatehouse(
  place: RunFolders,
  secrets: Secrets,
  { certificate }: Certificate,
  storage: object | undefined,
): Promise<Gatehouse> {
  const folder = join(place.run, 'gatehouse')
  rmSync(folder, { recursive: true, force: true })
  writeConfiguration(place, secrets, folder, storage ?? { file: join(folder, 'gatehouse.db') })
  const env = { NODE_EXTRA_CA_CERTS: certificate, NODE_ENV: 'production' }
  await run(process.execPath, [cli, 'check', '--config', folder], { env })
  for (const email of Object.values(users)) await addUser(folder, email, secrets.password, env)
  const log = join(place.run, 'gatehouse.log')
  const running = start(log, process.execPath, [cli, 'serve', '--config', folder], { env })
  await untilReady('Gatehouse', running, `${place.gatehouse}/readyz`, 120)
  return {
    ...running,
    rotateKeys: async () =>
      void (await run(process.execPath, [cli, 'keys', 'rotate', '--now', '--config', folder], { env })),
  }
}

async function addUser(folder: string, email: string, password: string, env: Readonly<Record<string, string>>) {
  const words = ['users', 'add', '--config', folder, '--tenant', 'conf', '--email', email, '--password-stdin']
  const child = spawn(process.execPath, [cli, ...words, '--name', 'Ada Test'], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  child.stdin.end(password)
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Failure(`gatehouse users add failed: ${said}`)
}

function writeConfiguration(place: RunFolders, secrets: Secrets, folder: string, storage: object): void {
  mkdirSync(join(folder, 'tenants'), { recursive: true })
  const write = (path: string, value: unknown) => writeFileSync(join(folder, path), JSON.stringify(value, null, 1))
  write('gatehouse.yaml', {
    publicUrl: place.gatehouse,
    listen: { host: '127.0.0.1', port: place.ports.gatehouse },
    storage,
    keys: [Buffer.from(secrets.password).subarray(0, 32).toString('base64url')],
    trustedProxies: ['127.0.0.1'],
    outbound: { allowPrivate: ['localhost', '127.0.0.1'] },
    defaultTenant: 'conf',
    mail: { directory: join(folder, 'mail') },
    health: { probe: false }, // the probe after a failed sign-in would be a second token request
    apps: apps(place, secrets),
  })
  const scopes = ['openid', 'profile', 'email', 'phone']
  const upstream = { kind: 'oidc', clientId: 'gatehouse', clientSecret: secrets.upstream, scopes }
  const full = { label: 'Full', issuer: place.upstream, domains: ['full.example.test'], providesAuthTime: true }
  write('tenants/conf.yaml', {
    tenant: 'conf',
    name: 'Conformance',
    connections: { password: { signUp: false }, full: { ...upstream, ...full } },
  })
  for (let number = 1; number <= clientTenants; number += 1) {
    const issuer = `${place.suite}/test/a/${aliasOf(number)}/`
    write(`tenants/rp-${number}.yaml`, {
      tenant: `rp-${number}`,
      name: `Upstream ${number}`,
      connections: { suite: { ...upstream, label: 'Suite', issuer, endUpstreamSession: true } },
    })
  }
}

/** The clients of the suite. Only sign-out plans fail on a back-channel message. */
function apps(place: RunFolders, secrets: Secrets): object {
  const at = (alias: string, path: string) => `${place.suite}/test/a/${alias}/${path}`
  const app = (alias: string, name: string, more: object) => ({
    name,
    kind: 'web',
    tenants: ['conf'],
    scopes: ['openid', 'profile', 'email', 'phone', 'offline_access'],
    redirectUris: [at(alias, 'callback'), at(alias, 'callback?dummy1=lorem&dummy2=ipsum')],
    postLogoutRedirectUris: [at(alias, 'post_logout_redirect')],
    ...more,
  })
  const settingsOf = (alias: string) => ({ backchannelLogoutUri: at(alias, 'backchannel_logout') })
  const bySecret = (secret: string) => ({ secrets: [secret], pkce: 'optional' })
  const byKey = (key: Secrets['keyOne']) => ({ keys: [{ publicKey: publicKeyOf(key) }] })
  return {
    'conf-one': app('gh', 'Suite client one', { ...bySecret(secrets.one), ...settingsOf('gh') }),
    'conf-two': app('gh', 'Suite client two', { ...bySecret(secrets.two), ...settingsOf('gh') }),
    'conf-post': app('gh', 'Suite client post', { ...bySecret(secrets.post), ...settingsOf('gh') }),
    'conf-out': app('gh-out', 'Suite client that signs out', bySecret(secrets.out)),
    'conf-out-two': app('gh-out', 'Suite client that signs out, two', bySecret(secrets.outTwo)),
    'conf-key': app('gh-key', 'Suite client with a key', { ...byKey(secrets.keyOne), pkce: 'optional' }),
    'conf-key-two': app('gh-key', 'Suite client with a key, two', { ...byKey(secrets.keyTwo), pkce: 'optional' }),
    'fapi-one': app('gh-fapi', 'FAPI client one', { ...byKey(secrets.fapiOne), profile: 'fapi2' }),
    'fapi-two': app('gh-fapi', 'FAPI client two', { ...byKey(secrets.fapiTwo), profile: 'fapi2' }),
  }
}
