/** Trust in published metadata, across restarts and processes. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type CertifiedKey, certifiedKey } from '../../../providers/saml/emulator/certificate.ts'
import { idpMetadata } from '../../../providers/saml/emulator/response.ts'
import { signed } from '../../../providers/saml/emulator/signature.ts'
import { readMetadata } from '../../../providers/saml/metadata/idp-metadata.ts'
import { evaluateMetadata, type Known, keysOf } from '../../../providers/saml/metadata/trusted-metadata.ts'
import type { ConnectionContext } from '../../../src/provider/provider.ts'
import { testContext, testRecorder } from '../../contract/context.ts'
import { type Config, open, sharedKeys, state } from '../../support/providers/saml-forge.ts'

const entityId = 'https://idp.acme.test/metadata'
const sso = 'https://idp.acme.test/sso'
let old: CertifiedKey
let next: CertifiedKey
let third: CertifiedKey
beforeAll(async () => {
  const keys = await sharedKeys()
  ;[old, next, third] = [keys.idp, keys.next, await certifiedKey('third')]
})

/** What stands at the address of the metadata now. */
let published = ''
const server = createServer((_, response) => response.end(published))
let metadataUrl = ''
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  metadataUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metadata`
})
afterAll(() => void server.close())

interface Changes {
  readonly entity?: string
  readonly address?: string
  readonly logoutAddress?: string
  readonly signer?: CertifiedKey
}

function metadataOf(certified: readonly CertifiedKey[], { entity, address, signer, ...more }: Changes = {}): string {
  const certificates = certified.map(({ certificate }) => certificate)
  const xml = idpMetadata({ entityId: entity ?? entityId, address: address ?? sso, certificates, ...more })
  return signer === undefined ? xml : signed(xml, 'EntityDescriptor', signer)
}

let trustedMetadata: ConnectionContext['metadata']
let minutes = 0
beforeEach(() => {
  trustedMetadata = testContext().metadata
  published = metadataOf([old])
})

/** The process after a start: of what was before it knows what is stored. Each is an hour later. */
function newProcess(config: Config = {}, others: ConnectionContext['metadata']['otherIssuers'] = async () => []) {
  minutes += 60
  const time = Date.now() + minutes * 60_000
  const connection = open(
    { metadataUrl, ...config },
    { metadata: { ...trustedMetadata, otherIssuers: others }, now: () => new Date(time) },
  )
  const health = async () => {
    const { status, checks } = await connection.health(AbortSignal.timeout(5000))
    return [status, checks.filter(({ ok }) => !ok).map(({ name }) => name)]
  }
  const sendsTo = async () => {
    const challenge = await connection.begin({ state, record: testRecorder() })
    return challenge.step === 'ask' ? '' : `${challenge.url.origin}${challenge.url.pathname}`
  }
  const trustMetadata = async (digest?: string) =>
    (await (digest === undefined ? connection.metadata?.inspect?.() : connection.metadata?.trust?.(digest))) ??
    expect.unreachable()
  return { connection, health, sendsTo, trustMetadata }
}

const well = ['up', []]

describe('SA-87 the trusted metadata of an identity provider', () => {
  it('is its first description, and what a key of that signed since', async () => {
    expect(await newProcess().health()).toEqual(well)
    published = metadataOf([old, next], { signer: old })
    expect(await newProcess().health()).toEqual(well)
    published = metadataOf([next, third], { address: 'https://new.acme.test/sso', signer: next })
    const inTheFuture = newProcess()
    expect(await inTheFuture.health()).toEqual(well)
    expect(await inTheFuture.sendsTo()).toBe('https://new.acme.test/sso')
  })

  it('does not trust a new key without a known signature, in this process, after a restart, or in another', async () => {
    const running = newProcess()
    expect(await running.health()).toEqual(well)
    for (const signer of [undefined, next]) {
      published = metadataOf([next], { address: 'https://evil.test/sso', ...(signer && { signer }) })
      for (const process of [running, newProcess(), newProcess()]) {
        expect(await process.health()).toEqual(['degraded', ['new certificate']])
        expect(await process.sendsTo()).toBe(sso)
      }
    }
    expect((await trustedMetadata.find())?.content).not.toContain('evil')
    published = metadataOf([old])
    expect(await newProcess().health()).toEqual(well)
  })

  it.each<[string, Changes]>([
    ['address for sign-in', { address: 'https://evil.test/sso' }],
    ['address for sign-out', { logoutAddress: 'https://evil.test/slo' }],
  ])('does not trust a new %s without a known signature, although the keys are known', async (_, changes) => {
    expect(await newProcess().health()).toEqual(well)
    published = metadataOf([old], changes)
    const inTheFuture = newProcess()
    expect(await inTheFuture.health()).toEqual(['degraded', ['new address']])
    expect(await inTheFuture.sendsTo()).toBe(sso)
    published = metadataOf([old], { ...changes, signer: old })
    expect(await newProcess().health()).toEqual(well)
  })

  it('is no other identity provider at the same address', async () => {
    expect(await newProcess().health()).toEqual(well)
    published = metadataOf([old], { entity: 'https://other.test', signer: old })
    const inTheFuture = newProcess()
    expect(await inTheFuture.health()).toEqual(['down', ['identity provider']])
    const refused = { code: 'upstream_invalid', check: { ok: false, expected: entityId, got: 'https://other.test' } }
    await expect(inTheFuture.sendsTo()).rejects.toMatchObject(refused)
  })

  it('is what an admin says yes to, in every process, and nothing that changed since it was shown', async () => {
    const running = newProcess()
    await running.health()
    published = metadataOf([old, next], { address: 'https://new.acme.test/sso' })
    const shown = await newProcess().trustMetadata()
    expect(shown.trusted).toBe(false)
    expect(shown.lines.filter(({ known }) => !known)).toEqual([
      { name: 'address', value: 'https://new.acme.test/sso', known: false },
      { name: 'certificate', value: expect.stringMatching(/^SHA-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}$/), known: false },
    ])
    const honest = published
    published = metadataOf([third])
    expect((await newProcess().trustMetadata(shown.digest)).trusted).toBe(false)
    expect(await newProcess().health()).toEqual(['degraded', ['new certificate']])
    published = honest
    expect((await newProcess().trustMetadata(shown.digest)).trusted).toBe(true)
    expect(await running.health()).toEqual(well)
    expect(await running.sendsTo()).toBe('https://new.acme.test/sso')
    expect(await newProcess().trustMetadata()).toMatchObject({ trusted: true, digest: shown.digest })
  })

  it('is a certificate that the config names', async () => {
    await newProcess().health()
    published = metadataOf([old, next])
    expect(await newProcess().health()).toEqual(['degraded', ['new certificate']])
    expect(await newProcess({ certificates: [next.certificate] }).health()).toEqual(well)
    expect(await newProcess().health()).toEqual(well)
  })

  it('begins anew where the config means another identity provider', async () => {
    await newProcess().health()
    published = metadataOf([next], { entity: 'https://other.test' })
    expect(await newProcess({ entityId: 'https://other.test' }).health()).toEqual(well)
    published = metadataOf([third], { entity: 'https://third.test' })
    expect(await newProcess({ metadataUrl: `${metadataUrl}?of=third` }).health()).toEqual(well)
  })

  it('is one thing for processes that begin at once', async () => {
    const processes = Array.from({ length: 10 }, () => newProcess())
    const healths = await Promise.all(processes.map(({ health }) => health()))
    expect(new Set(healths.map(([status]) => status))).toEqual(new Set(['up']))
    expect(JSON.parse((await trustedMetadata.find())?.content ?? '').keys).toHaveLength(1)
  })

  it('FT-09 is not begun anew while the store does not answer', async () => {
    await newProcess().health()
    const stored = trustedMetadata
    trustedMetadata = { ...stored, find: () => Promise.reject(new Error('the store is down')) }
    published = metadataOf([next])
    await expect(newProcess().sendsTo()).rejects.toThrow('the store is down')
    trustedMetadata = stored
    expect((await newProcess().health())[0]).toBe('degraded')
  })
})

describe('RP-37 the name of an identity provider', () => {
  const google = async () => [{ connection: 'google', issuer: entityId }]
  const check = { name: 'entityID of the metadata', ok: false, got: expect.stringContaining('connection google') }

  it('is refused where another connection of the tenant has it, and the connection is down', async () => {
    const partner = newProcess({}, google)
    expect(await partner.health()).toEqual(['down', ['identity provider']])
    await expect(partner.sendsTo()).rejects.toMatchObject({ code: 'upstream_invalid', check })
    await expect(partner.trustMetadata()).rejects.toMatchObject({ check })
    expect(await trustedMetadata.find()).toBeNull()
  })

  it('is refused where it may be one of the issuers of another connection (Entra ID for many directories)', async () => {
    const entra = async () => [{ connection: 'entra', issuer: { before: 'https://idp.acme.test/', after: '/v2.0' } }]
    published = metadataOf([old], { entity: 'https://idp.acme.test/9122040d-6c67-4c5b-b112-36a304b66dad/v2.0' })
    const partner = newProcess({}, entra)
    expect(await partner.health()).toEqual(['down', ['identity provider']])
    const got = expect.stringContaining('connection entra')
    await expect(partner.sendsTo()).rejects.toMatchObject({ code: 'upstream_invalid', check: { got } })
    published = metadataOf([old])
    expect(await newProcess({}, entra).health()).toEqual(well)
  })

  it('is refused from the moment on that another connection has it', async () => {
    let others: Awaited<ReturnType<typeof google>> = []
    const partner = newProcess({}, async () => others)
    expect(await partner.health()).toEqual(well)
    others = await google()
    expect((await partner.health())[0]).toBe('down')
    await expect(partner.sendsTo()).rejects.toMatchObject({ check })
    others = []
    expect(await partner.health()).toEqual(well)
  })

  it('may be shared where the config says it, or where both have one description', async () => {
    expect(await newProcess({ entityId }, google).health()).toEqual(well)
    const same = async () => [{ connection: 'staff', issuer: entityId, source: metadataUrl }]
    expect(await newProcess({}, same).health()).toEqual(well)
    const elsewhere = async () => [{ connection: 'staff', issuer: entityId, source: 'https://idp.acme.test/other' }]
    expect((await newProcess({}, elsewhere).health())[0]).toBe('down')
  })
})

describe('SA-87 certificates of the config beside the metadata', () => {
  const now = new Date()
  const read = (text: string) => readMetadata(text, 'in a test', undefined, now)
  const known = (keys: readonly CertifiedKey[], pinned: readonly CertifiedKey[] = []): Known => ({
    idp: { ...read(metadataOf([old])), keys: trusted(keys) },
    pinned: trusted(pinned),
  })
  const trusted = (keys: readonly CertifiedKey[]) => keysOf(keys.map(({ certificate }) => certificate))
  const pick = (names: string) =>
    names.split(' ').flatMap((name) => ({ old: [old], next: [next], third: [third] })[name] ?? [])

  it.each([
    // in the metadata, known, pinned then, pinned now → trusted, with a problem?
    ['old', '', '', 'old', 'old', false],
    ['old next', '', '', 'old', 'old', true],
    ['old next', 'old', '', 'next', 'old next', false],
    ['old next', 'old', 'old', 'next', 'next', true],
    ['next', 'old', 'old', 'next', 'next', false],
    ['old', 'old', 'old', '', 'old', false],
    ['old next', 'old', 'old', '', 'old', true],
  ])('metadata of %s, known %j, pinned %j before and %j now: %s is trusted, something is new: %s', (...row) => {
    const [text, before, pinnedBefore, pinned, expected, isNew] = row
    const kept = before === '' ? undefined : known(pick(before), pick(pinnedBefore))
    const { idp, problem } = evaluateMetadata(read(metadataOf(pick(text))), kept, trusted(pick(pinned)))
    expect(idp.keys.map(({ pem }) => pem).toSorted()).toEqual(
      trusted(pick(expected))
        .map(({ pem }) => pem)
        .toSorted(),
    )
    expect(problem?.name).toBe(isNew ? 'new certificate' : undefined)
  })
})
