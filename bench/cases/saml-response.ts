/**
 * A SAML response checked by our engine, against bare @node-saml; and the processor time of the
 * most expensive hostile responses until they are rejected.
 */
import { randomBytes } from 'node:crypto'
import { SAML } from '@node-saml/node-saml'
import { type CertifiedKey, certifiedKey } from '../../providers/saml/emulator/certificate.ts'
import { assertionXml, defaultFacts, type ResponseFacts, responseXml } from '../../providers/saml/emulator/response.ts'
import { signed } from '../../providers/saml/emulator/signature.ts'
import { maxResponseLength } from '../../providers/saml/response/response.ts'
import { saml } from '../../providers/saml/saml.ts'
import type { Connection, ConnectionContext, Memo, Recorder } from '../../src/provider/provider.ts'
import type { Storage } from '../gatehouse.ts'
import type { Result } from '../results.ts'
import type { Effort } from '../rounds.ts'
import { median } from '../statistics.ts'

const idp = 'https://idp.example/metadata'
const callbackUrl = new URL('https://login.example/t/bench/saml/callback')
const entityId = new URL('https://login.example/t/bench/saml/metadata')
const state = 'state-of-the-bench'
const responsesPerSecond = 200
const warmUps = 3
/** Short turns, so that both meet the same load of the machine. */
const turnLength = 5

export async function benchSamlResponse(_: Storage, effort: Effort): Promise<readonly Result[]> {
  const [key, stranger] = await Promise.all([certifiedKey('idp'), certifiedKey('stranger')])
  const login = await begun(key)
  const rounds = await responses(login, bare(key), effort)
  const worst = await worstRefusal(login, stranger, effort)
  const ours = median(rounds.map(({ ours }) => ours))
  return [
    {
      name: 'saml-response',
      ...{ value: 1000 / ours, unit: 'resp/s', baseline: 1000 / median(rounds.map(({ theirs }) => theirs)) },
      ratio: median(rounds.map(({ ours, theirs }) => theirs / ours)),
      cpuRatio: median(rounds.map(({ ours, theirs }) => ours / theirs)),
      cpuMs: ours,
    },
    { name: 'saml-hostile-ms', value: worst, unit: 'ms' },
  ]
}

interface Begun {
  readonly connection: Connection
  readonly memo: Memo
  readonly key: CertifiedKey
  readonly honest: () => ResponseFacts
}

const record: Recorder = { step: (_, work) => work(), check: () => undefined }

async function begun(key: CertifiedKey): Promise<Begun> {
  const seen = new Set<string>()
  const context: ConnectionContext = {
    ...{
      tenant: 'bench',
      connection: 'saml',
      callbackUrl,
      entityId,
      fetch,
      now: () => new Date(),
      random: (bytes) => randomBytes(bytes).toString('base64url'),
    },
    once: async (name) => !seen.has(name) && seen.add(name).has(name),
    metadata: { find: async () => null, replace: async () => true, otherIssuers: async () => [] },
    passwords: { find: async () => null, rehash: async () => undefined },
  }
  const known = { entityId: idp, singleSignOnUrl: 'https://idp.example/sso', certificates: [key.certificate] }
  const connection = saml.open(saml.config.parse(known), context)
  const { memo } = await connection.begin({ state, record })
  const attributes = {
    ...{ email: ['ada@example.com'], displayName: ['Ada Lovelace'], givenName: ['Ada'], familyName: ['Lovelace'] },
    groups: ['Everyone', 'Engineering', 'London', 'Computing', 'Poetry'],
  }
  const place = { issuer: idp, destination: callbackUrl.href, recipient: callbackUrl.href }
  const about = { audiences: [[entityId.href]], inResponseTo: `${memo['requestId']}`, nameId: 'ada', attributes }
  return { connection, memo, key, honest: () => defaultFacts(new Date(), { ...place, ...about }) }
}

/** With all checks that node-saml has. */
function bare(key: CertifiedKey): SAML {
  return new SAML({
    ...{ callbackUrl: callbackUrl.href, issuer: entityId.href, audience: entityId.href, idpCert: [key.certificate] },
    ...{ wantAssertionsSigned: true, wantAuthnResponseSigned: false, acceptedClockSkewMs: 60_000 },
    ...{ signatureAlgorithm: 'sha256', digestAlgorithm: 'sha256', maxAssertionAgeMs: 600_000 },
  })
}

interface Round {
  /** Processor time of a response. */
  readonly ours: number
  readonly theirs: number
}

async function responses(login: Begun, theirs: SAML, { rounds, seconds, say }: Effort): Promise<readonly Round[]> {
  const count = Math.max(20, Math.round(responsesPerSecond * seconds))
  const byUs = (message: string) => complete(login, message)
  const byThem = async (message: string) => {
    const { profile } = await theirs.validatePostResponseAsync({ SAMLResponse: message })
    if (profile?.nameID !== 'ada') throw new Error('node-saml rejected a response')
  }
  const done: Round[] = []
  for (let turn = 1 - warmUps; turn <= rounds; turn += 1) {
    const messages = Array.from({ length: count }, () => encoded(assertionSigned(login)))
    const round = { ours: 0, theirs: 0 }
    for (let at = 0; at < count; at += turnLength) {
      const turn = messages.slice(at, at + turnLength)
      const isThere = (at / turnLength) % 2 === 0 // alternating order
      if (isThere) round.ours += await cpuMsOf(turn, byUs)
      round.theirs += await cpuMsOf(turn, byThem)
      if (!isThere) round.ours += await cpuMsOf(turn, byUs)
    }
    round.ours /= count
    round.theirs /= count
    if (turn < 1) continue
    done.push(round)
    const line = `gatehouse ${round.ours.toFixed(3)} ms cpu, node-saml ${round.theirs.toFixed(3)} ms cpu`
    say(`saml response, round ${turn} of ${rounds}: ${line}`)
  }
  return done
}

async function complete({ connection, memo }: Begun, message: string): Promise<void> {
  const parameters = new URLSearchParams({ SAMLResponse: message, RelayState: state })
  const { identity } = await connection.complete({ parameters, memo, state, record })
  if (identity.subject !== 'ada') throw new Error('a response has another subject')
}

async function cpuMsOf(messages: readonly string[], work: (message: string) => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  for (const message of messages) await work(message)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const assertionSigned = ({ key, honest }: Begun, changes: Partial<ResponseFacts> = {}, signer = key): string => {
  const facts = { ...honest(), ...changes }
  return responseXml(facts, signed(assertionXml(facts), 'Assertion', signer))
}

const encoded = (xml: string) => Buffer.from(xml).toString('base64')

/** The worst median of all kinds; single runs mostly measure garbage collection. */
async function worstRefusal(login: Begun, stranger: CertifiedKey, { rounds, say }: Effort): Promise<number> {
  const costs: number[] = []
  for (const [kind, write] of hostile(login, stranger)) {
    const messages = Array.from({ length: warmUps + rounds }, () => encoded(write()))
    const each: number[] = []
    for (const message of messages) each.push(await cpuMsOf([message], (one) => refused(login, one, kind)))
    const cost = median(each.slice(warmUps))
    say(`hostile saml response, ${kind}: ${cost.toFixed(1)} ms cpu`)
    costs.push(cost)
  }
  return Math.max(...costs)
}

async function refused(login: Begun, message: string, kind: string): Promise<void> {
  if (message.length > maxResponseLength) throw new Error(`${kind}: larger than the size limit`)
  const isTaken = await complete(login, message).then(
    () => true,
    () => false,
  )
  if (isTaken) throw new Error(`a hostile response was accepted: ${kind}`)
}

/** XML bytes that fit into the longest parameter, and those around the padding. */
const room = (maxResponseLength / 4) * 3 - 8000

function hostile(login: Begun, stranger: CertifiedKey): readonly (readonly [string, () => string])[] {
  const filled = (piece: string, max = Number.POSITIVE_INFINITY) =>
    piece.repeat(Math.min(Math.floor(room / piece.length), max))
  const into = (place: string, padding: string, xml = assertionSigned(login)) =>
    xml.replace(place, `${padding}${place}`)
  const extended = (padding: string, xml?: string) =>
    into('<samlp:Status>', `<samlp:Extensions>${padding}</samlp:Extensions>`, xml)
  const prefixes = Array.from({ length: 50 }, (_, n) => ` xmlns:p${n}="urn:${n}"`).join('')
  const used = Array.from({ length: 2 }, (_, n) => ` p${n}:a="&quot;&lt;&amp;"`).join('')
  const many = `<a${prefixes}>${filled(`<p49:b${used}/>`, 2200)}</a>`
  const deep = `${`<a${prefixes}>`.repeat(50)}${filled('<b/>', 2350)}${'</a>'.repeat(50)}`
  const list = Array.from({ length: 20 }, (_, n) => `q${n}`).join(' ')
  const listed = (xml: string) =>
    xml.replace(
      /(<ds:CanonicalizationMethod Algorithm="([^"]*)")\/>/,
      `$1><i:InclusiveNamespaces xmlns:i="$2" PrefixList="${list}"/></ds:CanonicalizationMethod>`,
    )
  const largeName = { nameId: filled('&amp;', 35_000) }
  return [
    ['depth', () => extended(filled('<a>'))],
    ['elements', () => extended(filled('<a/>'))],
    ['attributes', () => extended(filled(`<a ${Array.from({ length: 60 }, (_, n) => `a${n}=""`).join(' ')}/>`))],
    ['prefixes', () => extended(many)],
    ['prefixes in what is signed', () => into('</saml:Assertion>', many)],
    ['prefixes in the signature', () => into('</ds:SignedInfo>', many)],
    ['prefixes listed in the signature', () => listed(into('</ds:SignedInfo>', deep))],
    ['prefixes deep in what is signed', () => into('</saml:Assertion>', deep)],
    ['entities', () => extended(filled('&#65;'))],
    ['entities in what is signed', () => into('</saml:Assertion>', `<a>${filled('&#38;')}</a>`)],
    ['entities in the signature', () => into('</ds:SignedInfo>', `<a>${filled('&#38;')}</a>`)],
    ['an unsigned text', () => extended(filled('x'))],
    [
      'an unsigned part as large as it may be',
      () => extended('x'.repeat(40_000), assertionSigned(login, { recipient: 'x' })),
    ],
    ['text that is signed by a stranger', () => assertionSigned(login, largeName, stranger)],
    ['one that is not finished', () => filled('<a b="c">', 60).slice(0, -4) + filled(' ')],
  ]
}
