import { createSocket, type Socket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { domainRecord, provesDomain } from '../../src/broker/identity/domain-verification.ts'
import { checkDomains } from '../../src/cli/domains.ts'
import { KeyRing } from '../../src/crypto/keyring.ts'

const secrets = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
const keyRing = new KeyRing(secrets)
let folder: string
let server: Socket
let resolver: Resolver
/** What the DNS says, by domain. */
const zone = new Map<string, readonly string[]>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-domains-'))
  await mkdir(join(folder, 'tenants'))
  const keys = secrets.map((secret) => secret.toString('base64url')).join(', ')
  await writeFile(join(folder, 'gatehouse.yaml'), `publicUrl: https://login.test\nkeys: [${keys}]\n`)
  const okta =
    'issuer: https://acme.okta.com\n    clientId: c\n    clientSecret: s\n    domains: [acme.test, acme.example]'
  await writeFile(join(folder, 'tenants/acme.yaml'), `tenant: acme\nname: Acme\nconnections:\n  okta:\n    ${okta}\n`)
  await writeFile(join(folder, 'tenants/beta.yaml'), 'tenant: beta\nname: Beta\nconnections:\n  password:\n')
  server = await startDns()
  resolver = new Resolver({ timeout: 500, tries: 1 })
  resolver.setServers([`127.0.0.1:${server.address().port}`])
})
afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true })
})
beforeEach(() => zone.clear())

/**
 * A name server on loopback that knows the TXT records of `zone`; one answer, no compression but of
 * the name asked for.
 */
async function startDns(): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    const end = query.indexOf(0, 12) + 5
    const labels: string[] = []
    for (let at = 12; query[at] !== 0; at += 1 + (query[at] ?? 0))
      labels.push(query.toString('latin1', at + 1, at + 1 + (query[at] ?? 0)))
    const answers = (zone.get(labels.join('.').toLowerCase()) ?? []).map((text) => {
      const pieces = (text.match(/.{1,100}/g) ?? []).map((piece) => Buffer.from([piece.length, ...Buffer.from(piece)]))
      const data = Buffer.concat(pieces)
      return Buffer.concat([
        Buffer.from([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, data.length >> 8, data.length & 255]),
        data,
      ])
    })
    const head = Buffer.from([query[0] ?? 0, query[1] ?? 0, 0x81, 0x80, 0, 1, 0, answers.length, 0, 0, 0, 0])
    socket.send(Buffer.concat([head, query.subarray(12, end), ...answers]), from.port, from.address)
  })
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done))
  return socket
}

async function run(
  tenant: string | undefined,
  by = resolver,
): Promise<{ readonly code: number; readonly text: string }> {
  const output = await checkDomains(
    { config: folder, words: [], given: [], ...(tenant !== undefined && { tenant }) },
    by,
  )
  return typeof output === 'string' ? { code: 0, text: output } : output
}

it('prints the record of each domain that lacks it, with exit code 1', async () => {
  zone.set('acme.test', ['v=spf1 -all', domainRecord(keyRing, 'acme', 'acme.test')])
  const { code, text } = await run('acme')
  expect(code).toBe(1)
  expect(text).toContain('ok  acme.test: record found\n')
  expect(text).toContain(`NO  acme.example: record missing\n    acme.example. TXT "gatehouse-domain=acme.`)
  zone.set('acme.example', [/"(gatehouse-domain=[^"]+)"/.exec(text)?.[1] ?? ''])
  expect(await run('acme')).toMatchObject({ code: 0 })
})

it('distinguishes a DNS failure from a missing record', async () => {
  const silent = createSocket('udp4')
  await new Promise<void>((done) => silent.bind(0, '127.0.0.1', done))
  const nobody = new Resolver({ timeout: 200, tries: 1 })
  nobody.setServers([`127.0.0.1:${silent.address().port}`])
  expect(await run('acme', nobody)).toMatchObject({ code: 1, text: expect.stringContaining('DNS does not answer') })
  silent.close()
})

it('sends no DNS query for a tenant without domains, and requires a tenant', async () => {
  expect(await run('beta')).toMatchObject({ code: 0, text: expect.stringContaining('has email domains') })
  await expect(run(undefined)).rejects.toThrow('acme, beta')
})

it('ID-02 rejects records of another tenant, domain or deployment, and accepts one under an older key', () => {
  const proves = (record: string) => provesDomain(keyRing, 'acme', 'acme.test', [record])
  expect(proves(domainRecord(keyRing, 'acme', 'acme.test'))).toBe(true)
  expect(proves(domainRecord(new KeyRing(secrets.slice(1)), 'acme', 'acme.test'))).toBe(true)
  expect(proves(domainRecord(keyRing, 'beta', 'acme.test'))).toBe(false)
  expect(proves(domainRecord(keyRing, 'beta', 'acme.test').replace('beta', 'acme'))).toBe(false)
  expect(proves(domainRecord(keyRing, 'acme', 'other.test'))).toBe(false)
  expect(proves(domainRecord(new KeyRing([Buffer.alloc(32, 3)]), 'acme', 'acme.test'))).toBe(false)
  expect(proves('gatehouse-domain=acme.')).toBe(false)
})
