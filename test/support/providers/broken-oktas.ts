/** Eight emulated Oktas, each of which can be broken in its own way. */
import { once } from 'node:events'
import { request } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type OktaEmulator, startOktaEmulator } from '../../../providers/okta/emulator.ts'
import { type CertifiedKey, certifiedKey } from '../../../providers/saml/emulator/certificate.ts'

export const faultNames = ['down', 'slow', 'secret', 'rotated', 'clock', 'redirect', 'email', 'tls'] as const
export type BrokenName = (typeof faultNames)[number]

export interface BrokenOkta {
  readonly name: BrokenName
  readonly issuer: string
  readonly clientSecret: string
  break(): Promise<void>
  close(): Promise<void>
}

export interface BrokenOktas {
  readonly all: readonly BrokenOkta[]
  /** Authorities to trust, PEM. */
  readonly ca: readonly string[]
  close(): Promise<void>
}

/** @param origin of Gatehouse; the connections of the tenant acme have the names of the faults */
export async function startBrokenOktas(origin: string): Promise<BrokenOktas> {
  const now = Date.now()
  const valid = await certifiedKey('localhost')
  const expired = await certifiedKey('localhost', { from: new Date(now - 2e10), until: new Date(now - 1e9) })
  const all = await Promise.all(faultNames.map((name) => startOne(name, origin, valid, expired)))
  return {
    all,
    ca: [valid.certificate, expired.certificate],
    close: async () => void (await Promise.all(all.map((each) => each.close()))),
  }
}

async function startOne(name: BrokenName, origin: string, valid: CertifiedKey, expired: CertifiedKey) {
  const clientSecret = `canary-secret-of-${name}`
  const client = { clientId: 'gatehouse', clientSecret, redirectUris: [`${origin}/t/acme/${name}/callback`] }
  const ada = { sub: `00u-${name}`, name: 'Ada Lovelace', email: `ada@${name}.test`, email_verified: true }
  const emulator = await startOktaEmulator({ host: 'localhost', clients: [client], people: [ada] })
  const tls = name === 'tls' ? await startTls(emulator, valid) : undefined
  const breaks: Readonly<Record<BrokenName, () => unknown>> = {
    down: () => emulator.fault('down'),
    slow: () => emulator.fault('slow', 2500),
    secret: () => Object.assign(client, { clientSecret: 'another-secret' }),
    rotated: () => rotateUnpublished(emulator),
    clock: () => emulator.fault('clockAhead'),
    redirect: () => Object.assign(client, { redirectUris: ['https://elsewhere.test/callback'] }),
    email: () => emulator.fault('noEmail'),
    tls: () => tls?.present(expired),
  }
  return {
    name,
    clientSecret,
    issuer: tls?.issuer ?? emulator.issuer,
    break: async () => void (await breaks[name]()),
    close: async () => {
      await tls?.close()
      await emulator.close()
    },
  }
}

/** Signs with a new key, and still publishes the old one. */
async function rotateUnpublished(emulator: OktaEmulator): Promise<void> {
  emulator.fault('answer', { keys: await (await fetch(emulator.endpoints.jwks)).text() })
  await emulator.rotateKey()
}

/** The emulator by TLS. Tokens still name its plain issuer, so it is for probes only. */
async function startTls(emulator: OktaEmulator, key: CertifiedKey) {
  const server = createServer(secureContextOf(key), (incoming, outgoing) => {
    const { method, headers, url = '/' } = incoming
    const passed = request(new URL(url, emulator.issuer), { method: method ?? 'GET', headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    passed.on('error', () => outgoing.destroy())
    incoming.pipe(passed)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `https://localhost:${(server.address() as AddressInfo).port}${new URL(emulator.issuer).pathname}`
  emulator.fault('discovery', {
    issuer,
    authorization_endpoint: `${issuer}/v1/authorize`,
    token_endpoint: `${issuer}/v1/token`,
    userinfo_endpoint: `${issuer}/v1/userinfo`,
    jwks_uri: `${issuer}/v1/keys`,
  })
  return { issuer, present: (other: CertifiedKey) => present(server, other), close: () => stop(server) }
}

const secureContextOf = ({ certificate, privateKey }: CertifiedKey) => ({
  cert: certificate,
  key: privateKey.export({ format: 'pem', type: 'pkcs8' }),
})

function present(server: Server, key: CertifiedKey): void {
  server.setSecureContext(secureContextOf(key))
  server.closeAllConnections()
}

async function stop(server: Server): Promise<void> {
  server.close()
  server.closeAllConnections()
}
